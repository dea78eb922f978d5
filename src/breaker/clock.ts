/** Time, as the library sees it. */
import { MAXIMUM_TIME_DAYS, MS_PER_DAY } from "../../assembly/layout.ts";

/** Milliseconds, fractions allowed, never going back; from 0 to MAXIMUM_TIME_MS. */
export type Clock = () => number;

/** 46,000 days: the end of the year 2095, if time counts from 1970. */
export const MAXIMUM_TIME_MS = MAXIMUM_TIME_DAYS * MS_PER_DAY;

/** ms since 1970 that never go back: `performance.now()` counted from its origin. */
export function systemClock(): number {
  return performance.timeOrigin + performance.now();
}

/** @throws RangeError when it is no time. */
export function checkTime(nowMs: number): number {
  // MAXIMUM_TIME_MS, spelt out: read from its module it costs every call half a nanosecond more.
  if (typeof nowMs === "number" && nowMs >= 0 && nowMs <= 3_974_400_000_000) return nowMs;
  throw new RangeError(`nowMs must be a number from 0 to ${MAXIMUM_TIME_MS} (ms), got ${String(nowMs)}`);
}
