/** The cost of a failure to the caller, behind breakers that stay closed. */
import { loadLibrary } from "../library.ts";
import type { Scale, Work } from "../section.ts";
import { countedLater } from "../work.ts";
import { SLOW_CALLS as CALLS } from "./execute.ts";
import { PATIENT_OPTIONS } from "./options.ts";

/** Made beforehand: creating an error costs the same with every breaker. */
const DOWN = new Error("down");

/** The guarded function of all cases. */
export async function fail(): Promise<number> {
  throw DOWN;
}

/** Each call rejects with the error of the function itself. */
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

/** The least that a wrapper adds that does not see the rejection. */
export function failingUnseen(): Work {
  return failing(() => fail().then((value) => value));
}

/** The least that sees the failure: returns the promise itself. Unhandled rejections are lost. */
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

/** `p.then(ok)` for the caller and `p.then(undefined, look)` beside it. */
export function failingForked(): Work {
  const seen = { failures: 0 };
  const pass = (value: number): number => value;
  const look = (): void => {
    seen.failures++;
  };
  return failing(() => {
    const promise = fail();
    const derived = promise.then(pass);
    promise.then(undefined, look);
    return derived;
  });
}

/** `p.then(ok, (error) => p)`: sees the failure, and rejects by the promise of the function itself. */
export function failingFollowed(): Work {
  const seen = { failures: 0 };
  const pass = (value: number): number => value;
  return failing(() => {
    const promise = fail();
    return promise.then(pass, () => {
      seen.failures++;
      return promise;
    });
  });
}

/** `execute`; each failure is judged, and no rate opens the breaker. */
export async function failingOurs(scale: Scale): Promise<Work> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", PATIENT_OPTIONS);
  return failing(() => breaker.execute(fail));
}

/** The same around a closure for each call. */
export async function failingOursByClosure(scale: Scale): Promise<Work> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", PATIENT_OPTIONS);
  return failing(() => breaker.execute(() => fail()));
}

/** The same with `{ timeoutMs }`. */
export async function failingOursWithTimeout(scale: Scale): Promise<Work> {
  const breaker = (await loadLibrary(scale)).registry().get("endpoint", PATIENT_OPTIONS);
  return failing(() => breaker.execute(() => fail(), { timeoutMs: 30_000 }));
}
