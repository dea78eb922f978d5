/** One breaker, as its users see it: a name, an address in linear memory, and nothing else of its own. */
import { DID_TRANSITION, STATE_OPEN, TICKET_DID_TRANSITION } from "../../assembly/layout.ts";
import type { Core } from "../core/core.ts";
import type { LinearMemory } from "../core/memory.ts";
import { acquireShort, admitShort, succeedShort } from "../core/shortway.ts";
import { pack, unpackOne } from "./archive/archive.ts";
import type { Capture } from "./archive/capture.ts";
import { retryAfterOf } from "./call/retryafter.ts";
import { checkHold, checkWeight } from "./call/weight.ts";
import { type Change, Controls } from "./controls.ts";
import { DISPOSE, type Undo } from "./dispose.ts";
import { CircuitOpenError } from "./errors.ts";
import { type Cause, type EventKind, MODES, STATES, type State } from "./event/event.ts";
import type { Listener } from "./event/listeners.ts";
import {
  type CircuitBreakerOptions,
  complete,
  type Mode,
  type ResolvedOptions,
  readOptions,
} from "./options/options.ts";
import { retryAfterMs, type Snapshot, snapshotOf } from "./snapshot.ts";
import type { Slot, Switchboard } from "./switchboard.ts";
import type { Terms } from "./terms.ts";
import { type Clock, checkTime, MAXIMUM_TIME_MS } from "./time/clock.ts";

/** The name of an endpoint has at least one and at most this many UTF-16 units. */
export { MAXIMUM_NAME_LENGTH } from "../../assembly/layout.ts";

// Constants of this file, since V8 looks imported functions up at every call.
const admitInShort = admitShort;
const acquireInShort = acquireShort;
const succeedInShort = succeedShort;
const checked = checkTime;

/** The breaker that every entry exports as `CircuitBreaker`. */
export class GuardedBreaker extends Controls {
  /** The endpoint that it guards. */
  readonly name: string;
  readonly #board: Switchboard;
  readonly #core: Core;
  readonly #memory: LinearMemory;
  readonly #clock: Clock;
  // Made as numbers: what is made as nothing holds anything as far as V8 knows, and every use checks what.
  #id = 0;
  #stripe = 0;
  #terms: Terms;
  /** `freed` of the core when this object was last sure of its address. */
  #seen = 0;
  #retired = false;

  /** @internal Use `new CircuitBreaker(name, options)` or `registry.get(name)`. */
  constructor(name: string, slot: Slot, board: Switchboard) {
    super();
    this.name = name;
    this.#board = board;
    this.#core = board.core;
    this.#memory = board.core.memory;
    this.#clock = board.clock;
    this.#id = slot.address;
    this.#stripe = slot.stripe;
    this.#terms = slot.terms;
    this.#seen = board.core.freed;
  }

  /** Options with every value filled in; frozen. */
  get options(): ResolvedOptions {
    this.#settle();
    return this.#terms.options;
  }

  /** @internal */
  get slowCallMs(): number {
    return this.#terms.slowCallMs;
  }

  /** @internal */
  get isWatched(): boolean {
    return this.#terms.isWatched;
  }

  /** For batches: its address in the memory of its registry; until it is deleted, evicted or configured. */
  get id(): number {
    this.#settle();
    return this.#id;
  }

  /** @internal Where it was when it was last used; `id` looks again. */
  get address(): number {
    return this.#id;
  }

  /** @internal */
  get board(): Switchboard {
    return this.#board;
  }

  /** @internal */
  get clock(): Clock {
    return this.#clock;
  }

  /** The time of its clock in ms. */
  now(): number {
    return this.#clock();
  }

