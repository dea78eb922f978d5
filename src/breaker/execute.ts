/** Calling a function behind a breaker, with a signal, a timeout, a fallback. */
import { CallTimeoutError, CircuitOpenError } from "./errors.ts";

/** What is needed of a breaker to guard a call. */
export interface Guard {
  readonly name: string;
  now(): number;
  tryAcquire(nowMs?: number): number;
  onSuccess(ticket: number, nowMs?: number, durationMs?: number): void;
  onFailure(ticket: number, nowMs?: number, durationMs?: number): void;
  release(ticket: number, nowMs?: number): void;
  retryAfterMs(nowMs?: number): number;
}

/** A function to guard. It gets a signal that is aborted by the timeout and by the caller's own signal. */
export type Guarded<T> = (signal: AbortSignal) => T | PromiseLike<T>;

export interface ExecuteOptions<T> {
  /** The caller's cancellation: rejects at once with its reason, and is neutral for the breaker. */
  readonly signal?: AbortSignal;
  /** Longer than that is a failure; the call is not waited for. 1..86,400,000 ms, default: no timeout. */
  readonly timeoutMs?: number;
  /** What to give instead when the call was refused (a CircuitOpenError) or failed. Not asked on cancellation. */
  readonly fallback?: (error: unknown) => T | PromiseLike<T>;
}

/** Calls `fn` if the breaker admits it. See `CircuitBreaker.execute`. */
export function executeWith<T>(
  breaker: Guard,
  fn: Guarded<T>,
  options: ExecuteOptions<T>,
): Promise<Awaited<T>> {
  const { signal, fallback } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const timeoutMs = checkTimeout(options.timeoutMs);
  const startMs = breaker.now();
  const ticket = breaker.tryAcquire(startMs);
  const attempt =
    ticket === 0
      ? Promise.reject(new CircuitOpenError(breaker.name, breaker.retryAfterMs(startMs)))
      : run(breaker, fn, ticket, startMs, timeoutMs, signal);
  if (fallback === undefined) return attempt;
  return attempt.catch((error: unknown) => {
    if (signal?.aborted) throw error;
    return fallback(error);
  }) as Promise<Awaited<T>>;
}

function checkTimeout(timeoutMs: number | undefined): number | undefined {
  if (timeoutMs === undefined || (timeoutMs >= 1 && timeoutMs <= 86_400_000)) return timeoutMs;
  throw new RangeError(`timeoutMs must be a number from 1 to 86400000 (ms), got ${String(timeoutMs)}`);
}

/** The first of four ends decides: an answer, an error, the timeout, the caller's cancellation. */
function run<T>(
  breaker: Guard,
  fn: Guarded<T>,
  ticket: number,
  startMs: number,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Awaited<T>> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (): boolean => {
      if (ended) return false;
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      return true;
    };
    const succeed = (value: Awaited<T>) => {
      if (!end()) return;
      const now = breaker.now();
      breaker.onSuccess(ticket, now, now - startMs);
      resolve(value);
    };
    const fail = (error: unknown) => {
      if (!end()) return;
      const now = breaker.now();
      breaker.onFailure(ticket, now, now - startMs);
      reject(error);
    };
    const cancel = () => {
      if (!end()) return;
      breaker.release(ticket);
      controller.abort(signal?.reason);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", cancel);
    if (timeoutMs !== undefined) {
      timer = setTimeout(() => {
        const error = new CallTimeoutError(breaker.name, timeoutMs);
        fail(error);
        controller.abort(error);
      }, timeoutMs);
    }
    try {
      Promise.resolve(fn(controller.signal)).then(succeed as (value: unknown) => void, fail);
    } catch (error) {
      fail(error);
    }
  });
}
