/** One call of a function behind a breaker: with a signal, a timeout, a fallback, a judgement of its own. */
import {
  type CallBreaker,
  type CallContext,
  type CallFunction,
  type ExecuteOptions,
  type Job,
  PLAIN_CALL,
  readCall,
} from "./call-options.ts";
import { admitCall, fallBack, judge, refuse, report } from "./call-report.ts";
import { CallTimeoutError } from "./errors.ts";
import { ownTimer, warn } from "./platform.ts";
import { type Expiring, queueFor, type TimeoutQueue } from "./timeout-queue.ts";

/** @internal Calls `fn` if the breaker admits it. See `CircuitBreaker.execute`. */
export function executeWith<T, F>(
  breaker: CallBreaker,
  fn: CallFunction<T>,
  options: ExecuteOptions<T, F> | undefined,
): Promise<Awaited<T> | Awaited<F>> {
  const job = readCall(breaker, options);
  const { around } = breaker._policy.cache;
  return around ? around(job, () => start<T, F>(job, fn)) : start<T, F>(job, fn);
}

function start<T, F>(job: Job, fn: CallFunction<T>): Promise<Awaited<T> | Awaited<F>> {
  const { signal, timeoutMs, fallback } = job;
  if (signal?.aborted) return Promise.reject(reasonOf(signal));
  if (!admitCall(job)) {
    const error = refuse(job);
    if (!fallback) return Promise.reject(error);
    try {
      return Promise.resolve(fallBack(job, error, true) as Awaited<F>);
    } catch (failure) {
      return Promise.reject(failure);
    }
  }
  const call = new Call<T>(job);
  // A listener of an event that this call has caused may have aborted it.
  if (signal?.aborted) return call.abandon(reasonOf(signal));
  let outcome: Promise<Awaited<T>>;
  try {
    outcome = signal || timeoutMs !== undefined ? call.race(fn) : call.settle(fn);
  } catch (error) {
    return call.abandon(error); // a signal that cannot be listened to, or a clock that starts no timer
  }
  if (!fallback) return outcome;
  return outcome.catch((error) => (job.isFailure ? fallBack(job, error, false) : outcome)) as typeof outcome;
}

/** @internal Whether it is a promise with the `then` of the engine. */
export function isNative<T>(value: T | PromiseLike<T>): value is Promise<Awaited<T>> & T {
  return value instanceof Promise && value.then === Promise.prototype.then;
}

/** @internal The value as a promise with the `then` of the engine: any other may throw, or begins its work at the first call. */
export function promiseOf<T>(value: T | PromiseLike<T>): Promise<Awaited<T>> {
  return isNative(value) ? value : new Promise((resolve) => resolve(value as Awaited<T>));
}

/** A call under way. It is its own call object, and its own node of the queue of timeouts. */
class Call<T> implements CallContext, Expiring {
  dueMs = 0;
  next: Expiring | undefined = undefined;
  previous: Expiring | undefined = undefined;
  queue: TimeoutQueue | undefined = undefined;
  readonly _job: Job;
  _resolve!: (value: Awaited<T>) => void;
  _reject!: (error: unknown) => void;
  _wasCut: (() => void) | undefined;
  _controller: AbortController | undefined;
  _stopTimer: (() => void) | undefined;
  _hasEnded = false;
  /** It ended before its function did: by the timeout or by its caller. */
  _isCut = false;
  _cutBy: unknown;

  constructor(job: Job) {
    this._job = job;
  }

  get signal(): AbortSignal {
    const { signal, timeoutMs } = this._job;
    if (timeoutMs === undefined && !this._isCut) return signal ?? PLAIN_CALL.signal;
    if (!this._controller) {
      const controller = new AbortController();
      this._controller = controller;
      const abort = () => controller.abort(this._cutBy);
      if (this._isCut) abort();
      // By way of a promise made here, so that listeners of the signal run in the asynchronous context of the call.
      else new Promise<void>((resolve) => (this._wasCut = resolve)).then(abort);
    }
    return this._controller.signal;
  }

