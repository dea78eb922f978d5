/** One call of a function behind a breaker: with a signal, a timeout, a fallback, a judgement of its own. */
import { type Clock, exactTimeOf, isOfThisLoop } from "./clock.ts";
import { CallTimeoutError, type CircuitOpenError } from "./errors.ts";
import { durationWithoutLag } from "./loop-lag.ts";
import { CALL, type Classify, type Fallback, type Outcome, type Rule, type Table } from "./options.ts";
import { allowListeners, isByRequest, ownTimer, warn } from "./platform.ts";
import type { CallOutcome, PolicyEntry } from "./policy-cache.ts";
import { type Expiring, queueFor, type TimeoutQueue } from "./timeout-queue.ts";
import { functionOption, objectOption, type Range, wrongType } from "./validate.ts";

/** @internal A breaker, as far as a call needs it. */
export interface CallBreaker {
  readonly name: string;
  readonly _policy: PolicyEntry;
  readonly _clock: Clock;
  /** The time at which a call starts; NaN where its duration is not judged. */
  _startOf(): number;
  /** A ticket, or 0; reads no clock where no time is needed. */
  _admit(): number;
  tryAcquire(nowMs?: number): number;
  onSuccess(ticket: number, nowMs?: number, durationMs?: number): void;
  release(ticket: number, nowMs?: number): void;
  _failWith(
    error: unknown,
    ticket: number,
    nowMs: number,
    durationMs: number,
    holdMs: number | undefined,
  ): void;
  _refusal(nowMs: number): CircuitOpenError;
}

/** What the function of a call is given. */
export interface CallContext {
  /**
   * Aborted by the timeout and by the caller's own signal; made when it is first read. Where neither can end the call, a
   * signal that is never aborted.
   */
  readonly signal: AbortSignal;
}

/** A function to call behind a breaker. */
export type CallFunction<T> = (call: CallContext) => T | PromiseLike<T>;

/** What one call is given besides its function, over the call defaults of its breaker. */
export interface ExecuteOptions<T, F = T> {
  /** The caller's cancellation: rejects at once with its reason, and is neutral for the breaker. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A call that takes longer is a failure; its signal is aborted, and it is not waited for. 1..86,400,000 ms, default: no
   * timeout. Where our own event loop stalled, what has arrived is taken in first, and the time lost is given back once.
   */
  readonly timeoutMs?: number | undefined;
  /** Gives the result when the call was refused, failed or timed out; not when it was cancelled or ignored. */
  readonly fallback?: Fallback<F> | undefined;
  /** Whether a value or an error is a success, a failure, or neither. Not asked about timeouts and cancellation. */
  readonly classify?: Classify<Awaited<T>> | undefined;
}

/** Reads of a signal that is never aborted before a new one: Node 20 keeps some bytes for each use of one. */
const SIGNAL_READS = 4_000;

/** The call object of calls that nothing can abort. */
class PlainCall implements CallContext {
  _signal: AbortSignal | undefined;
  _readsLeft = 0;

  get signal(): AbortSignal {
    if (--this._readsLeft < 0) {
      this._signal = new AbortController().signal;
      allowListeners(this._signal);
      this._readsLeft = isByRequest() ? 0 : SIGNAL_READS;
    }
    return this._signal!;
  }
}

/** @internal */
export const PLAIN_CALL: CallContext = /* @__PURE__ */ new PlainCall();

/** @internal One call: what it was given, and what the breaker says to it. */
export interface Job {
  readonly breaker: CallBreaker;
  signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly fallback: Fallback<unknown> | undefined;
  readonly classify: Classify<unknown> | undefined;
  /** When it began; NaN: its duration is not judged. */
  startMs: number;
  ticket: number;
  /** It ended in an error that counts as a failure. */
  isFailure: boolean;
}

/** @internal What a synchronous call may be given. */
export const SYNC_OPTIONS: Table = /* @__PURE__ */ (() => ({
  fallback: { read: functionOption },
  classify: { read: functionOption },
}))();

/** @internal What an asynchronous call may be given. */
export const CALL_OPTIONS: Table = /* @__PURE__ */ (() => ({
  signal: { read: readSignal },
  timeoutMs: CALL.timeoutMs!,
  ...SYNC_OPTIONS,
}))();

function readSignal(option: string, value: unknown): unknown {
  if (typeof (value as AbortSignal | null)?.addEventListener === "function") return value;
  throw wrongType(option, "an AbortSignal", value);
}

