/** One breaker: the name of an endpoint, an address in linear memory, and little else of its own. */
import {
  DID_TRANSITION,
  MAXIMUM_WEIGHT,
  SLOT_MASK,
  SLOT_PENDING,
  SLOT_SHADOW,
  STATE_OPEN,
  TICKET_DID_TRANSITION,
} from "../../assembly/layout.ts";
import type { Core } from "../core/core.ts";
import { acquireFast, admitFast, failFast, succeedFast } from "../core/fast-path.ts";
import type { LinearMemory } from "../core/memory.ts";
import { type CallFunction, type ExecuteOptions, PLAIN_CALL } from "./call-options.ts";
import { type Clock, checkTime, exactTimeOf, isOfThisLoop, MAXIMUM_TIME_MS } from "./clock.ts";
import type { Engine } from "./engine.ts";
import { CircuitOpenError, messageOf, type Refusal, type RefusalReason } from "./errors.ts";
import {
  type EventKind,
  type Listener,
  Listeners,
  listenOnce,
  type State,
  type Unsubscribe,
} from "./events.ts";
import { executeWith, isNative, promiseOf } from "./execute.ts";
import { type ExecuteSyncOptions, executeSync } from "./execute-sync.ts";
import { retryAfterOf } from "./failure.ts";
import { isLoopWatched, timeWithoutLag, watchLoop } from "./loop-lag.ts";
import { MODES, type Mode, type ResolvedOptions } from "./options.ts";
import { printable, warn } from "./platform.ts";
import type { PolicyEntry } from "./policy-cache.ts";
import {
  type Block,
  limitOf,
  modeOf,
  retryAfterMsOf,
  type Snapshot,
  snapshotOf,
  stateOf,
} from "./snapshot.ts";
import {
  finalizer,
  freeStandalone,
  placeStandalone,
  type Slot,
  type StandaloneOptions,
} from "./standalone.ts";
import { functionOption, numberOption } from "./validate.ts";
import { type WrapOptions, wrapWith } from "./wrap.ts";

export type { StandaloneOptions } from "./standalone.ts";

// Constants of this file, since V8 looks imported functions up at every call.
const admit = admitFast;
const acquire = acquireFast;
const succeed = succeedFast;
const fail = failFast;
const checked = checkTime;

/** ms: the longest that a report or `trip` can hold a breaker open. */
const MAXIMUM_HOLD_MS = 86_400_000;

/** @internal What a registry does for its breakers. */
export interface Home {
  /** Brings address and policy of a breaker up to date; `create`: makes it anew where it was evicted. */
  locate: ((breaker: CircuitBreaker, create: boolean) => void) | undefined;
}

/** What refusals have in common while the state and the whole ms to wait stay. */
interface KnownRefusal extends Refusal {
  retryAfterMs: number;
  readonly key: number;
  readonly text: string;
}

/** @internal Where a breaker is. */
export interface Place {
  readonly engine: Engine;
  readonly clock: Clock;
  /** undefined: it belongs to no registry. */
  readonly home: Home | undefined;
  address: number;
  policy: PolicyEntry;
  /** Of a breaker that belongs to no registry: all that is kept of it to free its memory. */
  readonly slot?: Slot;
}

/** A circuit breaker for one endpoint. */
export class CircuitBreaker extends /* @__PURE__ */ printable() {
  /** The endpoint that it guards. */
  readonly name: string;
  /** @internal */
  readonly _engine: Engine;
  /** @internal */
  readonly _core: Core;
  /** @internal */
  readonly _memory: LinearMemory;
  /** @internal */
  readonly _clock: Clock;
  /** @internal Address of its block, as a signed number; 0: it has none at present. */
  _id = 0;
  /** @internal Address of the stripe that this thread writes, as a signed number. */
  _stripe = 0;
  /** @internal `seen` of the core when its address was found. */
  _seen = 0;
  /** @internal */
  _policy: PolicyEntry;
  /** @internal It was deleted or disposed of: it refuses everything. */
  _isRemoved = false;
  /** @internal */
  readonly _place: Place;
  /** @internal Listeners of a breaker that belongs to no registry. */
  _listeners: Listeners | undefined = undefined;
  /** @internal Handler of successes for the calls that hold the same ticket. */
  _onValue: (<T>(value: T) => T) | undefined = undefined; // set here: the constructor gives all objects one shape
  /** @internal */
  _ticket = 0;
  /** @internal The latest refusal. */
  _refused: KnownRefusal | undefined = undefined;

