/** A promise behind a breaker that refuses. */
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import type { Work } from "../section.ts";
import { Clock, countedLater } from "../work.ts";
import { CALLS, call } from "./execute.ts";
import { LASTING_OPTIONS, trip } from "./subjects.ts";

/** Every call is to be refused. */
export function rejected(execute: () => PromiseLike<number>): Work {
  return countedLater(CALLS, CALLS, async () => {
    let refused = 0;
    for (let i = 0; i < CALLS; i++) {
      try {
        await execute();
      } catch {
        refused++;
      }
    }
    return refused;
  });
}

/** The least: the same error every time, made beforehand. */
export function rejectedBare(): Work {
  const error = new Error("open");
  return rejected(() => Promise.reject(error));
}

/** `execute`, which makes a new CircuitOpenError for each. */
export function rejectedByUs(): Work {
  const breaker = new CircuitBreakerRegistry().get("endpoint", LASTING_OPTIONS);
  const clock = new Clock();
  clock.nowMs = breaker.now();
  trip(breaker, clock);
  return rejected(() => breaker.execute(call));
}
