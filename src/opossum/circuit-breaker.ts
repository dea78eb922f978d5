/** opossum's `CircuitBreaker`, over a breaker of the core. docs/from-opossum.md lists what differs on purpose. */
import type { CircuitBreaker as CoreBreaker } from "../breaker/breaker.ts";
import { coarseClock, systemClock } from "../breaker/clock.ts";
import { promiseOf } from "../breaker/execute.ts";
import { warn } from "../breaker/platform.ts";
import { functionOption } from "../breaker/validate.ts";
import { succeedFast } from "../core/fast-path.ts";
import { Call, settle, settleWithin } from "./call.ts";
import { createCore, restoreState } from "./core-breaker.ts";
import { isHeard, TypedEmitter, tell } from "./emitter.ts";
import { isOurError, OpenBreakerError, ourError } from "./errors.ts";
import { startHealthCheck } from "./health-check.ts";
import { MemoryCache } from "./memory-cache.ts";
import { LONGEST_RESET_MS, type ReadOptions, readOptions } from "./options.ts";
import { findResult, keepResult, NO_KEY, shareResult, unshareResult } from "./results.ts";
import { Semaphore } from "./semaphore.ts";
import { Status, type Status as StatusType } from "./status.ts";
import { quietTimeout } from "./timer.ts";
import type {
  Aborter,
  BreakerRecord,
  BreakerState,
  Bucket as BucketType,
  CacheTransport as CacheTransportType,
  Counts,
  Events as EventsType,
  Options as OptionsType,
  Stats as StatsType,
  StatusOptions as StatusOptionsType,
} from "./types.ts";
import type { CountWindow } from "./window.ts";

// The coarse clock, which starts a timer under load, is read twice by a call that succeeds; everything rarer reads the exact one.
// Constants of this file, since V8 looks imported functions up at every call.
const clock = coarseClock;
const emit = tell;
const hears = isHeard;
const countSuccess = succeedFast;

type Phase = "closed" | "open" | "half_open" | "shutdown";

const DEPRECATION = "options.maxFailures is deprecated. Please use options.errorThresholdPercentage";

/**
 * A circuit breaker around a function, with the interface of opossum 10.
 *
 * It opens when more than `errorThresholdPercentage` of the calls fired in the window fail; that is judged at each failure.
 * After `resetTimeout` it is half-open: the next call is a probe, whose success closes it and whose failure opens it again.
 */
export class CircuitBreaker<TI extends unknown[] = any[], TR = any> extends TypedEmitter<TI, TR> {
  /** The class of `status`. */
  static readonly Status = Status;
  /** The class of the caches in this process. */
  static readonly MemoryCache = MemoryCache;
  /** The class of `semaphore`. */
  static readonly Semaphore = Semaphore;

  /** Options with every default filled in. */
  readonly options: ReadOptions;
  /** The guarded function. */
  readonly action: (...args: TI) => TR | PromiseLike<TR>;
  /** Places for calls at once. */
  readonly semaphore: Semaphore;
  /** The breaker of bluesmoke that keeps the state: for `snapshot()`, `explain` and the like. Change the state by this class. */
  readonly core: CoreBreaker;
  readonly #name: string;
  readonly #group: string;
  /** @internal */
  readonly _status: Status;
  readonly #volumeThreshold: number;
  /** @internal */
  _phase: Phase = "closed";
  /** @internal */
  _isEnabled: boolean;
  /** @internal Handler of results for calls with the same ticket and the same start. */
  _onValue: (value: unknown) => unknown = same;
  /** @internal */
  _ticket = 0;
  /** @internal */
  _startMs = 0;
  /** @internal Of `status`. */
  readonly _window: CountWindow;
  /** @internal */
  _pendingClose = false;
  #fallback: ((...args: any[]) => unknown) | undefined;
  /** ms on the clock of breakers; 0: it does not warm up. */
  #warmUpUntilMs = 0;
  #lastTimerAt: number;
  #stopTimer: (() => void) | undefined;
  /** Ticket of the latest call that was let through while half-open. */
  #probe: number | undefined;
  /** A call failed after `shutdown` that would have opened the circuit. */
  #isOpenedLate = false;
  /** Ticket of a probe that the core waits for no longer. Its success still closes the circuit. */
  #givenUp: number | undefined;
  readonly #healthChecks: (() => void)[] = [];

