/**
 * `bluesmoke/flow`: events, signals and insights, the graph that they move in, and its operators.
 * @module bluesmoke/flow
 */

export { type BreakerCloudEvent, type CloudEventOptions, cloudEventOf } from "./cloudevent.ts";
export type { Sink, SinkContext, Source, SourceItem } from "./ends.ts";
export { FATE, type Fate, FlowEvent, JOINED, type Meta, NO_SOURCE, type ReadText } from "./event.ts";
export { GraphBuilder, type PortRef } from "./graph/builder.ts";
export type { Graph } from "./graph/graph.ts";
export { GraphError } from "./graph/grapherror.ts";
export type { SourceEar, SourcePlace } from "./graph/intake.ts";
export type { Ledger } from "./graph/ledger.ts";
export { findMark, type Mark } from "./graph/mark.ts";
export type { RetryOptions } from "./graph/retry-options.ts";
export type { OperatorHost } from "./host.ts";
export { type Insight, type InsightKind, type Outcome, outcomeOf } from "./insight.ts";
export { Backpressure, type BackpressureSettings } from "./operator/backpressure.ts";
export { Batch, type BatchSettings } from "./operator/batch.ts";
export { CATALOG, type OperatorDefinition, type OperatorOptions } from "./operator/catalog.ts";
export { CircuitBreakerOperator } from "./operator/circuitbreaker.ts";
export type { EndpointOf } from "./operator/endpoint.ts";
export type { Operator, OperatorContext, Output } from "./operator/operator.ts";
export { Passthrough } from "./operator/passthrough.ts";
export { Percentile, type PercentileSettings } from "./operator/percentile.ts";
export type { BreakerRecord, ErrorRecord, TurnedAway } from "./operator/record.ts";
export { RoundRobin } from "./operator/roundrobin.ts";
export { Select, type SelectParts } from "./operator/select.ts";
export type { BreakerSettings } from "./operator/settings.ts";
export { type ReplayOptions, ReplaySource } from "./run/replay.ts";
export { type FlowParts, runFlow } from "./run/runtime.ts";
export {
  BREAKER_CLOUD_EVENT_SCHEMA,
  BREAKER_EVENT_SCHEMA,
  INSIGHT_SCHEMA,
  type SchemaType,
  SIGNAL_SCHEMA,
  type TypesByName,
} from "./schema.ts";
export { type Signal, type SignalKind, TICK_MS } from "./signal.ts";
export { type InsightRecord, recordOfInsight, recordOfSignal, type SignalRecord } from "./wire.ts";
