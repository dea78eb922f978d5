/**
 * `bluesmoke/flow`: events, signals and insights, the graph that they move in, and its operators.
 * @module bluesmoke/flow
 */

export type { RawText } from "../ndjson/raw-text.ts";
export type { Accounting } from "./graph/accounting.ts";
export { GraphBuilder } from "./graph/builder.ts";
export type { Graph } from "./graph/graph.ts";
export type { OperatorPorts } from "./graph/plan.ts";
export type { RetryOptions } from "./graph/retry-options.ts";
export type { SourceListener, TrackedSource } from "./graph/source-tracker.ts";
export { Backpressure, type BackpressureSettings } from "./operators/backpressure.ts";
export { Batch, type BatchSettings } from "./operators/batch.ts";
export type { BreakerRecord, ErrorRecord, TurnedAway } from "./operators/breaker-record.ts";
export { CATALOG, type OperatorDefinition, type OperatorOptions } from "./operators/catalog.ts";
export { CircuitBreakerOperator } from "./operators/circuit-breaker.ts";
export type { BreakerSettings } from "./operators/circuit-breaker-options.ts";
export { type BreakerCloudEvent, type CloudEventOptions, cloudEventOf } from "./operators/cloud-event.ts";
export type { EndpointOf } from "./operators/endpoint.ts";
export type { OperatorHost } from "./operators/host.ts";
export { Passthrough } from "./operators/passthrough.ts";
export { Percentile, type PercentileSettings } from "./operators/percentile.ts";
export { RoundRobin } from "./operators/round-robin.ts";
export {
  BREAKER_CLOUD_EVENT_SCHEMA,
  BREAKER_EVENT_SCHEMA,
  INSIGHT_SCHEMA,
  type SchemaType,
  SIGNAL_SCHEMA,
  type TypesByName,
} from "./operators/schema.ts";
export { Select, type SelectParts, type Subject } from "./operators/select.ts";
export { type Correlation, findCorrelation, type Outcome, outcomeOf } from "./protocol/correlation.ts";
export {
  DISPOSITION,
  type Disposition,
  type EventContent,
  FlowEvent,
  JOINED,
  type Meta,
  NO_SOURCE,
  OWNED,
} from "./protocol/event.ts";
export { GraphError, type GraphFault, type GraphLink, type PortRef } from "./protocol/graph-error.ts";
export type { AckAll, Insight, InsightKind } from "./protocol/insight.ts";
export type { LogState, OnEnd, Operator, OperatorContext, Output } from "./protocol/operator.ts";
export {
  type InsightRecord,
  recordOfInsight,
  recordOfSignal,
  type SignalRecord,
} from "./protocol/records.ts";
export { type Signal, type SignalKind, TICK_MS } from "./protocol/signal.ts";
export type { Sink, SinkContext, Source, SourceItem } from "./protocol/source-and-sink.ts";
export { type ReplayOptions, ReplaySource } from "./runtime/replay.ts";
export { type FlowParts, runFlow } from "./runtime/run-flow.ts";