  /**
   * @param action the guarded function; any other value stands for a function that resolves to it.
   * @throws TypeError or RangeError for bad options, or without an action.
   */
  constructor(action: ((...args: TI) => TR | PromiseLike<TR>) | NonNullable<TR>, options?: OptionsType<TI>) {
    super();
    if (!action) {
      throw new TypeError(
        "No action provided. Cannot construct a CircuitBreaker without an invocable action.",
      );
    }
    const read = readOptions(options);
    this.options = read;
    const isFunction = typeof action === "function";
    this.action = isFunction ? (action as typeof this.action) : () => Promise.resolve(action as TR);
    this.#name = read.name || (isFunction && action.name) || randomName();
    this.#group = read.group || this.#name;
    this.semaphore = new Semaphore(read.capacity);
    this.#volumeThreshold = read.volumeThreshold ?? 0;
    this._status = statusOf(read);
    this._window = this._status._window;
    const state = read.state || undefined;
    this._isEnabled = (state ?? read).enabled !== false;
    if (state?.warmUp || read.allowWarmUp === true) {
      this.#warmUpUntilMs = systemClock() + Math.max(1, read.rollingCountTimeout);
    }
    this.core = createCore(String(this.#name), read);
    this.#lastTimerAt = Date.now();
    if (read.maxFailures) console.error(DEPRECATION);
    if (state) this.#restore(state);
  }

  /** Whether a breaker made the error, and not the guarded function. False for what is no error. */
  static isOurError(error: unknown): boolean {
    return isOurError(error);
  }

  /** Counts to begin with, for the option `status`. @throws TypeError or RangeError for bad options */
  static newStatus(options?: StatusOptionsType): Status {
    return new Status(options);
  }

  /** Its name. */
  get name(): string {
    return this.#name;
  }

  /** Its group; default: the name. */
  get group(): string {
    return this.#group;
  }

  /** Whether every call passes. */
  get closed(): boolean {
    return this._phase === "closed";
  }

  /** Whether every call is refused. After `shutdown`: whether a call that ended later would have opened it. */
  get opened(): boolean {
    return this._phase === "open" || this.#isOpenedLate;
  }

  /** Whether one probe decides. */
  get halfOpen(): boolean {
    return this._phase === "half_open";
  }

  /** Whether the next call is the probe. */
  get pendingClose(): boolean {
    return this._pendingClose;
  }

  /** Whether it was shut down, for good. */
  get isShutdown(): boolean {
    return this._phase === "shutdown";
  }

  /** Whether calls are guarded. */
  get enabled(): boolean {
    return this._isEnabled;
  }

  /** Whether it warms up: failures do not open it. */
  get warmUp(): boolean {
    return this.#warmUpUntilMs > 0 && systemClock() < this.#warmUpUntilMs;
  }

  /** With fewer calls fired in the window it does not open. */
  get volumeThreshold(): number {
    return this.#volumeThreshold;
  }

  /** What it counts. */
  get status(): Status {
    return this._status;
  }

  /** Sums over the window. */
  get stats(): StatsType {
    return this._status.stats;
  }

  /** State and counts as plain data, for the options `state` and `status` of another breaker. */
  toJSON(): BreakerRecord {
    return {
      state: {
        name: this.name,
        enabled: this.enabled,
        closed: this.closed,
        open: this.opened,
        halfOpen: this.halfOpen,
        warmUp: this.warmUp,
        shutdown: this.isShutdown,
        lastTimerAt: this.#lastTimerAt,
      },
      status: this.stats,
    };
  }

  /** What gives the result of a call that failed or was refused: a function of its arguments and the error, or a breaker. */
  fallback(fallback: ((...args: any[]) => unknown) | CircuitBreaker<any, any>): this {
    // Not `instanceof`: it may be of another copy of the package.
    const isBreaker = typeof (fallback as Partial<CircuitBreaker> | undefined)?.fire === "function";
    if (!isBreaker && fallback) functionOption("fallback", fallback);
    this.#fallback = isBreaker
      ? (...args) => (fallback as CircuitBreaker).fire(...args)
      : (fallback as (...args: any[]) => unknown);
    return this;
  }

  /**
   * Calls the function if the circuit lets it pass.
   * @throws (as a rejection) what the function throws; or an error of the breaker with the code EOPENBREAKER, ETIMEDOUT,
   * ESEMLOCKED or ESHUTDOWN, see `isOurError`. A fallback replaces all but the last.
   */
  fire(...args: TI): Promise<TR> {
    return this._run(this.action, args) as Promise<TR>;
  }

  /** The same with `context` as `this` of the function. */
  call(context: unknown, ...args: TI): Promise<TR> {
    return this._run(context, args) as Promise<TR>;
  }

  /** Opens it until `resetTimeout` has passed. */
  open(): void {
    if (this._phase === "open" || this._phase === "shutdown") return;
    this.#givenUp = undefined;
    this.core.trip(undefined, boundedReset(this.options.resetTimeout));
    this._follow();
  }

  /** Closes it. The window stays, and later failures are judged by what is counted from now on. */
  close(): void {
    if (this._phase === "closed" || this._phase === "shutdown") return;
    this._window.judgeAnew();
    this.#close();
  }

  #close(): void {
    this.#givenUp = undefined;
    this.core.reset();
    this._follow();
  }

  /** Guards calls again. */
  enable(): void {
    if (this._phase === "shutdown") return;
    this._isEnabled = true;
    this._status._followController();
  }

  /** Lets every call pass, unguarded: no cache, no timeout, no fallback. */
  disable(): void {
    this._isEnabled = false;
    this._status._leaveController();
  }

  /** Ends it for good: calls are rejected with ESHUTDOWN, listeners and timers are gone. */
  shutdown(): void {
    emit(this, "shutdown");
    this.disable();
    this.removeAllListeners();
    this.#stopTimer?.();
    for (const stop of this.#healthChecks.splice(0)) stop();
    this._status.shutdown();
    this.#warmUpUntilMs = this.warmUp ? Infinity : 0; // time changes nothing more
    this._phase = "shutdown";
    this.clearCache();
    this.options.breakers?.delete(this.core.name);
    this.core[Symbol.dispose]();
  }

  /** Forgets all kept answers and shared promises. */
  clearCache(): void {
    if (this.options.cache) this.options.cacheTransport?.flush();
    this.options.coalesceCache?.flush();
  }

  /**
   * Calls a function now and periodically; where it throws or rejects, the circuit opens.
   * @param intervalMs above 0. Default: 5,000.
   * @throws TypeError when it is no function, or no number; RangeError for an interval that no timer has.
   */
  healthCheck(check: (this: this) => unknown, intervalMs?: number): void {
    const stop = startHealthCheck(this, check, intervalMs, (breaker, error) => {
      if (breaker.isShutdown) return;
      emit(breaker, "healthCheckFailed", error);
      breaker.open();
    });
    if (this.isShutdown)
      stop(); // the check has done so
    else this.#healthChecks.push(stop);
  }

  /** The signal of the option `abortController`; undefined without one. */
  getSignal(): AbortSignal | undefined {
    return this.options.abortController?.signal;
  }

  /** The option `abortController`, or what replaced it. */
  getAbortController(): Aborter | undefined {
    return this.options.abortController;
  }

  /** @internal */
  _run(context: unknown, args: unknown[]): Promise<unknown> {
    if (this._phase === "shutdown") {
      return Promise.reject(ourError("The circuit has been shutdown.", "ESHUTDOWN"));
    }
    const nowMs = clock();
    this._window.current(nowMs).fires++;
    if (hears(this)) emit(this, "fire", args);
    if (!this._isEnabled) return promised(() => this.action.apply(context, args as TI));
    const { cache, coalesce } = this.options;
    if (cache || coalesce) return this._runCached(context, args, nowMs);
    return this._admit(context, args, nowMs, NO_KEY);
  }

  /** @internal */
  _runCached(context: unknown, args: unknown[], nowMs: number): Promise<unknown> {
    const key = this.options.cacheGetKey.apply(this, args);
    return findResult(this, key) ?? this._admit(context, args, nowMs, key);
  }

  /** @internal */
  _note(count: keyof Counts, event: string): void {
    this.#count(count);
    emit(this, event);
  }

  /** @internal */
  _admit(context: unknown, args: unknown[], nowMs: number, key: unknown): Promise<unknown> {
    // Until its timer has run, an open circuit stands still in time: after a stall of the loop, no call half-opens it.
    const isWaiting = this._phase === "open" && this.#stopTimer !== undefined;
    const ticket = isWaiting ? this.core.tryAcquire(0) : this.core._admit();
    if (ticket === 0) return this.#refuse(args);
    if (this._phase !== "closed") this._follow(); // the delay is over: it is half-open, or was closed elsewhere
    if (!this.semaphore.test()) {
      this.core.release(ticket);
      return this.#refuseBusy(args);
    }
    if (this._phase === "half_open") {
      this._pendingClose = false;
      this.#probe = ticket;
    }
    let result: Promise<unknown>;
    try {
      result = promiseOf(this.action.apply(context, args as TI));
    } catch (error) {
      const call = new Call(args, nowMs, ticket, key);
      return shareResult(this.options, call, this._failed(call, error) ?? Promise.reject(error));
    }
    const { timeout } = this.options;
    if (key !== NO_KEY || timeout) return this.#settle(new Call(args, nowMs, ticket, key), result);
    const isSame = this._startMs === nowMs && this._ticket === ticket;
    return result.then(
      isSame ? this._onValue : this._handlerFor(ticket, nowMs),
      // The result itself rejects with that error, and costs less than to throw it again.
      (error) => this._failed(new Call(args, nowMs, ticket, key), error) ?? result,
    );
  }

  /** @internal The handler of results that calls share which began at one time with one ticket. */
  _handlerFor(ticket: number, startMs: number): (value: unknown) => unknown {
    this._ticket = ticket;
    this._startMs = startMs;
    this._onValue = (value) => {
      this._succeed(ticket, startMs, value);
      this.semaphore.release();
      return value;
    };
    return this._onValue;
  }

  /** A call with a timeout, or with a key. */
  #settle(call: Call, result: Promise<unknown>): Promise<unknown> {
    const { timeout } = this.options;
    call.result = result;
    return shareResult(
      this.options,
      call,
      timeout ? settleWithin(this, call, result, timeout) : settle(this, call, result),
    );
  }

  #refuse(args: unknown[]): Promise<unknown> {
    if (this._phase !== "open") {
      const isHalfOpen = this._phase === "half_open";
      this._follow(); // the core has given up a probe, or it was opened elsewhere
      if (isHalfOpen && this.opened) this.#givenUp = this.#probe;
    }
    const error = new OpenBreakerError();
    this.#count("rejects");
    emit(this, "reject", error);
    return this._fallBack(args, error) ?? Promise.reject(error);
  }

