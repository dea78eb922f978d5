/** What moves backward: contraflow, from sinks and operators to the sources. */
import type { Meta } from "./event.ts";
import type { Mark } from "./graph/mark.ts";

/**
 * `ack`: the event is where it belongs. `fail`: it is not, and will not be. `release` (ours, tremor has no
 * word for it): it ended before a sink could say either, so whoever holds something for it gives it back
 * without a verdict. `trigger`, `restore`: the sender cannot take events now, can again. `sink_start`,
 * `drained`: a sink is about to start, has answered everything.
 */
export type InsightKind = "ack" | "fail" | "release" | "trigger" | "restore" | "sink_start" | "drained";

/** An insight copies id, ingest time and marks from the event that it answers. */
export interface Insight {
  /** What it says. */
  readonly kind: InsightKind;
  /** When it was sent, in ms, on the same clock as `ingestMs` of events. */
  readonly atMs: number;
  /** Node of the graph that sent it: the sink of a trigger or restore. */
  readonly from: number;
  /** ack, fail, release: source, pull id, ingest time and marks of the answered event; else -1, 0, `atMs`, none. */
  readonly source: number;
  /** Id of the answered event at its source, from 1. */
  readonly id: number;
  /** When that event came in, in ms. */
  readonly ingestMs: number;
  /** What operators left on that event, the latest first. */
  readonly marks: Mark | undefined;
  /** ack, fail: how long the sink took, in ms; NaN where it does not know. */
  readonly durationMs: number;
  /** fail: why (`error`), and `retry_after_ms` where the endpoint named one. */
  readonly meta: Meta | undefined;
}

/** What became of a marked event as a whole. */
export type Outcome = "ack" | "fail" | "release";

/**
 * What an operator has to do about its mark, told once for each mark although every copy is answered:
 * `fail` with the first copy that failed; else, with the last copy, `ack` if any was acked and `release` if
 * none was. undefined: not yet, or told already.
 */
export function outcomeOf(mark: Mark, insight: Insight): Outcome | undefined {
  if (mark.concluded) return undefined;
  if (insight.kind === "fail") {
    mark.concluded = true;
    return "fail";
  }
  if (mark.holders > 0) return undefined;
  mark.concluded = true;
  return mark.acked ? "ack" : "release";
}
