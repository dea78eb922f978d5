/** What tests of HTTP guards begin with: registries that never open by themselves, or after two failures. */
import { type CircuitBreakerOptions, CircuitBreakerRegistry } from "../../src/entry/main.ts";

/** Counts every call, also those that are out, and never opens. */
export const COUNTING: CircuitBreakerOptions = {
  detector: { kind: "success_rate_over_time_window", minimumCalls: 1_000_000, hungAfterMs: 7_000 },
};

/** Two failures in a row open it for a minute. */
export const FRAGILE: CircuitBreakerOptions = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "constant", delayMs: 60_000 },
};

export function counting(): CircuitBreakerRegistry {
  return new CircuitBreakerRegistry({ defaults: COUNTING });
}

export function fragile(): CircuitBreakerRegistry {
  return new CircuitBreakerRegistry({ defaults: FRAGILE });
}

/** What a breaker has counted. */
export interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  readonly pending: number;
}

export function countsOf(breakers: CircuitBreakerRegistry, name: string): Counts {
  const { calls, failures, pending } = breakers.get(name).snapshot();
  return { succeeded: calls - failures, failed: failures, pending };
}

export const NOTHING: Counts = { succeeded: 0, failed: 0, pending: 0 };
export const SUCCESS: Counts = { ...NOTHING, succeeded: 1 };
export const FAILURE: Counts = { ...NOTHING, failed: 1 };
export const PENDING: Counts = { ...NOTHING, pending: 1 };

/** What a promise rejects with. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<{
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly cause?: unknown;
}> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not reject");
}

/** Lets requests that were given up close their connections. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}