  /** Calls the function and waits for it, however long. */
  settle(fn: CallFunction<T>): Promise<Awaited<T>> {
    let result: Promise<Awaited<T>>;
    try {
      result = promiseOf(fn(this));
    } catch (error) {
      result = Promise.reject(error);
    }
    return result.then(
      (value) => {
        if (this._end()) judge(this._job, { status: "fulfilled", value });
        return value;
      },
      (reason) => {
        if (this._end()) judge(this._job, { status: "rejected", reason });
        return result; // it rejects with that error, and costs less than to throw it again
      },
    );
  }

  /** The first of four ends decides: an answer, an error, the timeout, the caller's cancellation. */
  race(fn: CallFunction<T>): Promise<Awaited<T>> {
    const outer = new Promise<Awaited<T>>((resolve, reject) => {
      this._resolve = resolve;
      this._reject = reject;
    });
    const { breaker, signal, timeoutMs } = this._job;
    if (signal) watchSignal(signal, this);
    if (timeoutMs !== undefined) {
      const { after = ownTimer() } = breaker._clock;
      if (after) this._stopTimer = after(timeoutMs, () => this.expire());
      else queueFor(timeoutMs).add(this);
    }
    // The functions of `outer` themselves: so an engine follows the asynchronous stack of an error to the caller.
    this.settle(fn).then(this._resolve, this._reject);
    return outer;
  }

  /** Whether this end is the first. */
  _end(): boolean {
    if (this._hasEnded) return false;
    this._hasEnded = true;
    try {
      this.queue?.remove(this);
      this._stopTimer?.();
      const { signal } = this._job;
      this._job.signal = undefined; // a function that never ends must not keep it
      if (signal) unwatchSignal(signal, this);
    } catch (error) {
      warn(error);
    }
    return true;
  }

  /** It has taken too long. */
  expire(): void {
    const { breaker, timeoutMs } = this._job;
    this._cut("timeout", new CallTimeoutError(breaker.name, timeoutMs!));
  }

  /** Its caller has aborted it. */
  cancel(reason: unknown): void {
    this._cut("ignored", reason);
  }

  _cut(verdict: "timeout" | "ignored", reason: unknown): void {
    if (!this._end()) return;
    report(this._job, verdict, reason);
    this._isCut = true;
    this._cutBy = reason;
    this._reject(reason);
    this._wasCut?.();
  }

  /** Gives up before the function was called. */
  abandon(reason: unknown): Promise<never> {
    this._end();
    report(this._job, "ignored");
    return Promise.reject(reason);
  }
}

function reasonOf({ reason }: AbortSignal): unknown {
  return reason !== undefined ? reason : new DOMException("This operation was aborted", "AbortError");
}

interface Cancellable {
  cancel(reason: unknown): void;
}

interface WatchedSignal {
  readonly calls: Set<Cancellable>;
  readonly listener: () => void;
}

/** One listener for each signal, however many calls it can cancel. */
const watched = /* @__PURE__ */ new WeakMap<AbortSignal, WatchedSignal>();

function watchSignal(signal: AbortSignal, call: Cancellable): void {
  let entry = watched.get(signal);
  if (!entry) {
    const calls = new Set<Cancellable>();
    const listener = () => {
      for (const each of [...calls]) each.cancel(reasonOf(signal));
    };
    entry = { calls, listener };
    watched.set(signal, entry);
    signal.addEventListener("abort", listener);
  }
  entry.calls.add(call);
}

function unwatchSignal(signal: AbortSignal, call: Cancellable): void {
  const entry = watched.get(signal);
  if (!entry?.calls.delete(call) || entry.calls.size > 0) return;
  watched.delete(signal);
  signal.removeEventListener("abort", entry.listener);
}
