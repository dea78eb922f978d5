/** The verdict of an answer about the sinks ahead, for operators that watch how long answers take. */

import { type Correlation, outcomeOf } from "../protocol/correlation.ts";
import type { Insight } from "../protocol/insight.ts";

/**
 * `bad`: a copy failed, came with an error, or took longer than `timeoutMs`. `good`: all copies are answered, one was
 * acked and none was bad. undefined: not known yet, reported already, or no sink was asked.
 */
export function verdictOf(
  correlation: Correlation,
  insight: Insight,
  timeoutMs: number,
): "good" | "bad" | undefined {
  if (correlation.reported) return undefined;
  if (isBad(insight, timeoutMs)) {
    correlation.reported = true;
    return "bad";
  }
  return outcomeOf(correlation, insight) === "ack" ? "good" : undefined;
}

function isBad({ kind, durationMs, meta }: Insight, timeoutMs: number): boolean {
  return kind === "fail" || durationMs > timeoutMs || meta?.error !== undefined;
}
