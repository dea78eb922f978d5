/**
 * How long our own event loop was kept busy while a call was under way: that is not the endpoint's fault.
 *
 * While a call could turn slow, a timer notes every few milliseconds that the loop turns. It holds no process open and
 * stops when no call can turn slow any more. Stalls below STALL_MS go unnoticed, and of several the last one counts.
 * A page that nobody looks at has late timers and a loop that turns: there nothing is taken for a stall.
 * Times are those of `systemClock`.
 */

import { isHidden, startQuietTimer, whenShown } from "../platform.ts";
import { systemClock } from "../time/clock.ts";

const TICK_MS = 10;
/** A timer that is later than that was kept waiting. */
export const STALL_MS = 25;
/** ms after which the timer is taken for lost: its host was stopped, or it was a test's and the test is over. */
const LOST_MS = 1_000;

/** When the loop last turned, for all we know. */
let turnedMs = 0;
/** The latest stall. */
let stalledFromMs = 0;
let stalledUntilMs = 0;
let wantedUntilMs = 0;
let startedMs = 0;
let ticking = false;
let watchingPage = false;
/** Raised with every start, so that a timer that was lost and comes back does not tick beside its successor. */
let run = 0;

/** Watches the loop while a call that starts now could turn slow. */
export function watchLoop(nowMs: number, slowCallMs: number): void {
  wantedUntilMs = Math.max(wantedUntilMs, nowMs + slowCallMs);
  if (ticking && nowMs - startedMs < LOST_MS) return;
  if (!ticking) turnedMs = nowMs;
  if (!watchingPage) watchPage();
  run++;
  startTick(nowMs, run);
}

/** What was late while the page was hidden is no stall once it is shown. */
function watchPage(): void {
  watchingPage = true;
  whenShown(() => {
    turnedMs = systemClock();
  });
}

function startTick(nowMs: number, ofRun: number): void {
  startedMs = nowMs;
  ticking = startQuietTimer(() => tick(ofRun), TICK_MS);
}

function tick(ofRun: number): void {
  if (ofRun !== run) return;
  const now = systemClock();
  if (now - turnedMs > STALL_MS && !isHidden()) {
    stalledFromMs = turnedMs;
    stalledUntilMs = now;
  }
  turnedMs = now;
  ticking = false;
  if (now < wantedUntilMs) startTick(now, ofRun);
}

/** What remains of the time between start and end of a call without that in which the loop stalled, ms. */
export function liveTimeBetween(startMs: number, endMs: number): number {
  const stalling = ticking && endMs - turnedMs > STALL_MS && !isHidden();
  const lostMs = Math.max(0, stalledUntilMs - Math.max(stalledFromMs, startMs));
  return Math.max(0, (stalling ? turnedMs : endMs) - startMs - lostMs);
}
