/** A promise behind a breaker that refuses. */
import { loadLibrary } from "../library.ts";
import type { Scale, Work } from "../section.ts";
import { countedLater } from "../work.ts";
import { SLOW_CALLS as CALLS, call } from "./execute.ts";
import { LASTING_OPTIONS } from "./options.ts";

export const ANSWER_OF_FALLBACK = 7;

/** Each call rejects. */
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

/** Each call gets the answer of its fallback. */
export function replaced(execute: () => PromiseLike<number>): Work {
  return countedLater(CALLS, CALLS * ANSWER_OF_FALLBACK, async () => {
    let sum = 0;
    for (let i = 0; i < CALLS; i++) sum += await execute();
    return sum;
  });
}

/** The least: the same error every time, made beforehand. */
export function rejectedBare(): Work {
  const error = new Error("open");
  return rejected(() => Promise.reject(error));
}

/** The least with a fallback: the promise of its answer. */
export function replacedBare(): Work {
  return replaced(() => Promise.resolve(ANSWER_OF_FALLBACK));
}

async function openBreaker(scale: Scale) {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", LASTING_OPTIONS);
  for (let i = 0; i < 20; i++) breaker.onFailure(breaker.tryAcquire());
  if (breaker.state !== "open") throw new Error(`the breaker is ${breaker.state}`);
  return breaker;
}

/** `execute`, which makes a CircuitOpenError for each. */
export async function rejectedByUs(scale: Scale): Promise<Work> {
  const breaker = await openBreaker(scale);
  return rejected(() => breaker.execute(call));
}

/** `execute` with `{ fallback }`. */
export async function replacedByUs(scale: Scale): Promise<Work> {
  const breaker = await openBreaker(scale);
  const fallback = (): number => ANSWER_OF_FALLBACK;
  return replaced(() => breaker.execute(call, { fallback }));
}
