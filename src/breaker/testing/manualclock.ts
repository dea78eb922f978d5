/** Time that passes when a test says so. */
import { type Clock, MAXIMUM_TIME_MS } from "../time/clock.ts";

/** Rounds of promise reactions that `advance` lets run: more than any chain of a call behind a breaker has. */
const ROUNDS = 32;

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A clock for `new CircuitBreakerRegistry({ clock })`. Timeouts of calls run on it too. */
export interface ManualClock extends Clock {
  readonly after: (delayMs: number, run: () => void) => () => void;
  /**
   * Lets `ms` pass: 0 or more. Timeouts that become due run at once, in their order, each at its time.
   * Await the promise to let calls that ended by them go on.
   * @throws RangeError when `ms` is no time.
   */
  readonly advance: (ms: number) => Promise<void>;
}

/**
 * Makes a clock that stands at `startMs` until it is told to advance.
 * @param startMs 0 or more, default 1,000.
 * @throws RangeError when it is no time.
 */
export function manualClock(startMs = 1_000): ManualClock {
  let now = checkPassed("startMs", startMs, 0);
  const timers = new Set<Timer>();
  const after = (delayMs: number, run: () => void) => {
    const timer = { dueMs: now + delayMs, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const advance = (ms: number) => {
    const end = now + checkPassed("ms", ms, now);
    for (let timer = firstDue(timers, end); timer !== undefined; timer = firstDue(timers, end)) {
      timers.delete(timer);
      now = Math.max(now, timer.dueMs);
      timer.run();
    }
    now = end;
    return reactions();
  };
  return Object.assign(() => now, { after, advance });
}

function firstDue(timers: ReadonlySet<Timer>, endMs: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.dueMs <= endMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
  }
  return first;
}

async function reactions(): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await undefined;
}

function checkPassed(name: string, ms: number, sinceMs: number): number {
  if (typeof ms === "number" && ms >= 0 && sinceMs + ms <= MAXIMUM_TIME_MS) return ms;
  throw new RangeError(
    `${name} must be a number from 0 to ${MAXIMUM_TIME_MS - sinceMs} (ms), got ${String(ms)}`,
  );
}
