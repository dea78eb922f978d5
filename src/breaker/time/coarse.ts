/**
 * The default clock. An exact reading costs several times what a breaker does, so under load one reading is lent
 * to a few more.
 *
 * How wrong it can be: never ahead, never going back. Behind only while it is read more than eight times a
 * millisecond, then by at most 31 readings, and by no more than the millisecond of a timer plus what the event
 * loop is late to run that timer. One timer runs while the clock is read that often, and holds no process open.
 */

import { isServer, startQuietTimer } from "../platform.ts";
import { type Clock, systemClock } from "./clock.ts";

/** Readings that one exact reading may stand for, itself included. */
const LOAN_READINGS = 32;
/** ms after which a loan is called in. */
const LOAN_MS = 1;
/** Exact readings, each within LOAN_MS of the one before, that make it worth while to lend. */
const BUSY_READINGS = 8;
/** ms after which a timer is taken for lost: its host was stopped, or it was a test's and the test is over. */
const LOST_MS = 1_000;

/**
 * Makes a coarse clock.
 * @param exact where its readings come from.
 * @param startTimer starts a timer that holds no process open; false where there is none: nothing is lent then.
 */
export function lendingClock(
  exact: () => number,
  startTimer: (run: () => void, delayMs: number) => boolean,
): Clock {
  let lentMs = Number.NEGATIVE_INFINITY;
  let left = 0;
  let streak = 0;
  let startedMs = 0;
  let ticking = false;
  const callIn = () => {
    ticking = false;
    left = 0;
  };
  const start = () => {
    if (ticking && lentMs - startedMs < LOST_MS) return true;
    startedMs = lentMs;
    ticking = startTimer(callIn, LOAN_MS);
    return ticking;
  };
  const read = () => {
    const now = exact();
    streak = now - lentMs < LOAN_MS ? streak + 1 : 0;
    lentMs = now;
    if (streak >= BUSY_READINGS && start()) left = LOAN_READINGS - 1;
    return now;
  };
  const clock = () => {
    if (left === 0) return read();
    left--;
    return lentMs;
  };
  return Object.assign(clock, { exact });
}

/** The default clock: `systemClock` where timers are no help (browsers, workerd), lent under load elsewhere. */
export const coarseClock: Clock = /* @__PURE__ */ lendingClock(
  systemClock,
  (run, delayMs) => isServer() && startQuietTimer(run, delayMs),
);
