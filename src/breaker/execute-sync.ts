/** Calling a synchronous function behind a breaker. */
import { type CallBreaker, type Job, readCall, SYNC_OPTIONS } from "./call-options.ts";
import { admitCall, fallBack, judge, refuse, report } from "./call-report.ts";
import type { Classify } from "./options.ts";

/** As for `execute`, without what a synchronous call cannot have: nothing can interrupt it. */
export interface ExecuteSyncOptions<T, F = T> {
  /** Gives the result when the call was refused or failed. */
  readonly fallback?: ((error: unknown, refused: boolean) => F) | undefined;
  /** Whether a value or an error is a success, a failure, or neither. */
  readonly classify?: Classify<T> | undefined;
}

/** @internal Calls `fn` if the breaker admits it. See `CircuitBreaker.executeSync`. */
export function executeSync<T, F>(
  breaker: CallBreaker,
  fn: () => T,
  options?: ExecuteSyncOptions<T, F>,
): T | F {
  const job = readCall(breaker, options, SYNC_OPTIONS);
  const { around } = breaker._policy.cache;
  return around ? around(job, () => start<T, F>(job, fn), true) : start<T, F>(job, fn);
}

function start<T, F>(job: Job, fn: () => T): T | F {
  const giveUp = (error: unknown, isRefused: boolean): F => {
    if (job.fallback && (isRefused || job.isFailure)) return fallBack(job, error, isRefused) as F;
    throw error;
  };
  if (!admitCall(job)) return giveUp(refuse(job), true);
  let value: T;
  try {
    value = fn();
  } catch (reason) {
    judge(job, { status: "rejected", reason });
    return giveUp(reason, false);
  }
  if (isThenable(value)) {
    report(job, "ignored");
    // Its caller gets the error below instead. Not by a `then` of its own, which may begin the work.
    if (value instanceof Promise) Promise.prototype.then.call(value, undefined, () => {});
    throw new TypeError("fn of executeSync must return its value, got a promise: use execute");
  }
  judge(job, { status: "fulfilled", value });
  return value;
}

/** Whether awaiting it would wait; a `then` that throws is no promise's. */
function isThenable(value: unknown): boolean {
  try {
    return value != null && typeof (value as { then?: unknown }).then === "function";
  } catch {
    return false;
  }
}