  /**
   * A breaker that belongs to no registry. Its memory is freed when it is garbage, or by `using`.
   * @throws OptionError for bad options or a bad name; RangeError when there is no memory.
   */
  constructor(name: string, options?: StandaloneOptions);
  /** @internal A breaker of a registry. */
  constructor(name: string, options: undefined, place: Place);
  constructor(name: string, options?: StandaloneOptions, place: Place = placeStandalone(name, options)) {
    super();
    const { engine, policy } = place;
    this.name = name;
    this._engine = engine;
    this._core = engine.core;
    this._memory = engine.core.memory;
    this._clock = place.clock;
    this._place = place;
    this._policy = policy;
    this._moveTo(place.address, policy);
    if (place.slot) finalizer?.register(this, place.slot, place.slot);
  }

  /** Options with every value filled in; deeply frozen; themselves valid options. */
  get options(): ResolvedOptions {
    this._refresh(false);
    return this._policy.options;
  }

  /** For batches: its address in the memory of its registry, until it is deleted, evicted or configured. */
  get id(): number {
    this._refresh();
    return this._id >>> 0;
  }

  /** What it does with calls. In shadow mode "closed": that is how it behaves. */
  get state(): State {
    return stateOf(this._engine, this._block());
  }

  /** What the breaker was told to do, apart from what it decides itself. Default "enabled". */
  get mode(): Mode {
    return modeOf(this._engine, this._block());
  }

  /**
   * Asks to pass. Returns a ticket to report once by `onSuccess`, `onFailure` or `release`; 0: refused.
   * @param nowMs time of the call; default: the clock. An earlier time than already seen counts as the latest seen.
   * @throws RangeError when `nowMs` is no time.
   */
  tryAcquire(nowMs?: number): number {
    const time = nowMs === undefined ? this._clock() : checked(nowMs);
    const ticket = acquire(this._memory, this._id, time);
    if (ticket > 0) return ticket;
    return ticket < 0 ? 0 : this._acquire(time, nowMs === undefined);
  }

  // The slow paths stand in functions of their own: V8 compiles small functions into their callers.
  /** @internal */
  _acquire(time: number, isOwnTime: boolean): number {
    this._refresh();
    const isOfLoop = isOwnTime && isOfThisLoop(this._clock);
    const result = this._core.exports.acquire(this._id, this._stripe, this._judgeTime(time, isOwnTime));
    const ticket = result & ~TICKET_DID_TRANSITION;
    const slot = ticket & SLOT_MASK;
    if (isOfLoop && slot && slot !== SLOT_SHADOW) {
      const { hungAfterMs, options } = this._policy;
      watchLoop(time, slot < SLOT_PENDING ? options.halfOpen.probeTimeoutMs : hungAfterMs);
    }
    if (result < 0) this._engine.dispatcher.dispatch();
    return ticket;
  }

  /** @internal Like `tryAcquire`, but reads no clock where no time is needed. */
  _admit(): number {
    return admit(this._memory, this._id) || this._admitSlow();
  }

  /** @internal */
  _admitSlow(): number {
    this._refresh();
    // Where no threads share it, `admit` of the module would say what `admitFast` has said.
    return (this._memory.shared && this._core.exports.admit(this._id)) || this.tryAcquire();
  }

  /**
   * The admitted call succeeded.
   * @param durationMs how long it took; default: unknown, and so never slow.
   * @param weight calls that this report stands for: a whole number from 1 to 1,000,000, default 1.
   * @throws RangeError when `nowMs` or `weight` is out of range.
   */
  onSuccess(ticket: number, nowMs?: number, durationMs = Number.NaN, weight = 1): void {
    const time = nowMs === undefined ? this._clock() : checked(nowMs);
    if (!(durationMs >= 0) && weight === 1 && succeed(this._memory, this._id, ticket, time)) return;
    this._succeed(ticket, this._judgeTime(time, nowMs === undefined), durationMs, checkWeight(weight));
  }

