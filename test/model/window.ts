/**
 * Windows as plain questions to the list of all outcomes since the breaker closed, oldest first.
 */

import type { CountWindowRule, TimeWindowRule } from "./options.ts";

/** One report: `weight` calls that went the same way. */
export interface Outcome {
  /** Effective time of the report, in ms. */
  readonly timeMs: number;
  readonly weight: number;
  readonly failed: boolean;
  /** NaN: not measured. */
  readonly durationMs: number;
  /** Whether it was slow when it was reported, where the rule has changed since. */
  readonly wasSlow?: boolean;
}

/** What each detector has been told since the breaker closed, or since it got another shape. */
export interface Histories {
  readonly time: readonly Outcome[];
  readonly count: readonly Outcome[];
  readonly row: readonly Outcome[];
}

/** Nothing yet. */
export const NO_HISTORIES: Histories = { time: [], count: [], row: [] };

/** What a window holds. */
export interface Counts {
  calls: number;
  failures: number;
  slow: number;
}

/** What a window without outcomes holds. */
export const EMPTY: Readonly<Counts> = { calls: 0, failures: 0, slow: 0 };

/** The outcomes of the bucket that `nowMs` lies in and of the `buckets` - 1 before it. */
export function countTimeWindow(
  rule: TimeWindowRule,
  outcomes: readonly Outcome[],
  nowMs: number,
  bucketMs = rule.windowMs / rule.buckets,
): Counts {
  const current = bucketAt(nowMs, bucketMs);
  const counts = { ...EMPTY };
  for (const outcome of outcomes) {
    const bucket = bucketAt(outcome.timeMs, bucketMs);
    if (bucket > current - rule.buckets && bucket <= current) {
      add(counts, outcome, outcome.weight, rule.slowCallMs);
    }
  }
  return counts;
}

/** The latest `calls` calls; of the oldest report in it, only as many calls as there is room for. */
export function countCountWindow(rule: CountWindowRule, outcomes: readonly Outcome[]): Counts {
  const counts = { ...EMPTY };
  for (const outcome of outcomes.toReversed()) {
    const room = rule.calls - counts.calls;
    add(counts, outcome, Math.min(outcome.weight, room), rule.slowCallMs);
  }
  return counts;
}

/** How many calls have failed since the latest success. */
export function countFailuresInARow(outcomes: readonly Outcome[]): number {
  const latestSuccess = outcomes.findLastIndex((outcome) => !outcome.failed);
  return outcomes.slice(latestSuccess + 1).reduce((sum, outcome) => sum + outcome.weight, 0);
}

/** The n with n * width <= time < (n + 1) * width; the quotient alone may be off by one where a bucket begins. */
export function bucketAt(timeMs: number, widthMs: number): number {
  let bucket = Math.floor(timeMs / widthMs);
  while (bucket * widthMs > timeMs) bucket--;
  while ((bucket + 1) * widthMs <= timeMs) bucket++;
  return bucket;
}

function add(counts: Counts, outcome: Outcome, weight: number, slowCallMs: number): void {
  counts.calls += weight;
  if (outcome.failed) counts.failures += weight;
  if (outcome.wasSlow ?? outcome.durationMs > slowCallMs) counts.slow += weight;
}
