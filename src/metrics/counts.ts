/** Counters by key: the family, and the values of its labels behind it, such as "calls/success" or "transitions/open/tripped". */
import type { Totals } from "../breaker/snapshot.ts";

export type Counts = Map<string, number>;

/** Calls whose duration is in a bucket, by its number: one for each bound, and one for what is longer. */
export const DURATION = "duration/";
/** s: the sum of the durations. */
export const DURATION_SUM = "duration/sum";

/** Counters that are reported only where they are not 0: they stay 0 in most programs. */
const SPARSE = ["slow_calls", "refused_calls/", "transitions/"];
/** The exception: the reason that every breaker may have. */
const USUAL_REFUSAL = "refused_calls/open";

/** Adds to one counter. */
export function increase(counts: Counts, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** Adds all counters of another map, `sign` times. */
export function addCounts(counts: Counts, others: ReadonlyMap<string, number>, sign = 1): void {
  for (const [key, count] of others) increase(counts, key, sign * count);
}

/** The totals of a breaker, or of many, as counters. */
export function countsOf(totals: Totals): Counts {
  const { succeeded, failed, slow, refusedBy, late, opened } = totals;
  return new Map([
    ["calls/success", succeeded],
    ["calls/failure", failed],
    ["slow_calls", slow],
    ...Object.entries(refusedBy).map(([reason, count]) => [`refused_calls/${reason}`, count] as const),
    ["late_results", late],
    ["openings", opened],
  ]);
}

/** Whether a counter has a series. */
export function isShown(key: string, count: number): boolean {
  return count !== 0 || key === USUAL_REFUSAL || !SPARSE.some((prefix) => key.startsWith(prefix));
}

/** The larger of each two, and 0 at least: a counter that is shown never falls, be it by a rounding of time. */
export function raised(before: Counts, now: Counts): Counts {
  const counts = new Map(before);
  for (const [key, count] of now) counts.set(key, Math.max(count, before.get(key) ?? 0));
  return counts;
}

/** Whether one of the counters has fallen. */
export function isBelow(now: Counts, before: Counts): boolean {
  for (const [key, count] of before) if ((now.get(key) ?? 0) < count) return true;
  return false;
}