  /** @internal */
  _succeed(ticket: number, time: number, durationMs: number, weight: number): void {
    if (!this._refresh(false)) return;
    this._after(this._core.exports.succeed(this._id, this._stripe, ticket, time, durationMs, weight));
  }

  /**
   * The admitted call failed. Other parameters as for `onSuccess`.
   * @param holdMs if the breaker is open after it, it stays so at least this long from `nowMs`, and the event says so:
   * 0..86,400,000, default 0. What a `Retry-After` asks for.
   * @param error the failure: events and refusals name it as `lastError` if it opens the breaker.
   * @throws RangeError when `nowMs`, `weight` or `holdMs` is out of range.
   */
  onFailure(
    ticket: number,
    nowMs?: number,
    durationMs = Number.NaN,
    weight = 1,
    holdMs = 0,
    error?: unknown,
  ): void {
    const time = nowMs === undefined ? this._clock() : checked(nowMs);
    if (!(durationMs >= 0) && weight === 1 && fail(this._memory, this._id, ticket, time)) return;
    checkWeight(weight);
    numberOption("holdMs", holdMs, { from: 0, to: MAXIMUM_HOLD_MS });
    this._fail(ticket, this._judgeTime(time, nowMs === undefined), durationMs, weight, holdMs, error);
  }

  /** @internal `holdMs` undefined: as long as `error` says, see `retryAfterOf`. */
  _fail(
    ticket: number,
    time: number,
    durationMs: number,
    weight: number,
    holdMs: number | undefined,
    error: unknown,
  ): void {
    if (!this._refresh(false)) return;
    const { exports } = this._core;
    const bits = exports.fail(this._id, this._stripe, ticket, time, durationMs, weight);
    if (this._core.stateOf(this._id) === STATE_OPEN) {
      const forMs = Math.min(holdMs ?? retryAfterOf(error, Date.now()), MAXIMUM_HOLD_MS);
      // `time` may be too far ahead to count in full.
      const nowMs = this._core.latestOf(this._stripe);
      const untilMs = Math.min(nowMs + forMs, MAXIMUM_TIME_MS);
      // Before the event is emitted, so that it says so. Without effect where another thread owns the breaker.
      if (forMs > 0) exports.hold(this._id, this._stripe, untilMs, nowMs, this._seen);
    }
    this._after(bits, error);
  }

  /** @internal The failure of a call of `execute`, at a time of the breaker's own clock. */
  _failWith(
    error: unknown,
    ticket: number,
    time: number,
    durationMs: number,
    holdMs: number | undefined,
  ): void {
    if (!(durationMs >= 0) && fail(this._memory, this._id, ticket, time)) return;
    this._fail(ticket, this._judgeTime(time, true), durationMs, 1, holdMs, error);
  }

  /**
   * The admitted call came to nothing (cancelled, ignored): gives the ticket back, neutral in every state.
   * @throws RangeError when `nowMs` is no time.
   */
  release(ticket: number, nowMs?: number): void {
    const time = this._judgeTime(this._time(nowMs), nowMs === undefined);
    if (this._refresh(false)) this._after(this._core.exports.release(this._id, this._stripe, ticket, time));
  }

  /**
   * Judges what time alone has changed: expired buckets, probes that never reported, a delay that has ended (then it is
   * half-open). Takes no probe.
   * @throws RangeError when `nowMs` is no time.
   */
  check(nowMs?: number): void {
    const time = this._judgeTime(this._time(nowMs), nowMs === undefined);
    if (this._refresh(false)) this._after(this._core.exports.check(this._id, this._stripe, time));
  }

  /**
   * ms until a probe may pass; 0 when it is not open, Infinity when it is forced open.
   * @throws RangeError when `nowMs` is no time.
   */
  retryAfterMs(nowMs?: number): number {
    return retryAfterMsOf(this._engine, this._block(), this._time(nowMs));
  }

