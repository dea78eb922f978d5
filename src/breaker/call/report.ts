/** Telling the breaker how a call ended. */

import { TIMED } from "../terms.ts";
import { exactTimeOf, isOfThisLoop } from "../time/clock.ts";
import type { Verdict } from "./classify.ts";
import type { Guard } from "./guard.ts";
import { liveTimeBetween, watchLoop } from "./loop.ts";

/** The time at which a call starts: exact if the call is to be timed. Watches the loop meanwhile. */
export function startOf(guard: Guard): number {
  const { clock, slowCallMs } = guard;
  if (slowCallMs === Number.POSITIVE_INFINITY) return clock();
  const startMs = exactTimeOf(clock);
  if (slowCallMs < TIMED && isOfThisLoop(clock)) watchLoop(startMs, slowCallMs);
  return startMs;
}

/** Reports an ended call once. `end` is the value or the error: it may say when to come back. */
export function report(guard: Guard, ticket: number, startMs: number, verdict: Verdict, end: unknown): void {
  const { clock, slowCallMs } = guard;
  const timed = slowCallMs !== Number.POSITIVE_INFINITY;
  const now = timed ? exactTimeOf(clock) : clock();
  const durationMs = timed ? durationOf(guard, startMs, now) : Number.NaN;
  if (verdict.outcome === "ignored") guard.release(ticket, now);
  else if (verdict.outcome === "success") guard.onSuccess(ticket, now, durationMs);
  else guard.failWith(end, ticket, now, durationMs, verdict.holdMs);
}

/** Without the time that our own loop was to blame for, where that decides. */
function durationOf(guard: Guard, startMs: number, endMs: number): number {
  const durationMs = endMs - startMs;
  if (durationMs <= guard.slowCallMs || !isOfThisLoop(guard.clock)) return durationMs;
  return liveTimeBetween(startMs, endMs);
}
