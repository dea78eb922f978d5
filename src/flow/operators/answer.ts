/** What an answer says about whoever takes the events, to the operators that watch how long it takes. */

import type { Correlation } from "../protocol/correlation.ts";
import type { Insight } from "../protocol/insight.ts";
import { outcomeOf } from "../protocol/insight.ts";

/**
 * `bad`: a copy failed, came with an error, or took longer than `timeoutMs`. `good`: all copies are answered, one was
 * acked and none was bad. undefined: not known yet, told already, or nobody was asked.
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
