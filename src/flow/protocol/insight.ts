/** Contraflow: insights move backward, from sinks and operators to the sources. */

import type { Correlation } from "./correlation.ts";
import type { FlowEvent, Meta } from "./event.ts";

/**
 * `ack`: the event is where it belongs. `fail`: it is not, and will not be. `release` (ours, tremor has no
 * word for it): it ended before a sink could say either, so an operator that keeps a ticket for it gives it back
 * without a verdict. `trigger`, `restore`: the sender cannot take events now, can again. `sink_start`,
 * `drained`: a sink is about to start, has answered everything.
 */
export type InsightKind = "ack" | "fail" | "release" | "trigger" | "restore" | "sink_start" | "drained";

/** An insight copies id, ingest time and correlations from the event that it answers. */
export interface Insight {
  /** Its meaning. */
  readonly kind: InsightKind;
  /** When it was sent, in ms, on the same clock as `ingestMs` of events. */
  readonly atMs: number;
  /** Node of the graph that sent it: the sink of a trigger or restore. */
  readonly from: number;
  /** ack, fail, release: source, pull id, ingest time and correlations of the answered event; else -1, 0, `atMs`, none. */
  readonly source: number;
  /** Id of the answered event at its source, from 1. */
  readonly id: number;
  /** When that event came in, in ms. */
  readonly ingestMs: number;
  /** Correlations that operators left on that event, the latest first. */
  readonly correlations: Correlation | undefined;
  /** ack, fail: how long the sink took, in ms; NaN where it does not know. */
  readonly durationMs: number;
  /** fail: why (`error`), and `retry_after_ms` where the endpoint named one. */
  readonly meta: Meta | undefined;
}

/** Many acks in one insight: a response of a sink to many events. */
export interface AckAll {
  /** Its meaning. */
  readonly kind: "ack";
  /** When it was sent, in ms, on the same clock as `ingestMs` of events. */
  readonly atMs: number;
  /** Node of the graph that sent it. */
  readonly from: number;
  /** The answered events. Their correlations count this answer already. */
  readonly events: readonly FlowEvent[];
  /** How long the sink took, in ms; NaN where it does not know. */
  readonly durationMs: number;
}
