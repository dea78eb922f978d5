/** Time, as the library sees it: the exact clock, the coarse one that is the default, and the guard of a user's clock. */
import { MAXIMUM_JUMP } from "../../assembly/layout.ts";
import { isServer, startQuietTimer } from "./platform.ts";
import { wrongType } from "./validate.ts";

/** Milliseconds, fractions allowed, 0 to MAXIMUM_TIME_MS. A plain function is a clock. */
export interface Clock {
  (): number;
  /** An exact reading, for durations. Default: the clock itself. */
  readonly exact?: () => number;
  /** Runs a function once, after that many ms of this clock; returns the undo. Default: a timer of the platform. */
  readonly after?: (delayMs: number, run: () => void) => () => void;
}

/** 46,000 days: the end of the year 2095, if time counts from 1970. */
export const MAXIMUM_TIME_MS = 3_974_400_000_000;
/** ms: a clock that goes back by less stands still; by more, its time goes on from the latest reading. */
const TOLERANCE_MS = 1_000;

/** The `Date` that was there at the latest look: fake timers put theirs in its place. */
let knownDate: DateConstructor | undefined;
let isFaked = false;
/** How many sources of time there were: fake timers are another one. */
export let timeSources = 0;
let timer: Performance | undefined;
let originMs = 0;

/** A time that follows readings, and the latest one that it gave. */
interface Course {
  latestMs: number;
  /** What is added to a reading. */
  offsetMs: number;
}

const system: Course = { latestMs: 0, offsetMs: 0 };

/**
 * ms since 1970 that never go back, exact at every reading: `performance.now()` counted from its origin. Where fake timers
 * have replaced `Date`, their time.
 */
export function systemClock(): number {
  if (Date !== knownDate) chooseSource();
  return follow(system, readSource());
}

/** The time at that reading. */
function follow(course: Course, readingMs: number): number {
  const nowMs = readingMs + course.offsetMs;
  const latestMs = boundTime(course.latestMs, nowMs);
  course.latestMs = latestMs;
  if (nowMs > latestMs || nowMs < latestMs - TOLERANCE_MS) course.offsetMs += latestMs - nowMs;
  return latestMs;
}

function readSource(): number {
  return timer === undefined ? Date.now() : originMs + timer.now();
}

/** The time that a reading gives after `latestMs`: not before it, nor more than two days ahead of it. */
function boundTime(latestMs: number, nowMs: number): number {
  if (latestMs > 0) return Math.max(latestMs, Math.min(nowMs, latestMs + MAXIMUM_JUMP, MAXIMUM_TIME_MS));
  return nowMs <= MAXIMUM_TIME_MS ? nowMs : 0;
}

function chooseSource(): void {
  knownDate = Date;
  timeSources++;
  // That of vitest is native code as well, but has no name.
  isFaked = !/^function Date\(\)\s*{\s*\[native code]/.test(Function.prototype.toString.call(Date));
  const { performance } = globalThis;
  timer = isFaked || typeof performance?.now !== "function" ? undefined : performance;
  if (timer !== undefined) originMs = timer.timeOrigin ?? Date.now() - timer.now();
  // Fake timers may begin in the past, or a century ahead: time goes on from where it was.
  const nowMs = readSource();
  system.offsetMs = boundTime(system.latestMs, nowMs) - nowMs;
}

/** Whether time is that of fake timers, or no exact clock is there. */
export function isTimeFaked(): boolean {
  if (Date !== knownDate) chooseSource();
  return isFaked;
}

/** Readings that one exact reading may stand for, itself included. */
const LOAN_READINGS = 32;
/** ms after which a reading is lent no more. */
const LOAN_MS = 1;
/** Exact readings, each within LOAN_MS of the one before, from which on readings are lent. */
const BUSY_READINGS = 8;
/** ms after which a timer counts as lost: its host was stopped, or fake timers were removed. */
const LOST_MS = 1_000;

/**
 * Makes a coarse clock. An exact reading costs several times what a breaker does, so under load one reading is lent to
 * a few more: never ahead, never going back; behind only while it is read more than eight times a millisecond, by at most
 * 31 readings, and by no more than 1 ms plus the lateness of the event loop. One timer runs while readings are lent.
 * @param exact where its readings come from.
 * @param startTimer starts a timer that holds no process open; false where there is none: nothing is lent then.
 */
export function lendingClock(
  exact: () => number,
  startTimer: (run: () => void, delayMs: number) => boolean,
): Clock {
  let lentMs = -Infinity;
  let left = 0;
  let busy = 0;
  let startedMs = 0;
  let ticking = false;
  const endLoan = () => {
    ticking = false;
    left = 0;
  };
  const read = () => {
    const nowMs = exact();
    busy = nowMs - lentMs < LOAN_MS ? busy + 1 : 0;
    lentMs = nowMs;
    left = 0;
    if (busy < BUSY_READINGS || isFaked) return nowMs;
    if (!ticking || nowMs - startedMs >= LOST_MS) {
      startedMs = nowMs;
      ticking = startTimer(endLoan, LOAN_MS);
    }
    if (ticking) left = LOAN_READINGS - 1;
    return nowMs;
  };
  const clock = () => {
    if (left === 0 || Date !== knownDate) return read();
    left--;
    return lentMs;
  };
  return Object.assign(clock, { exact });
}

/** The default clock: `systemClock` made coarse under load, on servers. */
export const coarseClock: Clock = /* @__PURE__ */ lendingClock(
  systemClock,
  (run, delayMs) => isServer() && startQuietTimer(run, delayMs),
);

/** @throws RangeError when it is no time. */
export function checkTime(nowMs: number): number {
  // MAXIMUM_TIME_MS, spelt out: a constant of another module costs every call half a nanosecond more.
  if (typeof nowMs === "number" && nowMs >= 0 && nowMs <= 3_974_400_000_000) return nowMs;
  throw new RangeError(`nowMs must be 0 to ${MAXIMUM_TIME_MS} (ms), got ${String(nowMs)}`);
}

/** The time for a duration or a deadline. */
export function exactTimeOf(clock: Clock): number {
  return clock.exact === undefined ? clock() : clock.exact();
}

/** Whether durations on that clock are those of our own event loop, which may stall. */
export function isOfThisLoop(clock: Clock): boolean {
  return (clock === coarseClock || clock === systemClock) && !isTimeFaked();
}

/**
 * The clock that a user gave, made safe: a reading that is no time, or an error, gives the latest one; a clock that goes
 * back by more than a second goes on from the latest reading, and one that jumps ahead by more than two days from two days
 * later: one wrong reading stops no time.
 * @throws OptionError when it is no function; RangeError when its first reading is no time.
 */
export function guardClock(clock: unknown): Clock {
  if (clock === undefined) return coarseClock;
  if (typeof clock !== "function") throw wrongType("clock", "a function that returns ms", clock);
  if (clock === coarseClock || clock === systemClock) return clock as Clock;
  const given = clock as Clock;
  const course: Course = { latestMs: checkTime(given()), offsetMs: 0 };
  const guard = (read: () => number) => () => {
    try {
      return follow(course, checkTime(read()));
    } catch {
      return course.latestMs; // a clock that throws, or gives no time, stands still
    }
  };
  const { exact, after } = given;
  return Object.assign(guard(given), {
    ...(exact !== undefined && { exact: guard(exact) }),
    ...(after !== undefined && { after }),
  });
}
