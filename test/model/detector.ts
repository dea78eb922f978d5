/**
 * The verdict over a list of outcomes, and the counts that are shown beside it.
 */

import type { ModelOptions, RateRule } from "./options.ts";
import {
  type Counts,
  countCountWindow,
  countFailuresInARow,
  countTimeWindow,
  EMPTY,
  type Histories,
} from "./window.ts";

/** Why the endpoint counts as failing. */
export type DetectorCause =
  | "success_rate_over_time_window"
  | "slow_call_rate_over_time_window"
  | "success_rate_over_count_window"
  | "slow_call_rate_over_count_window"
  | "consecutive_failures"
  | "hung_calls";

/** The first cause that is true, and what the window holds that shows it. */
export interface Verdict {
  readonly cause: DetectorCause;
  readonly counts: Counts;
}

/**
 * The first of the causes that is true at `nowMs`: window by window; so many calls hang. Where only a share of the calls
 * passes, that share of the least number of calls is enough.
 */
export function judge(
  options: ModelOptions,
  histories: Histories,
  nowMs: number,
  hung: number,
  share: number,
): Verdict | undefined {
  const { consecutiveFailures } = options;
  const timeWindow = options.timeWindow && sharing(options.timeWindow, share);
  const countWindow = options.countWindow && sharing(options.countWindow, share);
  if (timeWindow) {
    const counts = countTimeWindow(timeWindow, histories.time, nowMs);
    if (successRateIsLow(timeWindow, counts)) return { cause: "success_rate_over_time_window", counts };
    if (slowRateIsHigh(timeWindow, counts)) return { cause: "slow_call_rate_over_time_window", counts };
    const provisional = { ...counts, calls: counts.calls + hung, failures: counts.failures + hung };
    if (successRateIsLow(timeWindow, provisional)) return { cause: "hung_calls", counts: provisional };
  }
  if (countWindow) {
    const counts = countCountWindow(countWindow, histories.count);
    if (successRateIsLow(countWindow, counts)) return { cause: "success_rate_over_count_window", counts };
    if (slowRateIsHigh(countWindow, counts)) return { cause: "slow_call_rate_over_count_window", counts };
  }
  if (consecutiveFailures !== undefined) {
    const failures = countFailuresInARow(histories.row);
    const counts =
      timeWindow || countWindow
        ? countShown(options, histories, nowMs)
        : { calls: failures, failures, slow: 0 };
    if (failures >= consecutiveFailures) return { cause: "consecutive_failures", counts };
  }
  return undefined;
}

function sharing<Rule extends RateRule>(rule: Rule, share: number): Rule {
  return { ...rule, minimumCalls: rule.minimumCalls * share };
}

/** What a snapshot shows: the time window if there is one, else the count window. */
export function countShown(options: ModelOptions, histories: Histories, nowMs: number): Counts {
  if (options.timeWindow) return countTimeWindow(options.timeWindow, histories.time, nowMs);
  return options.countWindow ? countCountWindow(options.countWindow, histories.count) : EMPTY;
}

/** The share of calls that succeeded; 1 where there were none. */
export function successRateOf({ calls, failures }: Counts): number | undefined {
  return calls === 0 ? undefined : (calls - failures) / calls;
}

function successRateIsLow(rule: RateRule, counts: Counts): boolean {
  return counts.calls >= rule.minimumCalls && (successRateOf(counts) ?? 1) < rule.requiredSuccessRate;
}

function slowRateIsHigh(rule: RateRule, { calls, slow }: Counts): boolean {
  if (rule.slowCallMs === Number.POSITIVE_INFINITY) return false; // whatever was slow by another rule before
  return calls >= rule.minimumCalls && slow / calls > rule.maximumSlowRate;
}
