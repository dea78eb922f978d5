/** A function that fails, behind breakers that stay closed: what a failure costs its caller. */
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import type { Work } from "../section.ts";
import { countedLater } from "../work.ts";
import { CALLS } from "./execute.ts";
import { OPTIONS } from "./subjects.ts";

const { windowMs, buckets, minimumCalls } = DEFAULT_POLICY;

/** Made beforehand: what an error costs to make is the caller's, and the same for everybody. */
const DOWN = new Error("down");

/** What all of them guard. */
export async function fail(): Promise<number> {
  throw DOWN;
}

/** Every call is to reject with the error of the function itself. */
export function failing(execute: () => PromiseLike<number>): Work {
  return countedLater(CALLS, CALLS, async () => {
    let failed = 0;
    for (let i = 0; i < CALLS; i++) {
      try {
        await execute();
      } catch (error) {
        if (error === DOWN) failed++;
      }
    }
    return failed;
  });
}

/** Without anything around it. */
export function failingBare(): Work {
  return countedLater(CALLS, CALLS, async () => {
    let failed = 0;
    for (let i = 0; i < CALLS; i++) {
      try {
        await fail();
      } catch (error) {
        if (error === DOWN) failed++;
      }
    }
    return failed;
  });
}

/** The least that a wrapper can add: it lets a rejection pass and does not look at it. */
export function failingUnseen(): Work {
  return failing(() => fail().then((value) => value));
}

/** The least that sees the failure: hands on the promise itself, and leaves another that nobody waits for. */
export function failingSeen(): Work {
  const seen = { failures: 0 };
  const look = (): void => {
    seen.failures++;
  };
  return failing(() => {
    const promise = fail();
    promise.then(undefined, look);
    return promise;
  });
}

/** The usual way to write a wrapper: sees the failure and throws it again. */
export function failingRethrown(): Work {
  return failing(async () => {
    try {
      return await fail();
    } catch (error) {
      // biome-ignore lint/complexity/noUselessCatch: the cost of the block is what is measured
      throw error;
    }
  });
}

/** `execute`; each failure is judged, and no rate is low enough. */
export function failingOurs(): Work {
  const detector = {
    kind: "success_rate_over_time_window",
    windowMs,
    buckets,
    minimumCalls,
    requiredSuccessRate: 0,
  } as const;
  const breaker = new CircuitBreakerRegistry().get("endpoint", { ...OPTIONS, detector });
  return failing(() => breaker.execute(fail));
}