  #refuseBusy(args: unknown[]): Promise<unknown> {
    const error = ourError("Semaphore locked", "ESEMLOCKED");
    this.#count("semaphoreRejections");
    emit(this, "semaphoreLocked", error, 0);
    return this._fallBack(args, error) ?? Promise.reject(error);
  }

  /** @internal The call has a result. */
  _succeeded(call: Call, value: unknown): unknown {
    this._succeed(call.ticket, call.startMs, value);
    unshareResult(this.options, call, "success");
    this.semaphore.release();
    keepResult(this.options, call);
    return value;
  }

  /** @internal The call has failed; undefined: no fallback answers it. */
  _failed(call: Call, error: unknown): Promise<unknown> | undefined {
    this.semaphore.release();
    const promise = this._fail(call, error, latencyOf(call)) ? this._fallBack(call.args, error) : undefined;
    unshareResult(this.options, call, "error");
    return promise;
  }

  /** @internal The call has taken too long. Whether the fallback answers it. */
  _timedOut(call: Call, error: Error): boolean {
    const latencyMs = latencyOf(call);
    this.semaphore.release();
    this.#count("timeouts", latencyMs);
    emit(this, "timeout", error, latencyMs, call.args);
    const isFailure = this._fail(call, error, latencyMs);
    unshareResult(this.options, call, "timeout");
    try {
      this.options.abortController?.abort();
    } catch (failure) {
      warn(failure);
    }
    return isFailure && this._hasFallback();
  }

  /** @internal */
  _hasFallback(): boolean {
    return this.#fallback !== undefined;
  }

  /** @internal */
  _succeed(ticket: number, startMs: number, value: unknown): void {
    if (this._phase === "shutdown") return;
    const nowMs = clock();
    const latencyMs = Math.max(0, Math.round(nowMs - startMs));
    const bucket = this._window.current(nowMs);
    bucket.successes++;
    if (this._status.rollingPercentilesEnabled) bucket.latencyTimes.push(latencyMs);
    const { core } = this;
    if (this._phase !== "closed") this.#heal(ticket);
    else if (!countSuccess(core._memory, core._id, ticket, nowMs)) core.onSuccess(ticket, nowMs);
    if (hears(this)) emit(this, "success", value, latencyMs);
  }

  /** After a success of a circuit that is not closed. */
  #heal(ticket: number): void {
    this.core.onSuccess(ticket);
    if (ticket === this.#givenUp) this.#close();
    else this._follow();
  }

  /** @internal Whether the error counts as a failure. */
  _fail(call: Call, error: unknown, latencyMs: number): boolean {
    if (this.#isFiltered(call, error)) {
      this._succeed(call.ticket, call.startMs, error);
      return false;
    }
    this.#count("failures", latencyMs);
    emit(this, "failure", error, latencyMs, call.args);
    this.core.onFailure(call.ticket, undefined, undefined, undefined, undefined, error);
    if (this._phase === "closed" || this._phase === "shutdown") this.#judge();
    else this._follow();
    return true;
  }

  #isFiltered(call: Call, error: unknown): boolean {
    try {
      return !!this.options.errorFilter(error, ...call.args);
    } catch (failure) {
      warn(failure); // of the filter: the call failed all the same
      return false;
    }
  }

  /** Opens the circuit if too many of the calls fired have failed. */
  #judge(): void {
    if (this.warmUp) return;
    const { fires, failures } = this._window;
    if (fires < this.#volumeThreshold) return;
    if (!((failures / fires) * 100 > this.options.errorThresholdPercentage)) return;
    if (this._phase === "shutdown") this.#isOpenedLate = true;
    else this.open();
  }

  /** @internal */
  _fallBack(args: readonly unknown[], error: unknown): Promise<unknown> | undefined {
    const fallback = this.#fallback;
    if (!fallback) return undefined;
    let result: unknown;
    try {
      result = fallback.apply(fallback, [...args, error]);
    } catch (failure) {
      return Promise.reject(failure);
    }
    this.#count("fallbacks");
    emit(this, "fallback", result, error);
    return Promise.resolve(result);
  }

  #count(property: Parameters<Status["increment"]>[0], latencyMs?: number): void {
    if (this._phase !== "shutdown") this._status.increment(property, latencyMs);
  }

  /** @internal Takes over the state of the core. */
  _follow(): void {
    const state = this.core.state;
    if (state === this._phase || this._phase === "shutdown") return;
    this._phase = state;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this._pendingClose = state === "half_open";
    if (state === "open") {
      this.#lastTimerAt = Date.now();
      this._status.open();
      this.#awaitHalfOpen();
      emit(this, "open");
      return;
    }
    this.#renewAbortController();
    if (state === "closed") {
      this._status.close();
      emit(this, "close");
    } else {
      emit(this, "halfOpen", this.options.resetTimeout);
    }
  }

  #awaitHalfOpen(): void {
    const delayMs = Math.max(1, Math.ceil(this.core.retryAfterMs(systemClock())));
    if (delayMs > LONGEST_RESET_MS) return; // the core was forced open elsewhere, until a call finds that it is not
    this.#stopTimer = quietTimeout(() => {
      this.core.check(systemClock());
      if (this.core.state === "open") this.#awaitHalfOpen();
      else this._follow();
    }, delayMs);
  }

  #renewAbortController(): void {
    const { autoRenewAbortController, abortController } = this.options;
    if (autoRenewAbortController && abortController?.signal?.aborted) {
      this.options.abortController = new AbortController();
    }
  }

  #restore(state: BreakerState): void {
    if (state.shutdown) {
      this.shutdown();
      return;
    }
    restoreState(this.core, state, this.options.resetTimeout);
    this._follow();
    this.#lastTimerAt = state.lastTimerAt ?? this.#lastTimerAt;
  }
}

