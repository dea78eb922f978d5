/** Counters by key: the family, and the values of its labels behind it, such as "calls/success" or "transitions/open/tripped". */
import type { Totals } from "../breaker/snapshot.ts";

export type Counts = Map<string, number>;

/** Calls whose duration is in a bucket, by its number: one for each bound, and one for what is longer. */
export const DURATION = "duration/";
/** s: the sum of the durations. */
export const DURATION_SUM = "duration/sum";

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
