/** Calling a function behind a breaker, with a signal, a timeout, a fallback, a judgement of one's own. */

import { numberOption, objectOption, wrongType } from "../options/check.ts";
import { Attempt } from "./attempt.ts";
import type { Classify } from "./classify.ts";
import type { Guard, Guarded } from "./guard.ts";
import { rejection } from "./promise.ts";
import { race } from "./race.ts";
import { startOf } from "./report.ts";

/** What to give instead of a call that was refused (`refused`; a CircuitOpenError) or failed. May be asynchronous. */
export type Fallback<F> = (error: unknown, refused: boolean) => F | PromiseLike<F>;

/** What one call is given besides its function. Options of the breaker are apart from these. */
export interface ExecuteOptions<T, F = T> {
  /** The caller's cancellation: rejects at once with its reason, and is neutral for the breaker. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A call that takes longer is a failure; its signal is aborted, and it is not waited for. 1..86,400,000 ms, default: no timeout.
   * Where our own event loop stalled, what has arrived meanwhile is taken in first, and the time lost is given back once.
   */
  readonly timeoutMs?: number | undefined;
  /** Asked when the call was refused, failed or timed out; not when it was cancelled, nor for errors that `classify` takes for no failure. */
  readonly fallback?: Fallback<F> | undefined;
  /** Whether an answer or an error is a success, a failure, or neither. Not asked about timeouts and cancellation. */
  readonly classify?: Classify<Awaited<T>> | undefined;
}

const KEYS = ["signal", "timeoutMs", "fallback", "classify"];

/** @throws OptionError that names option, range and value. */
export function checkExecuteOptions(options: ExecuteOptions<never, unknown>, keys = KEYS): void {
  objectOption("options", options, keys);
  const { signal, timeoutMs } = options;
  if (timeoutMs !== undefined) numberOption("timeoutMs", timeoutMs, { from: 1, to: 86_400_000 });
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw wrongType("signal", "an AbortSignal", signal);
  }
  for (const name of ["fallback", "classify"] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== "function") throw wrongType(name, "a function", value);
  }
}

/** Calls `fn` if the breaker admits it. See `CircuitBreaker.execute`. */
export function executeWith<T, F>(
  guard: Guard,
  fn: Guarded<T>,
  options: ExecuteOptions<T, F>,
): Promise<Awaited<T> | Awaited<F>> {
  checkExecuteOptions(options);
  const { signal, timeoutMs, fallback } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const startMs = startOf(guard);
  const ticket = guard.tryAcquire(startMs);
  if (ticket === 0) return refuse(guard, startMs, fallback);
  const attempt = new Attempt(guard, ticket, startMs, options.classify);
  const outcome =
    signal === undefined && timeoutMs === undefined
      ? attempt.settle(fn)
      : race(attempt, fn, signal, timeoutMs);
  if (fallback === undefined) return outcome;
  return outcome.then(undefined, (error: unknown) =>
    attempt.failed ? fallback(error, false) : rejection(error),
  ) as Promise<Awaited<T> | Awaited<F>>;
}

function refuse<F>(guard: Guard, nowMs: number, fallback: Fallback<F> | undefined): Promise<Awaited<F>> {
  const error = guard.refusal(nowMs);
  if (fallback === undefined) return Promise.reject(error);
  return new Promise((resolve) => resolve(fallback(error, true) as Awaited<F>));
}
