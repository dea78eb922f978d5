/** What tests of the library begin with: a clock that a test moves, a breaker that opens soon, errors of the process. */

import { CircuitBreaker, type StandaloneOptions } from "../../src/breaker/breaker.ts";
import type { Clock } from "../../src/breaker/clock.ts";

/** A clock that a test moves; timeouts run on it as well. */
export interface TestClock extends Clock {
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Moves the time on, runs the timers that are due, and lets promise reactions run. */
  advance(ms: number): Promise<void>;
}

/** Turns of the microtask queue that end every reaction of a call. */
const REACTION_TURNS = 32;

export function testClock(startMs = 1_000): TestClock {
  let now = startMs;
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  const after = (delayMs: number, run: () => void) => {
    const timer = { dueMs: now + delayMs, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  const advance = async (ms: number) => {
    const endMs = now + ms;
    for (;;) {
      const [next] = [...timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      timers.delete(next);
      now = Math.max(now, next.dueMs);
      next.run();
    }
    now = endMs;
    for (let turn = 0; turn < REACTION_TURNS; turn++) await undefined;
  };
  return Object.assign(() => now, { after, advance });
}

/** Two failures in a row open it for 100 ms. */
export const FRAGILE: StandaloneOptions = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "constant", delayMs: 100 },
};

/** A fragile breaker on a test clock. */
export function createBreaker(options: StandaloneOptions = {}) {
  const clock = testClock();
  return { clock, breaker: new CircuitBreaker("api", { ...FRAGILE, clock, ...options }) };
}

/** Opens a breaker by as many failures as it takes. */
export function openByFailures(breaker: CircuitBreaker, error?: unknown): void {
  for (let call = 0; breaker.state !== "open" && call < 10_000; call++) {
    breaker.onFailure(breaker.tryAcquire(), undefined, undefined, 1, 0, error);
  }
}

/** Closes an open breaker by probes that succeed. */
export function closeByProbes(breaker: CircuitBreaker, clock: TestClock): void {
  for (let call = 0; breaker.state !== "closed" && call < 10_000; call++) {
    void clock.advance(breaker.retryAfterMs());
    breaker.onSuccess(breaker.tryAcquire());
  }
}

/** A promise, and the functions that settle it. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** What the process reported while `run` and two turns of the event loop went by. */
export interface ProcessReports {
  readonly uncaught: readonly unknown[];
  readonly unhandled: readonly unknown[];
  readonly warnings: readonly unknown[];
}

const EVENTS = {
  uncaught: "uncaughtException",
  unhandled: "unhandledRejection",
  warnings: "warning",
} as const;

export async function reportsOf(run: () => unknown): Promise<ProcessReports> {
  const reports = { uncaught: [], unhandled: [], warnings: [] } as Record<keyof typeof EVENTS, unknown[]>;
  const restore = (Object.keys(EVENTS) as (keyof typeof EVENTS)[]).map((kind) => {
    const event = EVENTS[kind] as "warning";
    const others = process.listeners(event);
    process.removeAllListeners(event);
    process.on(event, (report) => reports[kind].push(report));
    return () => {
      process.removeAllListeners(event);
      for (const other of others) process.on(event, other);
    };
  });
  try {
    await run();
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  } finally {
    for (const undo of restore) undo();
  }
  return reports;
}

/** What a call comes to, within a second: "pending" is a call that never settles. */
export function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  const pending = new Promise((resolve) => setTimeout(resolve, 1_000, "pending").unref());
  const settled = call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return Promise.race([settled, pending]);
}