  /**
   * Counts and rates as of `nowMs`. Reads only: never changes a state.
   * @throws RangeError when `nowMs` is no time.
   */
  snapshot(nowMs?: number): Snapshot {
    return snapshotOf(this._engine, this.name, this._block(), this._time(nowMs));
  }

  /**
   * Calls `fn` if the breaker admits it, and reports its outcome: an error or a rejection is a failure. `fn` gets a call
   * object with a `signal`. Without options nothing but one promise is made.
   * @throws CircuitOpenError (as a rejection) when refused; otherwise what `fn` throws. OptionError, at once, for bad options
   * or no function.
   */
  execute<T, F = T>(fn: CallFunction<T>, options?: ExecuteOptions<T, F>): Promise<Awaited<T> | Awaited<F>> {
    if (typeof fn !== "function") functionOption("fn", fn);
    const { isPlain, cache } = this._policy;
    if (options !== undefined || !isPlain || cache.observers > 0) return executeWith(this, fn, options);
    const ticket = admit(this._memory, this._id) || this._admitSlow();
    if (ticket === 0) return Promise.reject(this._refusal(Number.NaN));
    const onValue = this._ticket === ticket ? this._onValue! : this._handlerFor(ticket);
    let result: Promise<Awaited<T>>;
    try {
      // Called from here, not from a function below: each frame makes the stack of an error that `fn` throws dearer.
      const value = fn(PLAIN_CALL);
      if (isNative(value)) result = value;
      else if (Object(value) !== value) return Promise.resolve(onValue(value) as Awaited<T>);
      else result = promiseOf(value);
    } catch (error) {
      result = Promise.reject(error);
    }
    return result.then(onValue, (error) => {
      this._reject(error, ticket);
      return result; // it rejects with that error, and costs less than to throw it again
    });
  }

  /** @internal All calls admitted while a breaker stays closed hold the same ticket: they share a handler. */
  _handlerFor(ticket: number): <T>(value: T) => T {
    this._ticket = ticket;
    this._onValue = (value) => {
      try {
        this.onSuccess(ticket);
      } catch (error) {
        warn(error); // this thread has detached, perhaps: no fault of the call
      }
      return value;
    };
    return this._onValue;
  }

  /** @internal */
  _reject(error: unknown, ticket: number): void {
    try {
      this._failWith(error, ticket, this._clock(), Number.NaN, undefined);
    } catch (failure) {
      warn(failure);
    }
  }

  /**
   * The same for a function that returns its value, or throws, at once.
   * @throws CircuitOpenError when refused, otherwise what `fn` throws; TypeError when it returned a promise; OptionError for
   * bad options or no function.
   */
  executeSync<T, F = T>(fn: () => T, options?: ExecuteSyncOptions<T, F>): T | F {
    functionOption("fn", fn);
    return executeSync(this, fn, options);
  }

  /**
   * `fn` behind the breaker: `this`, arguments and types stay, what it returns becomes a promise. The options hold for
   * every call.
   * @throws OptionError for bad options or no function, at once.
   */
  wrap<This, Args extends unknown[], R, F = R>(
    fn: (this: This, ...args: Args) => R,
    options?: WrapOptions<Args, R, F>,
  ): (this: This, ...args: Args) => Promise<Awaited<R> | Awaited<F>> {
    functionOption("fn", fn);
    return wrapWith(this, fn, options);
  }

  /**
   * Listens to one kind of event; returns the undo. Listeners run inside the call that caused the event; the same function
   * added twice is called once.
   * @throws OptionError for an unknown kind, or no function.
   */
  on(kind: EventKind, listener: Listener): Unsubscribe {
    const { dispatcher, core, isByName } = this._engine;
    if (!dispatcher.hasListeners) core.journal.skip();
    this._refresh();
    const { toOne } = dispatcher;
    const key = isByName ? this.name : this._id >>> 0;
    const listeners = (isByName ? toOne.get(key)?.deref() : this._listeners) ?? new Listeners();
    // An engine must not keep a breaker that belongs to no registry: it is garbage when its user has dropped it.
    if (!isByName) this._listeners = listeners;
    const undo = listeners.add(kind, listener, () => {
      const at = isByName ? key : this._id >>> 0;
      if (listeners.size === 0 && toOne.get(at)?.deref() === listeners) toOne.delete(at);
    });
    toOne.set(key, isByName ? { deref: () => listeners } : new WeakRef(listeners));
    dispatcher.listen?.();
    return undo;
  }

