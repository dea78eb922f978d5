/** What of a breaker stays when it gets other options. */
import type { ModelOptions, TimeWindowRule } from "./options.ts";
import type { Histories } from "./window.ts";

/** Whether tickets stay what they are: the same windows, the same number of leases. */
export function isSameShape(one: ModelOptions, other: ModelOptions): boolean {
  if (countsPending(one) !== countsPending(other) || !one.overload !== !other.overload) return false;
  if (hasLimit(one) !== hasLimit(other)) return false;
  return keepsTime(one, other) && keepsCount(one, other) && one.probes === other.probes;
}

/** Whether calls may be refused while it is closed. */
function hasLimit({ overload, maximumPending }: ModelOptions): boolean {
  return overload !== undefined || maximumPending !== undefined;
}

/** Whether calls are counted while they are out. */
export function countsPending(
  options: ModelOptions,
): options is ModelOptions & { readonly timeWindow: TimeWindowRule } {
  return options.timeWindow?.hungAfterMs !== undefined || options.maximumPending !== undefined;
}

export function keepsTime({ timeWindow: one }: ModelOptions, { timeWindow: other }: ModelOptions): boolean {
  return one?.windowMs === other?.windowMs && one?.buckets === other?.buckets;
}

function keepsCount({ countWindow: one }: ModelOptions, { countWindow: other }: ModelOptions): boolean {
  return one?.calls === other?.calls;
}

/** A window stays where its shape does, and what was slow stays slow; a row stays where it is counted before and after. */
export function keptHistories(
  { time, count, row }: Histories,
  before: ModelOptions,
  after: ModelOptions,
): Histories {
  const judged = (history: Histories["time"], slowCallMs = Number.POSITIVE_INFINITY) =>
    history.map((outcome) => ({ ...outcome, wasSlow: outcome.wasSlow ?? outcome.durationMs > slowCallMs }));
  const keepsRow = before.consecutiveFailures !== undefined && after.consecutiveFailures !== undefined;
  return {
    time: keepsTime(before, after) ? judged(time, before.timeWindow?.slowCallMs) : [],
    count: keepsCount(before, after) ? judged(count, before.countWindow?.slowCallMs) : [],
    row: keepsRow ? row : [],
  };
}
