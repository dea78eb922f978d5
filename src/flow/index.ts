/**
 * `bluesmoke/flow`: events, signals and insights, the graph that they move in, and its operators.
 * @module bluesmoke/flow
 */

export { Backpressure, type BackpressureSettings } from "./backpressure.ts";
export { Batch, type BatchSettings } from "./batch.ts";
export { GraphBuilder, type PortRef } from "./builder.ts";
export { CATALOG, type OperatorDefinition, type OperatorOptions } from "./catalog.ts";
export { CircuitBreakerOperator } from "./circuitbreaker.ts";
export { type BreakerCloudEvent, type CloudEventOptions, cloudEventOf } from "./cloudevent.ts";
export type { EndpointOf } from "./endpoint.ts";
export { FATE, type Fate, FlowEvent, JOINED, type Meta, NO_SOURCE, type ReadText } from "./event.ts";
export type { Graph } from "./graph.ts";
export { GraphError } from "./grapherror.ts";
export type { OperatorHost } from "./host.ts";
export { type Insight, type InsightKind, type Outcome, outcomeOf } from "./insight.ts";
export type { SourceEar, SourcePlace } from "./intake.ts";
export type { Ledger } from "./ledger.ts";
export { findMark, type Mark } from "./mark.ts";
export type { Operator, OperatorContext, Output } from "./operator.ts";
export { Passthrough } from "./passthrough.ts";
export { Percentile, type PercentileSettings } from "./percentile.ts";
export type { Sink, SinkContext, Source, SourceItem } from "./ramp.ts";
export type { BreakerRecord, TurnedAway } from "./record.ts";
export { type ReplayOptions, ReplaySource } from "./replay.ts";
export { RoundRobin } from "./roundrobin.ts";
export { type FlowParts, runFlow } from "./runtime.ts";
export {
  BREAKER_CLOUD_EVENT_SCHEMA,
  BREAKER_EVENT_SCHEMA,
  INSIGHT_SCHEMA,
  type SchemaType,
  SIGNAL_SCHEMA,
  type TypesByName,
} from "./schema.ts";
export { Select, type SelectParts } from "./select.ts";
export type { BreakerSettings } from "./settings.ts";
export { type Signal, type SignalKind, TICK_MS } from "./signal.ts";
export { type InsightRecord, recordOfInsight, recordOfSignal, type SignalRecord } from "./wire.ts";
