/** `tryAcquire(nowMs)` and `onSuccess(ticket, nowMs)` in a loop: of one breaker, built from the sources or not. */
import type { Work } from "../section.ts";
import { Clock, counted, LOOP, STEP_MS } from "../work.ts";

/** What is called of a breaker. */
interface TimedBreaker {
  tryAcquire(nowMs: number): number;
  onSuccess(ticket: number, nowMs: number): void;
}

/** `clock`: where the time goes on, of a breaker that was used before. */
export function timedLoop(breaker: TimedBreaker, clock = new Clock()): Work {
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i++) {
      now += STEP_MS;
      const ticket = breaker.tryAcquire(now);
      breaker.onSuccess(ticket, now);
      if (ticket !== 0) admitted++;
    }
    clock.nowMs = now;
    return admitted;
  });
}
