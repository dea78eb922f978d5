/** What an answer says about whoever takes the events, to the operators that watch how long it takes. */

import type { Mark } from "../graph/mark.ts";
import type { Insight } from "../insight.ts";
import { outcomeOf } from "../insight.ts";

/**
 * `bad`: a copy failed, came with an error, or took longer than `timeoutMs`. `good`: all copies are answered, one was
 * acked and none was bad. undefined: not known yet, told already, or nobody was asked.
 */
export function verdictOf(mark: Mark, insight: Insight, timeoutMs: number): "good" | "bad" | undefined {
  if (mark.concluded) return undefined;
  if (isBad(insight, timeoutMs)) {
    mark.concluded = true;
    return "bad";
  }
  return outcomeOf(mark, insight) === "ack" ? "good" : undefined;
}

function isBad({ kind, durationMs, meta }: Insight, timeoutMs: number): boolean {
  return kind === "fail" || durationMs > timeoutMs || meta?.error !== undefined;
}