  /**
   * Listens to the next event of that kind only; returns the undo.
   * @throws OptionError for an unknown kind, or no function.
   */
  once(kind: EventKind, listener: Listener): Unsubscribe {
    return listenOnce(this, kind, listener);
  }

  /**
   * Refuses everything until `enable`, `disable` or `shadow`; no time heals it.
   * @throws RangeError when `nowMs` is no time.
   */
  forceOpen(nowMs?: number): void {
    this._switchTo("forced_open", nowMs);
  }

  /**
   * Judges and refuses; from another mode it starts closed with an empty window at level 0.
   * @throws RangeError when `nowMs` is no time.
   */
  enable(nowMs?: number): void {
    this._switchTo("enabled", nowMs);
  }

  /**
   * Passes everything and counts nothing.
   * @throws RangeError when `nowMs` is no time.
   */
  disable(nowMs?: number): void {
    this._switchTo("disabled", nowMs);
  }

  /**
   * Counts, judges, emits the events of what it would have done, and refuses nothing.
   * @throws RangeError when `nowMs` is no time.
   */
  shadow(nowMs?: number): void {
    this._switchTo("shadow", nowMs);
  }

  /**
   * Starts over in its mode: closed (unless forced open), empty window, level 0; time starts over at `nowMs`, too.
   * @throws RangeError when `nowMs` is no time.
   */
  reset(nowMs?: number): void {
    this._change(this._time(nowMs), (id, stripe, now, seen) =>
      this._core.exports.reset(id, stripe, now, seen),
    );
  }

  /**
   * Opens as a verdict does, by the next level of the backoff, and heals by itself; an open breaker stays as it is.
   * Without effect when it is disabled or forced open.
   * @param holdMs it stays open at least this long: 0..86,400,000 ms, default 0.
   * @throws RangeError when `nowMs` or `holdMs` is out of range.
   */
  trip(nowMs?: number, holdMs = 0): void {
    numberOption("holdMs", holdMs, { from: 0, to: MAXIMUM_HOLD_MS });
    this._change(this._time(nowMs), (id, stripe, now, seen) =>
      this._core.exports.trip(id, stripe, holdMs, now, seen),
    );
  }

  /** @internal */
  _switchTo(mode: Mode, nowMs: number | undefined): void {
    const code = MODES.indexOf(mode);
    this._change(this._time(nowMs), (id, stripe, now, seen) =>
      this._core.exports.switchTo(id, stripe, code, now, seen),
    );
  }

  /** @internal Changes the breaker; again while another thread owns it, for the length of a transition. */
  _change(nowMs: number, change: (id: number, stripe: number, nowMs: number, seen: number) => number): void {
    if (this._isRemoved) return; // its block stands for every removed breaker
    for (let tries = 0; ; tries++) {
      this._refresh();
      const bits = change(this._id, this._stripe, nowMs, this._seen);
      if (bits >= 0) {
        this._after(bits);
        return;
      }
      this._core.wait(tries, this.name);
    }
  }

  /** @internal The error for a call that was just refused. `nowMs` NaN: the clock is read. */
  _refusal(nowMs: number): CircuitOpenError {
    const block = this._block();
    const { address } = block;
    const time = nowMs >= 0 ? nowMs : this._clock();
    const retryAfterMs = retryAfterMsOf(this._engine, block, time);
    const isForced = retryAfterMs === Infinity;
    const reason: RefusalReason = isForced ? "forced_open" : limitOf(this._engine, block, time);
    const isLimited = reason === "throttled" || reason === "busy";
    // NaN equals nothing: no refusal of a limit is remembered, and none of an outage taken for it.
    const key = isLimited ? Number.NaN : Math.ceil(retryAfterMs) + this._core.generationOf(address) / 2 ** 23;
    let refused = this._refused;
    if (refused?.key !== key) {
      const outage = isLimited ? undefined : this._engine.dispatcher.outageOf(address);
      const refusal = {
        reason,
        retryAfterMs,
        openedBy: outage?.latest ?? (isForced ? "mode" : undefined),
        lastError: outage?.lastError,
      };
      refused = { ...refusal, key, text: messageOf(this.name, refusal) };
      this._refused = refused;
    }
    refused.retryAfterMs = retryAfterMs;
    return new CircuitOpenError(this.name, refused, refused.text);
  }

