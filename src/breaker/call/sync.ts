/** Calling a synchronous function behind a breaker. */
import { type Classify, judge } from "./classify.ts";
import { checkExecuteOptions, type ExecuteOptions } from "./execute.ts";
import type { Guard } from "./guard.ts";
import { isThenable } from "./promise.ts";
import { report, startOf } from "./report.ts";

/** As for `execute`, without what a synchronous call cannot have: nothing can interrupt it. */
export interface ExecuteSyncOptions<T, F = T> {
  /** What to give instead of a call that was refused (`refused`; a CircuitOpenError) or failed. */
  readonly fallback?: ((error: unknown, refused: boolean) => F) | undefined;
  /** Whether a value or an error is a success, a failure, or neither. */
  readonly classify?: Classify<T> | undefined;
}

const KEYS = ["fallback", "classify"];

/** Calls `fn` if the breaker admits it. See `CircuitBreaker.executeSync`. */
export function executeSync<T, F>(guard: Guard, fn: () => T, options?: ExecuteSyncOptions<T, F>): T | F {
  if (options !== undefined) checkExecuteOptions(options as ExecuteOptions<never, F>, KEYS);
  const fallback = options?.fallback;
  const classify = options?.classify;
  const startMs = startOf(guard);
  const ticket = guard.tryAcquire(startMs);
  if (ticket === 0) {
    const error = guard.refusal(startMs);
    if (fallback === undefined) throw error;
    return fallback(error, true);
  }
  let value: T;
  try {
    value = fn();
  } catch (error) {
    const verdict = judge(classify, { status: "rejected", reason: error });
    report(guard, ticket, startMs, verdict, error);
    if (fallback === undefined || verdict.outcome !== "failure") throw error;
    return fallback(error, false);
  }
  if (isThenable(value)) refusePromise(guard, ticket, value);
  report(guard, ticket, startMs, judge(classify, { status: "fulfilled", value }), value);
  return value;
}

/** Nobody can say yet how a promise ends, so nothing is counted. */
function refusePromise(guard: Guard, ticket: number, promise: PromiseLike<unknown>): never {
  guard.release(ticket);
  promise.then(undefined, () => {}); // its caller gets the error below instead
  throw new TypeError(
    `executeSync of "${guard.name}" was given a function that returned a promise: use execute`,
  );
}
