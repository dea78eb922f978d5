/** Many breakers in one memory, by the name of their endpoint. */
import type { Delivery } from "../core/exports.ts";
import { Batch } from "./batch.ts";
import type { GuardedBreaker } from "./breaker.ts";
import { objectOption } from "./check.ts";
import type { EventKind } from "./event.ts";
import { Handles } from "./handles.ts";
import type { Listener } from "./listeners.ts";
import { type CircuitBreakerOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { type Slot, Switchboard, type SwitchboardOptions } from "./switchboard.ts";

export interface RegistryOptions extends SwitchboardOptions {
  /** Options of every breaker that does not say otherwise. */
  readonly defaults?: CircuitBreakerOptions;
}

/** How an entry makes its own `CircuitBreaker`. */
export type BreakerMaker<Breaker> = (name: string, slot: Slot, board: Switchboard) => Breaker;

export interface EvictionOptions {
  /** Evict breakers made with overrides too. Only right where every `get` names the same overrides. Default: false. */
  readonly overridden?: boolean;
}

/** The registry that every entry exports as `CircuitBreakerRegistry`. */
export class Registry<Breaker extends GuardedBreaker = GuardedBreaker> implements Iterable<Breaker> {
  readonly #board: Switchboard;
  readonly #defaults: ResolvedOptions;
  readonly #make: BreakerMaker<Breaker>;
  readonly #handles = new Handles<Breaker>();

  /** @internal Use `new CircuitBreakerRegistry(options)`. */
  constructor(delivery: Delivery, make: BreakerMaker<Breaker>, options: RegistryOptions = {}) {
    objectOption("options", options, ["defaults", "seed", "clock"]);
    this.#defaults = resolveOptions(options.defaults);
    this.#make = make;
    this.#board = new Switchboard(delivery, options, true);
  }

  /** How many breakers there are. */
  get size(): number {
    return this.#board.core.directory.size;
  }

  /** The time of its clock in ms. */
  now(): number {
    return this.#board.clock();
  }

  /**
   * The breaker of that endpoint; made with `overrides` over the defaults if there is none yet.
   * @throws OptionError for bad overrides, TypeError for a bad name.
   */
  get(name: string, overrides?: CircuitBreakerOptions): Breaker {
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    const options = overrides === undefined ? this.#defaults : resolveOptions(overrides, this.#defaults);
    return this.#keep(name, this.#board.seat(name, options));
  }

  has(name: string): boolean {
    return this.#board.find(name) !== undefined;
  }

  /** The breaker of that endpoint if there is one; never makes one. */
  peek(name: string): Breaker | undefined {
    const slot = this.#board.find(name);
    return slot && (this.#handles.get(name) ?? this.#keep(name, slot));
  }

  #keep(name: string, slot: Slot): Breaker {
    const breaker = this.#make(name, slot, this.#board);
    this.#handles.set(name, breaker);
    return breaker;
  }

  /**
   * Forgets a breaker and uses its memory again. Objects of it refuse everything from then on; one that this registry
   * no longer remembers, since thousands of others were got meanwhile, makes the breaker anew when it is called.
   * False if there is none.
   */
  delete(name: string): boolean {
    if (!this.#board.delete(name)) return false;
    this.#handles.get(name)?.retire();
    this.#handles.delete(name);
    return true;
  }

  /**
   * Frees the memory of breakers that nobody would miss: closed and enabled, with an empty window, at level 0, with the
   * defaults of the registry, without listeners of their own. Such a breaker is the same as a new one: objects of it go
   * on as before, and make it anew at the next call. A call still under way is late when it reports. Returns how many went.
   * @throws RangeError when `nowMs` is no time.
   */
  evictIdle(nowMs?: number, options: EvictionOptions = {}): number {
    objectOption("options", options, ["overridden"]);
    const gone = this.#board.evictIdle(nowMs, options.overridden === true ? undefined : this.#defaults);
    if (gone > 0) this.#handles.prune((breaker) => breaker.isEvicted);
    return gone;
  }

  /**
   * Columns for `acquireBatch` and `reportBatch`.
   * @param size entries, a whole number from 1 to 1,048,576.
   */
  batch(size: number): Batch {
    return new Batch(size, this.#board.core);
  }

  /**
   * Asks to pass for the first `count` entries; fills `batch.tickets`. Returns how many were admitted.
   * @throws RangeError for a bad entry, count or time; nothing is asked then.
   */
  acquireBatch(batch: Batch, count: number, nowMs?: number): number {
    return this.#board.acquireBatch(batch, count, nowMs);
  }

  /**
   * Reports the first `count` entries, as `batch.outcomes` says.
   * @throws RangeError for a bad entry, count or time; nothing is reported then.
   */
  reportBatch(batch: Batch, count: number, nowMs?: number): void {
    this.#board.reportBatch(batch, count, nowMs);
  }

  /** Listens to one kind of event of every breaker; returns the undo. */
  on(kind: EventKind, listener: Listener): () => void {
    return this.#board.listeners.on(kind, listener);
  }

  /** All breakers there are now, in the order in which they were made where no memory was used again. */
  *[Symbol.iterator](): IterableIterator<Breaker> {
    for (const address of this.#board.core.directory.addresses()) {
      const name = this.#board.core.nameOf(address);
      if (name === undefined) continue; // deleted since
      yield this.#handles.get(name) ?? this.#make(name, this.#board.slotAt(address), this.#board);
    }
  }
}