  /** In shadow mode "closed": that is how it behaves. */
  get state(): State {
    return this.mode === "shadow" ? "closed" : STATES[this.#core.stateOf(this.#id)]!;
  }

  /** What the breaker was told to do, apart from what it decides itself. Default "enabled". */
  get mode(): Mode {
    this.#settle();
    return MODES[this.#core.modeOf(this.#id)]!;
  }

  /** @internal */
  admit(): number {
    return admitInShort(this.#memory, this.#id, this.#seen) || this.#admit();
  }

  #admit(): number {
    this.#settle();
    return this.#core.admit(this.#id) || this.tryAcquire();
  }

  /**
   * Asks to pass. Returns a ticket to report once by `onSuccess`, `onFailure` or `release`; 0: refused.
   * @param nowMs time of the call; default: the clock. An earlier time than already seen counts as the latest seen.
   * @throws RangeError when `nowMs` is no time.
   */
  tryAcquire(nowMs?: number): number {
    const time = nowMs === undefined ? this.#clock() : checked(nowMs);
    const ticket = acquireInShort(this.#memory, this.#id, this.#seen, time);
    if (ticket > 0) return ticket;
    return ticket < 0 ? 0 : this.#acquire(time);
  }

  // What is seldom done stands in functions of its own: V8 compiles small functions into their callers.
  #acquire(time: number): number {
    if (this.#core.freed !== this.#seen) this.#settle();
    const ticket = this.#core.acquire(this.#id, this.#stripe, time);
    if (ticket >= 0) return ticket;
    this.#board.herald.dispatch();
    return ticket & ~TICKET_DID_TRANSITION;
  }

  /**
   * The admitted call succeeded.
   * @param durationMs how long it took; default: unknown, and so never slow.
   * @param weight calls that this report stands for: a whole number from 1 to 1,000,000, default 1.
   * @throws RangeError when `nowMs` or `weight` is out of range.
   */
  onSuccess(ticket: number, nowMs?: number, durationMs = Number.NaN, weight = 1): void {
    const time = nowMs === undefined ? this.#clock() : checked(nowMs);
    if (!(durationMs >= 0) && weight === 1 && succeedInShort(this.#memory, this.#id, ticket, time)) return;
    this.#succeed(ticket, time, durationMs, weight);
  }

  #succeed(ticket: number, time: number, durationMs: number, weight: number): void {
    this.#after(this.#core.succeed(this.#id, this.#stripe, ticket, time, durationMs, checkWeight(weight)));
  }

  /**
   * The admitted call failed. Other parameters as for `onSuccess`.
   * @param holdMs if the breaker is open after it, it stays so at least this long from `nowMs`, and the event says so:
   * 0..86,400,000, default 0. What a `Retry-After` asks for.
   */
  onFailure(ticket: number, nowMs?: number, durationMs = Number.NaN, weight = 1, holdMs = 0): void {
    const time = this.#time(nowMs);
    const hold = checkHold(holdMs);
    const bits = this.#core.fail(this.#id, this.#stripe, ticket, time, durationMs, checkWeight(weight));
    if (hold > 0) this.#hold(hold, time);
    this.#after(bits);
  }

  /** @internal */
  failWith(end: unknown, ticket: number, nowMs?: number, durationMs = Number.NaN, holdMs?: number): void {
    const time = this.#time(nowMs);
    const bits = this.#core.fail(this.#id, this.#stripe, ticket, time, durationMs, 1);
    if (this.#core.stateOf(this.#id) === STATE_OPEN)
      this.#hold(holdMs ?? retryAfterOf(end, Date.now()), time);
    this.#after(bits);
  }

  /** The admitted call came to nothing (cancelled, ignored): gives the ticket back, neutral in every state. */
  release(ticket: number, nowMs?: number): void {
    this.#after(this.#core.release(this.#id, this.#stripe, ticket, this.#time(nowMs)));
  }

  /** Looks at what time alone has changed (expired buckets, probes that never reported). For tickers; calls do it by themselves. */
  check(nowMs?: number): void {
    this.#settle();
    this.#after(this.#core.check(this.#id, this.#stripe, this.#time(nowMs)));
  }

  /** @internal The error for a call that was just refused. */
  refusal(nowMs: number): CircuitOpenError {
    return new CircuitOpenError(this.name, this.#retryAfter(nowMs), this.#causeOfOpening());
  }

  /** ms until a probe may pass; 0 when it is not open, Infinity when it is forced open. */
  retryAfterMs(nowMs?: number): number {
    this.#settle();
    return this.#retryAfter(this.#time(nowMs));
  }

  /** Before its event is told, so that the event knows. */
  #hold(forMs: number, nowMs: number): void {
    if (forMs > 0) this.holdOpen(Math.min(nowMs + forMs, MAXIMUM_TIME_MS), nowMs);
  }

  /**
   * Gives it other options from now on; what is left out stays as it is (each option by itself, `halfOpen` value by
   * value). State, level, deadline and counters stay, and so do windows whose shape stays (`windowMs`, `buckets`,
   * `calls`): the verdict on them is drawn anew at once. Another window starts empty. An open breaker stays open until
   * the time that was set when it opened. A change of a window's shape or of `halfOpen.probes` begins a new generation:
   * calls under way are late when they report. `mode` switches, as `enable`, `disable`, `forceOpen` and `shadow` do.
   * @throws OptionError for bad options, RangeError when `nowMs` is no time or there is no memory. Nothing is changed then.
   */
  configure(options: CircuitBreakerOptions, nowMs?: number): void {
    const time = this.#time(nowMs);
    const named = readOptions(options);
    this.assume(complete(named, this.options), named.mode, time);
  }

  /** @internal `configure`, with options that were checked. */
  assume(options: ResolvedOptions, mode: Mode | undefined, nowMs: number): void {
    this.#insist(() => this.#adopt(this.#board.terms.of(options), nowMs));
    if (mode !== undefined) this.switchTo(mode, nowMs);
  }

  /** Bits of the core; negative: another thread has the breaker just now. */
  #adopt(terms: Terms, now: number): number {
    const slot = this.#board.configure(this.name, this.#id, terms, now);
    if (slot === undefined) {
      this.#settle(); // it may have been moved
      return -1;
    }
    this.#take(slot);
    return slot.bits;
  }

  override on(kind: EventKind, listener: Listener): Undo {
    return this.#board.herald.listen(this.name, this.#id, kind, listener);
  }

  /** Counts and rates as of `nowMs`. Reads only: never changes a state. */
  snapshot(nowMs?: number): Snapshot {
    const now = this.#time(nowMs);
    this.#settle();
    return snapshotOf(this.#board, this.name, this.#slot, now);
  }

  /**
   * Its name, options and state as bytes for `import`, here or elsewhere. Looks at the breaker first, as `check` does.
   * Tickets are not in it: probes that are out count as released there.
   * @throws RangeError when `nowMs` is no time.
   */
  export(nowMs?: number): Uint8Array<ArrayBuffer> {
    this.check(checkTime(nowMs ?? this.#clock()));
    return pack([this.capture()]);
  }

  /**
   * Takes over the state of the one breaker in `bytes`, whatever its name; keeps its own name and options. See
   * `CircuitBreakerRegistry.import`.
   * @throws ImportError for anything but an export of one breaker; RangeError when `nowMs` is no time.
   */
  import(bytes: Uint8Array, nowMs?: number): void {
    const now = checkTime(nowMs ?? this.#clock());
    const { content } = unpackOne(bytes);
    this.#settle();
    this.#core.restore(this.#id, content, now);
    this.#board.herald.unlearn(this.#id);
  }

  /** @internal What it is and holds, as of the latest time that it has seen. */
  capture(): Capture {
    return { name: this.name, options: this.options, content: this.#core.contentOf(this.#id) };
  }

  /** Frees the memory of a breaker that belongs to no registry; it refuses everything from then on. Others stay as they are. */
  [DISPOSE](): void {
    if (this.#board.byName || this.#retired) return;
    const id = this.#id;
    this.retire();
    this.#board.dismiss(id);
  }

  /** @internal It was deleted: from here on it stands for a breaker that refuses everything. */
  retire(): void {
    const { address, stripe } = this.#board.removed;
    this.#id = address;
    this.#stripe = stripe;
    this.#retired = true;
  }

  /**
   * @internal It is no longer the breaker of its name. Only the directory knows: a thread that was killed while it made
   * a breaker may have left the name of this one elsewhere.
   */
  get isEvicted(): boolean {
    return !this.#retired && this.#core.endpoints.find(this.name) !== this.#id;
  }

  /** Makes sure that its address and options are those of the breaker of its name, which is made anew if it was evicted. */
  #settle(): void {
    const { freed } = this.#core;
    if (freed === this.#seen) return;
    if (!this.#retired && this.#board.byName) {
      this.#take(this.#board.restore(this.name, this.#terms.options));
    }
    this.#seen = freed;
  }

  #take({ address, stripe, terms }: Slot): void {
    this.#id = address;
    this.#stripe = stripe;
    this.#terms = terms;
  }

  #time(nowMs: number | undefined): number {
    return nowMs === undefined ? this.#clock() : checkTime(nowMs);
  }

  get #slot(): Slot {
    return { address: this.#id, stripe: this.#stripe, terms: this.#terms };
  }

  #retryAfter(now: number): number {
    return retryAfterMs(this.#core, this.#slot, now);
  }

  #causeOfOpening(): Cause | undefined {
    return this.#board.herald.causeOf(this.#id) ?? (this.mode === "forced_open" ? "mode" : undefined);
  }

  #after(bits: number): void {
    if (bits & DID_TRANSITION) this.#board.herald.dispatch();
  }

  protected override change(by: Change, nowMs: number | undefined): void {
    this.#insist(() => by(this.#core, this.#id, this.#stripe, this.#time(nowMs)));
  }

  /** Another thread may own the breaker for the length of a transition: tries again until it does not. */
  #insist(change: () => number): void {
    if (this.#retired) return; // what it stands for, others stand for too
    this.#settle();
    let bits = change();
    for (let tries = 0; bits < 0; tries++) {
      if (tries === 1_000_000)
        throw new Error(`breaker "${this.name}" is owned by a thread that does not go on`);
      bits = change();
    }
    this.#after(bits);
  }
}
