/** The end of an event at a breaker: its outcome is reported, or it is turned away. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { Correlation, Outcome } from "../protocol/correlation.ts";
import type { FlowEvent, Meta } from "../protocol/event.ts";
import type { Insight } from "../protocol/insight.ts";
import type { Output } from "../protocol/operator.ts";

/** The longest `retry_after_ms` that is believed: a day. */
const LONGEST_HOLD_MS = 86_400_000;

/** Reports to the breaker that gave the ticket of the correlation. */
export function reportOutcome(outcome: Outcome, { about, value }: Correlation, insight: Insight): void {
  const breaker = about as CircuitBreaker; // no other operator correlates with the node
  const { atMs, durationMs, meta } = insight;
  if (outcome === "ack") breaker.onSuccess(value, atMs, durationMs);
  else if (outcome === "release") breaker.release(value, atMs);
  else breaker.onFailure(value, atMs, durationMs, 1, holdOf(meta?.retry_after_ms), errorIn(meta));
}

/** Sends an event out by a port that turns away, with more metadata. */
export function turnAway(event: FlowEvent, meta: Meta, port: Output): void {
  event.meta = event.meta === undefined ? meta : { ...event.meta, ...meta };
  port.emit(event);
}

/** The error that the metadata of a failure names. */
export function errorIn(meta: Meta | undefined): unknown {
  return meta?.error === undefined ? undefined : { message: meta.error, code: meta.status };
}

/** A sink may say anything. */
function holdOf(retryAfterMs: unknown): number {
  if (typeof retryAfterMs !== "number" || !Number.isFinite(retryAfterMs)) return 0;
  return Math.min(Math.max(retryAfterMs, 0), LONGEST_HOLD_MS);
}
