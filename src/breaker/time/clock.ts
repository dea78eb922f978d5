/** Time, as the library sees it. */
import { MAXIMUM_TIME_DAYS, MS_PER_DAY } from "../../../assembly/layout.ts";

/** Milliseconds, fractions allowed, never going back; from 0 to MAXIMUM_TIME_MS. A plain function is a clock. */
export interface Clock {
  (): number;
  /** An exact reading, for durations. Default: the clock itself. */
  readonly exact?: () => number;
  /** Runs something once, after that many ms of this clock; returns the undo. Default: a timer of the platform. */
  readonly after?: (delayMs: number, run: () => void) => () => void;
}

/** 46,000 days: the end of the year 2095, if time counts from 1970. */
export const MAXIMUM_TIME_MS = MAXIMUM_TIME_DAYS * MS_PER_DAY;

/** Of the runtime: asked for once, since Node keeps both behind getters that cost as much as a quarter of a reading. */
let host: Performance | undefined;
let originMs = 0;

/** ms since 1970 that never go back, exact at every reading: `performance.now()` counted from its origin. */
export function systemClock(): number {
  if (host === undefined) {
    host = globalThis.performance;
    originMs = host.timeOrigin;
  }
  return originMs + host.now();
}

/** @throws RangeError when it is no time. */
export function checkTime(nowMs: number): number {
  // MAXIMUM_TIME_MS, spelt out: read from its module it costs every call half a nanosecond more.
  if (typeof nowMs === "number" && nowMs >= 0 && nowMs <= 3_974_400_000_000) return nowMs;
  throw noTime(nowMs);
}

function noTime(nowMs: number): RangeError {
  return new RangeError(`nowMs must be a number from 0 to ${MAXIMUM_TIME_MS} (ms), got ${String(nowMs)}`);
}

/** The time for a duration or a deadline. */
export function exactTimeOf(clock: Clock): number {
  return clock.exact === undefined ? clock() : clock.exact();
}

/** Whether durations on that clock are those of our own event loop, which may stall. */
export function isOfThisLoop(clock: Clock): boolean {
  return clock.after === undefined && (clock.exact ?? clock) === systemClock;
}
