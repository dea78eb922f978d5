/** One breaker, as its users see it: a name, an address in linear memory, and nothing else of its own. */
import { DID_TRANSITION, MAXIMUM_WEIGHT, TICKET_DID_TRANSITION } from "../../assembly/layout.ts";
import type { Core } from "../core/core.ts";
import type { LinearMemory } from "../core/memory.ts";
import { acquireShort, admitShort, succeedShort } from "../core/shortway.ts";
import { pack, unpackOne } from "./archive.ts";
import { Calls } from "./calls.ts";
import type { Capture } from "./capture.ts";
import { type Clock, checkTime, MAXIMUM_TIME_MS } from "./clock.ts";
import { CircuitOpenError } from "./errors.ts";
import { type Cause, EVENT_KINDS, type EventKind, MODES, STATES, type State } from "./event.ts";
import { EventStream, type EventStreamOptions } from "./eventstream.ts";
import { type Listener, listenOnce } from "./listeners.ts";
import type { Mode, ResolvedOptions } from "./options.ts";
import { MODE_CODES } from "./policy.ts";
import { type Snapshot, type Subject, snapshotOf } from "./snapshot.ts";
import type { Slot, Switchboard } from "./switchboard.ts";
import type { Terms } from "./terms.ts";

/** The name of an endpoint has at least one and at most this many UTF-16 units. */
export { MAXIMUM_NAME_LENGTH } from "../../assembly/layout.ts";

// Constants of this file, since V8 looks imported functions up at every call.
const admitInShort = admitShort;
const acquireInShort = acquireShort;
const succeedInShort = succeedShort;
const checked = checkTime;

/** The breaker that every entry exports as `CircuitBreaker`. */
export class GuardedBreaker extends Calls implements Subject {
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
    return this.#terms.options;
  }

  /** @internal */
  get slowCallMs(): number {
    return this.#terms.slowCallMs;
  }

  /** For batches: its address in the memory of its registry; until it is deleted or evicted. */
  get id(): number {
    this.#settle();
    return this.#id;
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

  /** The admitted call failed. Parameters as for `onSuccess`. */
  onFailure(ticket: number, nowMs?: number, durationMs = Number.NaN, weight = 1): void {
    const time = this.#time(nowMs);
    this.#after(this.#core.fail(this.#id, this.#stripe, ticket, time, durationMs, checkWeight(weight)));
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

  /** While it is open: lets it stay open at least until then (such as a `Retry-After` asks for). */
  holdOpen(untilMs: number, nowMs?: number): void {
    this.#insist(() => this.#core.hold(this.#id, this.#stripe, checkTime(untilMs), this.#time(nowMs)));
  }

  /** Refuses everything until `enable`, `disable` or `shadow`; no time heals it. */
  forceOpen(nowMs?: number): void {
    this.#switchTo("forced_open", nowMs);
  }

  /** Judges and refuses; from another mode it starts closed with an empty window at level 0. */
  enable(nowMs?: number): void {
    this.#switchTo("enabled", nowMs);
  }

  /** Passes everything and counts nothing. */
  disable(nowMs?: number): void {
    this.#switchTo("disabled", nowMs);
  }

  /** Counts, judges and tells what it would have done, and refuses nothing. */
  shadow(nowMs?: number): void {
    this.#switchTo("shadow", nowMs);
  }

  /** Starts over in its mode: closed (unless forced open), empty window, level 0. */
  reset(nowMs?: number): void {
    this.#insist(() => this.#core.reset(this.#id, this.#stripe, this.#time(nowMs)));
  }

  /** Listens to one kind of event; returns the undo. Listeners run inside the call that caused the event. */
  on(kind: EventKind, listener: Listener): () => void {
    return this.#board.herald.listen(this.name, this.#id, kind, listener);
  }

  /** Listens to the next event of that kind only; returns the undo. */
  once(kind: EventKind, listener: Listener): () => void {
    return listenOnce((heard, hear) => this.on(heard, hear), kind, listener);
  }

  /** Its events as an async iterator, from now on until the loop over it is left. */
  events(options?: EventStreamOptions): EventStream {
    return new EventStream(EVENT_KINDS, (kind, listener) => this.on(kind, listener), options);
  }

  /** Counts and rates as of `nowMs`. Reads only: never changes a state. */
  snapshot(nowMs?: number): Snapshot {
    const now = this.#time(nowMs);
    this.#settle();
    return snapshotOf(this, this.#core, now, this.#retryAfter(now));
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
  }

  /** @internal What it is and holds, as of the latest time that it has seen. */
  capture(): Capture {
    return { name: this.name, options: this.options, content: this.#core.contentOf(this.#id) };
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

  /** Makes sure that its address is that of the breaker of its name, which is made anew if it was evicted. */
  #settle(): void {
    const { freed } = this.#core;
    if (freed === this.#seen) return;
    if (this.isEvicted) {
      const { address, stripe, terms } = this.#board.seat(this.name, this.#terms.options);
      this.#id = address;
      this.#stripe = stripe;
      this.#terms = terms;
    }
    this.#seen = freed;
  }

  #time(nowMs: number | undefined): number {
    return nowMs === undefined ? this.#clock() : checkTime(nowMs);
  }

  #retryAfter(now: number): number {
    if (this.state !== "open") return 0;
    const latest = this.#core.latestOf(this.#stripe);
    return Math.max(
      0,
      this.#core.deadlineOf(this.#id) - (now > latest && now <= MAXIMUM_TIME_MS ? now : latest),
    );
  }

  #causeOfOpening(): Cause | undefined {
    return this.#board.herald.causeOf(this.#id) ?? (this.mode === "forced_open" ? "mode" : undefined);
  }

  #after(bits: number): void {
    if (bits & DID_TRANSITION) this.#board.herald.dispatch();
  }

  #switchTo(mode: Mode, nowMs: number | undefined): void {
    this.#insist(() => this.#core.switchTo(this.#id, this.#stripe, MODE_CODES[mode], this.#time(nowMs)));
  }

  /** Another thread may own the breaker for the length of a transition: tries again until it does not. */
  #insist(change: () => number): void {
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

function checkWeight(weight: number): number {
  if (weight === 1 || (Number.isInteger(weight) && weight >= 1 && weight <= MAXIMUM_WEIGHT)) return weight;
  throw new RangeError(`weight must be a whole number from 1 to ${MAXIMUM_WEIGHT}, got ${String(weight)}`);
}