/** @internal Checks the options of a call and fills in the defaults of its breaker. Reads own properties only. @throws OptionError */
export function readCall(
  breaker: CallBreaker,
  options: object | undefined,
  table: Table = CALL_OPTIONS,
): Job {
  const { timeoutMs, fallback, classify } = breaker._policy.callDefaults;
  const startMs = Number.NaN;
  const job: Job = {
    breaker,
    signal: undefined,
    timeoutMs,
    fallback,
    classify,
    startMs,
    ticket: 0,
    isFailure: false,
  };
  if (options === undefined) return job;
  if (typeof options !== "object" || options === null) throw wrongType("options", "an object", options);
  const given = options as Record<string, unknown>;
  for (const key in given) {
    if (!Object.hasOwn(given, key)) continue;
    if (!Object.hasOwn(table, key)) objectOption("options", options, Object.keys(table)); // throws
    const value = given[key];
    const rule = table[key] as Rule & Range;
    if (value !== undefined) job[key as "signal"] = rule.read(key, value, rule) as AbortSignal;
  }
  return job;
}

/** @internal Whether the breaker admits the call. */
export function admitCall(job: Job): boolean {
  const { breaker } = job;
  job.startMs = breaker._startOf();
  job.ticket = breaker._policy.needsTime ? breaker.tryAcquire() : breaker._admit();
  return job.ticket !== 0;
}

/** @internal The error of a call that was just refused. */
export function refuse(job: Job): CircuitOpenError {
  const error = job.breaker._refusal(job.startMs);
  tell(job, "refused", error);
  return error;
}

/** @internal What the fallback of a call gives. */
export function fallBack(job: Job, error: unknown, isRefused: boolean): unknown {
  tell(job, "fallback", error);
  return job.fallback!(error, isRefused);
}

function tell(job: Job, outcome: CallOutcome, end: unknown): void {
  job.breaker._policy.cache.observe?.(job, outcome, end);
}

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
    this._cut("timeout", () => new CallTimeoutError(breaker.name, timeoutMs!));
  }

  /** Its caller has aborted it. */
  cancel(reason: unknown): void {
    this._cut("ignored", () => reason);
  }

  _cut(verdict: "timeout" | "ignored", reasonFor: () => unknown): void {
    if (!this._end()) return;
    const reason = reasonFor();
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

/**
 * @internal Judges and reports how a call ended.
 * @throws what `classify` throws, and TypeError for what it must not return; the call is reported by the usual rule then.
 */
export function judge(job: Job, end: PromiseSettledResult<unknown>): void {
  const isValue = end.status === "fulfilled";
  const usual = isValue ? "success" : "failure";
  let verdict: Outcome | number = usual;
  try {
    if (job.classify) verdict = checkVerdict(job.classify(end)) ?? usual;
  } finally {
    report(job, verdict, isValue ? end.value : end.reason);
  }
}

/** @throws TypeError for what `classify` must not return. */
function checkVerdict(verdict: unknown): ReturnType<Classify<unknown>> {
  if (
    verdict === undefined ||
    verdict === "success" ||
    verdict === "failure" ||
    verdict === "ignored" ||
    (typeof verdict === "number" && verdict >= 0)
  ) {
    return verdict;
  }
  throw new TypeError(
    `classify must return "success", "failure", "ignored", ms to stay open, or undefined, got ${String(verdict)}`,
  );
}

/**
 * @internal Reports an ended call; a number is a failure and ms for the breaker to stay open. Nothing that goes wrong here changes
 * what the caller gets: it is a warning.
 */
export function report(job: Job, verdict: Outcome | "timeout" | number, end?: unknown): void {
  const { breaker, ticket, startMs } = job;
  const holdMs = typeof verdict === "number" ? verdict : undefined;
  job.isFailure = verdict !== "success" && verdict !== "ignored";
  try {
    tell(job, verdict, end);
    // At times of the breaker's own clock, from which it takes what our own loop was to blame for.
    const durationMs = Number.isNaN(startMs)
      ? startMs
      : durationOf(breaker, startMs, exactTimeOf(breaker._clock));
    if (job.isFailure) breaker._failWith(end, ticket, breaker._clock(), durationMs, holdMs);
    else if (verdict === "success") breaker.onSuccess(ticket, undefined, durationMs);
    else breaker.release(ticket);
  } catch (error) {
    warn(error);
  }
}

/** Without the time that our own loop was to blame for, where that decides. */
function durationOf({ _clock, _policy }: CallBreaker, startMs: number, endMs: number): number {
  const durationMs = endMs - startMs;
  const isSlow = durationMs > _policy.slowCallMs && isOfThisLoop(_clock);
  return isSlow ? durationWithoutLag(startMs, endMs) : durationMs;
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