/** Types by the names that `@types/opossum` gives them. */
export declare namespace CircuitBreaker {
  /** Options of a breaker. */
  export type Options<TI extends unknown[] = unknown[]> = OptionsType<TI>;
  /** Sums over the window. */
  export type Stats = StatsType;
  /** A slice of the window. */
  export type Bucket = BucketType;
  /** The slices, the newest first. */
  export type Window = BucketType[];
  /** State as `toJSON` writes it. */
  export type State = BreakerState;
  /** Counts over the window. */
  export type Status = StatusType;
  /** Events with their arguments. */
  export type Events<TI extends unknown[] = unknown[], TR = unknown> = EventsType<TI, TR>;
  /** Options of `newStatus`. */
  export type StatusOptions = StatusOptionsType;
  /** A cache of results. */
  export type CacheTransport = CacheTransportType;
}

/** ms since the call was fired, whole. */
function latencyOf({ startMs }: Call): number {
  return Math.max(0, Math.round(systemClock() - startMs));
}

/** ms; a program may have written anything to `options.resetTimeout`. */
function boundedReset(resetMs: number): number {
  return resetMs > 0 ? Math.min(resetMs, LONGEST_RESET_MS) : 0;
}

function same<T>(value: T): T {
  return value;
}

function promised(act: () => unknown): Promise<unknown> {
  try {
    return promiseOf(act());
  } catch (error) {
    return Promise.reject(error);
  }
}

function statusOf(options: ReadOptions): Status {
  const { status } = options;
  // Not `instanceof`: it may be of another copy of the package.
  if ((status as Status | undefined)?._window) return status as Status;
  return new Status(status ? { ...options, stats: status } : options);
}

function randomName(): string {
  return globalThis.crypto.randomUUID();
}
