/** A promise behind a breaker: what a wrapper adds to `await call()`. */
import { performance } from "node:perf_hooks";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { HandBreakers } from "../byhand/breakers.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import type { Work } from "../section.ts";
import { countedLater } from "../work.ts";
import { OPTIONS } from "./subjects.ts";

/** Calls of one run. */
export const CALLS = 1_024;
const ANSWER = 42;

/** What all of them guard: nothing to wait for. */
export async function call(): Promise<number> {
  return ANSWER;
}

/** Awaits one call after the other. */
export function awaiting(execute: () => PromiseLike<number>): Work {
  return countedLater(CALLS, CALLS * ANSWER, async () => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += await execute();
    return sum;
  });
}

/** Without anything around it. */
export function bare(): Work {
  return countedLater(CALLS, CALLS * ANSWER, async () => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += await call();
    return sum;
  });
}

/** The least that a wrapper can add that looks at the answer. */
export function chained(): Work {
  return awaiting(() => call().then((value) => value));
}

/** The usual way to write a wrapper, with nothing in it. */
export function tryCatch(): Work {
  return awaiting(async () => {
    try {
      return await call();
    } catch (error) {
      // biome-ignore lint/complexity/noUselessCatch: the cost of the block is what is measured
      throw error;
    }
  });
}

/** The usual wrapper around a breaker by hand, on the clock of the library. */
export function byHand(): Work {
  const breakers = new HandBreakers(DEFAULT_POLICY, 1);
  return awaiting(async () => {
    const startMs = performance.now();
    const ticket = breakers.tryAcquire(0, startMs);
    if (ticket === 0) throw new Error("open");
    try {
      const value = await call();
      const nowMs = performance.now();
      breakers.onSuccess(0, ticket, nowMs, nowMs - startMs);
      return value;
    } catch (error) {
      const nowMs = performance.now();
      breakers.onFailure(0, ticket, nowMs, nowMs - startMs);
      throw error;
    }
  });
}

/** `execute` with a success rate over a time window. */
export function ours(): Work {
  const breaker = new CircuitBreakerRegistry().get("endpoint", OPTIONS);
  return awaiting(() => breaker.execute(call));
}

/** `execute` with failures in a row, as the peers' simplest breaker. */
export function oursInARow(): Work {
  const detector = { kind: "consecutive_failures", failures: 5 } as const;
  const breaker = new CircuitBreakerRegistry().get("endpoint", { detector });
  return awaiting(() => breaker.execute(call));
}