  /** @internal The time at which a call starts, exact; NaN where its duration is not judged. Watches the loop meanwhile. */
  _startOf(): number {
    const { slowCallMs } = this._policy;
    if (slowCallMs === Infinity) return Number.NaN;
    const startMs = exactTimeOf(this._clock);
    if (slowCallMs < Number.MAX_VALUE && isOfThisLoop(this._clock)) watchLoop(startMs, slowCallMs);
    return startMs;
  }

  /** @internal The time by which ages are judged: without the time in which our own event loop stalled. */
  _judgeTime(time: number, isOwnTime: boolean): number {
    // An open breaker judges no age: its delay ends by the clock.
    const isJudging =
      isLoopWatched &&
      isOwnTime &&
      this._core.stateOf(this._id >>> 0) !== STATE_OPEN &&
      isOfThisLoop(this._clock);
    return isJudging ? timeWithoutLag(time) : time;
  }

  /** @internal */
  _time(nowMs: number | undefined): number {
    return nowMs === undefined ? this._clock() : checkTime(nowMs);
  }

  /** @internal Reads the journal if the core says so. `error`: the failure that was reported. */
  _after(bits: number, error?: unknown): void {
    if ((bits & DID_TRANSITION) === 0) return;
    this._engine.dispatcher.dispatch(error);
  }

  /** @internal */
  _block(): Block {
    this._refresh(false);
    return { address: this._id >>> 0, stripe: this._stripe >>> 0, policy: this._policy };
  }

  /** @internal Makes sure that address and policy are those of the breaker of its name. False where it has none, evicted. */
  _refresh(create = true): boolean {
    if (this._id === 0 || this._core.freed !== this._seen) this._place.home?.locate?.(this, create);
    return this._id !== 0;
  }

  /** @internal Its block is at that address (0: nowhere). */
  _moveTo(address: number, policy: PolicyEntry): void {
    if (this._place.slot) this._place.slot.address = address;
    this._policy = policy;
    // Signed, so that V8 keeps them as small numbers and not in boxes.
    this._id = address | 0;
    this._stripe = this._core.stripeOf(address, policy.placed) | 0;
    this._seen = this._core.seen;
  }

  /** @internal From here on it stands for a breaker that refuses everything. */
  _remove(): void {
    this._isRemoved = true;
    const { address, policy } = this._engine.removed();
    this._moveTo(address, policy);
  }

  /** Frees the memory of a breaker that belongs to no registry; it refuses everything from then on. Others stay as they are. */
  [Symbol.dispose](): void {
    const { slot } = this._place;
    if (!slot || this._isRemoved) return;
    finalizer?.unregister(slot); // `this` may be a proxy
    freeStandalone(slot);
    this._remove();
  }

  /** Name, state and mode. */
  toJSON(): Pick<CircuitBreaker, "name" | "state" | "mode"> {
    const { name, state, mode } = this;
    return { name, state, mode };
  }

  /** One line: name and state. */
  override toString(): string {
    return `CircuitBreaker ${JSON.stringify(this.name)} (${this.mode === "enabled" ? this.state : this.mode})`;
  }

  /** @internal Vue wraps the parts of an object without one, and private fields do not bear that. */
  get [Symbol.toStringTag](): string {
    return "CircuitBreaker";
  }
}

function checkWeight(weight: number): number {
  return weight === 1 ? weight : numberOption("weight", weight, { from: 1, to: MAXIMUM_WEIGHT, whole: true });
}
