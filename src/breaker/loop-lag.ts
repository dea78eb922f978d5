/**
 * For how long our own event loop was kept busy while calls were under way: the endpoint is not to blame for that.
 *
 * While a call can turn slow, hang or outlive its lease, a timer notes every few milliseconds that the loop turns. It holds
 * no process open and ends when no such call is left. Stalls below STALL_MS go unnoticed; of several the last one counts, with those shortly before it.
 * A hidden page has late timers and a loop that turns: there nothing is a stall. Times are those of `systemClock`.
 */
import { systemClock, timeSources } from "./clock.ts";
import { isHidden, startQuietTimer, whenShown } from "./platform.ts";

const TICK_MS = 10;
/** A timer that is later than that was kept waiting. */
export const STALL_MS = 25;
/** ms after which the timer counts as lost: its host was stopped, or fake timers were removed. */
const LOST_MS = 1_000;

/** When the loop last turned, as far as known. */
let turnedMs = 0;
/** The latest stall. */
let stalledFromMs = 0;
let stalledUntilMs = 0;
let wantedUntilMs = 0;
let startedMs = 0;
let ticking = false;
let isPageWatched = false;
/** Raised with every start, so that a timer that was lost and comes back does not tick beside its successor. */
let run = 0;
/** The timer was started by a timer, so it keeps the asynchronous context of a call that may be over. */
let isInherited = false;

/** `timeSources` when the times above were taken. */
let source = 0;

/** What was seen by another source of time says nothing: fake timers pass hours at once. */
function forgetOtherSource(nowMs: number): void {
  if (source === timeSources) return;
  source = timeSources;
  run++;
  ticking = false;
  turnedMs = nowMs;
  wantedUntilMs = 0;
  stalledFromMs = 0;
  stalledUntilMs = 0;
}

/** Whether the loop was ever watched: where it was not, no time was lost. */
export let isLoopWatched = false;

/** Watches the loop while a call that starts now can be judged by its age. */
export function watchLoop(nowMs: number, forMs: number): void {
  isLoopWatched = true;
  forgetOtherSource(nowMs);
  wantedUntilMs = Math.max(wantedUntilMs, nowMs + forMs);
  if (ticking && !isInherited && nowMs - startedMs < LOST_MS) return;
  if (!ticking) turnedMs = nowMs;
  if (!isPageWatched) {
    isPageWatched = true;
    // What was late while the page was hidden is no stall once it is shown.
    whenShown(() => {
      turnedMs = systemClock();
    });
  }
  isInherited = false;
  startTick(nowMs, ++run);
}

function startTick(nowMs: number, ofRun: number): void {
  startedMs = nowMs;
  ticking = startQuietTimer(() => {
    const tickMs = systemClock();
    forgetOtherSource(tickMs);
    if (ofRun !== run) return;
    if (isStalled(tickMs)) {
      // One stall in the grace of another: both are given back, as one that ends now.
      const lostMs = stalledUntilMs - stalledFromMs;
      const earlierMs = turnedMs < stalledUntilMs + lostMs ? lostMs : 0;
      stalledFromMs = turnedMs - earlierMs;
      stalledUntilMs = tickMs;
    }
    turnedMs = tickMs;
    ticking = false;
    if (tickMs >= wantedUntilMs) return;
    isInherited = true;
    startTick(tickMs, ofRun);
  }, TICK_MS);
}

function isStalled(nowMs: number): boolean {
  return ticking && nowMs - turnedMs > STALL_MS && !isHidden();
}

/** ms between start and end of a call without those in which the loop stalled. */
export function durationWithoutLag(startMs: number, endMs: number): number {
  forgetOtherSource(endMs);
  const lostMs = Math.max(0, stalledUntilMs - Math.max(stalledFromMs, startMs));
  return Math.max(0, (isStalled(endMs) ? turnedMs : endMs) - startMs - lostMs);
}

/**
 * The time by which the age of calls is judged: it stands still while the loop stalls, and what was lost is given back
 * once: for as long as the stall lasted, answers that wait in our own process are taken in first.
 */
export function timeWithoutLag(nowMs: number): number {
  forgetOtherSource(nowMs);
  if (isStalled(nowMs)) return turnedMs;
  const lostMs = stalledUntilMs - stalledFromMs;
  return nowMs < stalledUntilMs + lostMs ? Math.max(stalledFromMs, nowMs - lostMs) : nowMs;
}
