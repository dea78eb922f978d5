/** Many breakers in one memory, by the name of their endpoint. */
import type { Delivery } from "../core/exports.ts";
import type { Site } from "../core/site.ts";
import { Archive, pack } from "./archive.ts";
import { Batch } from "./batch.ts";
import type { GuardedBreaker } from "./breaker.ts";
import type { Capture } from "./capture.ts";
import { objectOption } from "./check.ts";
import { checkTime } from "./clock.ts";
import { EVENT_KINDS, type EventKind } from "./event.ts";
import { EventStream, type EventStreamOptions } from "./eventstream.ts";
import { Handles } from "./handles.ts";
import { type Listener, listenOnce } from "./listeners.ts";
import { type CircuitBreakerOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { type BoardOptions, type Slot, Switchboard, type SwitchboardOptions } from "./switchboard.ts";

/** What all breakers of a registry have in common. */
export interface RegistryOptions extends SwitchboardOptions {
  /** Options of every breaker that does not say otherwise. */
  readonly defaults?: CircuitBreakerOptions;
}

/** @internal A registry that several threads share: where it is, and what its founder said. */
export interface Home {
  readonly site: Site;
  readonly defaults: ResolvedOptions;
}

/** How an entry makes its own `CircuitBreaker`. */
export type BreakerMaker<Breaker> = (name: string, slot: Slot, board: Switchboard) => Breaker;

/** Which idle breakers may be forgotten. */
export interface EvictionOptions {
  /** Evict breakers made with overrides too. Only right where every `get` names the same overrides. Default: false. */
  readonly overridden?: boolean;
}

/** The registry that every entry exports as `CircuitBreakerRegistry`. */
export class Registry<Breaker extends GuardedBreaker = GuardedBreaker> implements Iterable<Breaker> {
  /** @internal */
  protected readonly board: Switchboard;
  /** @internal */
  protected readonly defaults: ResolvedOptions;
  readonly #make: BreakerMaker<Breaker>;
  readonly #handles = new Handles<Breaker>();

  /** @internal Use `new CircuitBreakerRegistry(options)`. */
  constructor(
    delivery: Delivery,
    make: BreakerMaker<Breaker>,
    options: RegistryOptions & BoardOptions = {},
    home?: Home,
  ) {
    if (home === undefined) objectOption("options", options, ["defaults", "seed", "clock"]);
    this.defaults = home?.defaults ?? resolveOptions(options.defaults);
    this.#make = make;
    this.board = new Switchboard(delivery, options, true, home?.site);
  }

  /** How many breakers there are. */
  get size(): number {
    return this.board.core.endpoints.size;
  }

  /** The time of its clock in ms. */
  now(): number {
    return this.board.clock();
  }

  /**
   * The breaker of that endpoint; made with `overrides` over the defaults if there is none yet.
   * @throws OptionError for bad overrides, TypeError for a bad name.
   */
  get(name: string, overrides?: CircuitBreakerOptions): Breaker {
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    const options = overrides === undefined ? this.defaults : resolveOptions(overrides, this.defaults);
    return this.#keep(name, this.board.seat(name, options));
  }

  /** Whether there is a breaker of that name; makes none. */
  has(name: string): boolean {
    return this.board.find(name) !== undefined;
  }

  /** The breaker of that endpoint if there is one; never makes one. */
  peek(name: string): Breaker | undefined {
    const slot = this.board.find(name);
    return slot && (this.#handles.get(name) ?? this.#keep(name, slot));
  }

  #keep(name: string, slot: Slot): Breaker {
    const breaker = this.#make(name, slot, this.board);
    this.#handles.set(name, breaker);
    return breaker;
  }

  /**
   * Forgets a breaker and uses its memory again. Objects of it refuse everything from then on; one that this registry
   * no longer remembers, since thousands of others were got meanwhile, makes the breaker anew when it is called.
   * False if there is none.
   */
  delete(name: string): boolean {
    if (!this.board.delete(name)) return false;
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
    const gone = this.board.evictIdle(nowMs, options.overridden === true ? undefined : this.defaults);
    if (gone > 0) this.#handles.prune((breaker) => breaker.isEvicted);
    return gone;
  }

  /**
   * Columns for `acquireBatch` and `reportBatch`.
   * @param size entries, a whole number from 1 to 1,048,576.
   */
  batch(size: number): Batch {
    return new Batch(size, this.board.core);
  }

  /**
   * Asks to pass for the first `count` entries; fills `batch.tickets`. Returns how many were admitted.
   * @throws RangeError for a bad entry, count or time; nothing is asked then.
   */
  acquireBatch(batch: Batch, count: number, nowMs?: number): number {
    return this.board.acquireBatch(batch, count, nowMs);
  }

  /**
   * Reports the first `count` entries, as `batch.outcomes` says.
   * @throws RangeError for a bad entry, count or time; nothing is reported then.
   */
  reportBatch(batch: Batch, count: number, nowMs?: number): void {
    this.board.reportBatch(batch, count, nowMs);
  }

  /**
   * All breakers as compact bytes: names, options, states, windows and counters, and the time. Looks at each breaker
   * first, as `check` does. Tickets are not in it: probes that are out count as released there. One breaker alone:
   * `breaker.export()`.
   * @throws RangeError when `nowMs` is no time.
   */
  export(nowMs?: number): Uint8Array<ArrayBuffer> {
    const now = checkTime(nowMs ?? this.now());
    for (const address of [...this.board.core.endpoints.addresses()]) {
      this.#at(address)?.check(now); // may call listeners, and they may delete breakers
    }
    return pack(this.#captures());
  }

  /**
   * Takes over what `export` wrote, on this clock: an open breaker stays open for what was left of its delay. A
   * breaker that is there already keeps its options and its `id` and gets the state of the imported one (a time window
   * only where its buckets are as long, of a count window what it has room for); its tickets are late from then on. Others
   * are made with the options of the import. Tells no listener.
   * @throws ImportError for bytes that are damaged, cut short, of another format or no export at all; RangeError when
   * `nowMs` is no time or there is no memory. Nothing is changed then.
   */
  import(bytes: Uint8Array, nowMs?: number): void {
    const now = checkTime(nowMs ?? this.now());
    const archive = new Archive(bytes);
    const addresses = this.#seatAll(archive);
    let index = 0;
    for (const { content } of archive) this.board.core.restore(addresses[index++]!, content, now); // one for each
  }

  *#captures(): IterableIterator<Capture> {
    for (const breaker of this) yield breaker.capture();
  }

  /** Makes those that are missing: all or, when there is no memory for all, none. */
  #seatAll(archive: Archive): Uint32Array {
    const addresses = new Uint32Array(archive.size);
    const made: string[] = [];
    let index = 0;
    try {
      for (const { name, options } of archive) {
        const known = this.board.find(name);
        if (known === undefined) made.push(name);
        addresses[index++] = (known ?? this.board.seat(name, options)).address;
      }
      return addresses;
    } catch (error) {
      for (const name of made) this.board.delete(name);
      throw error;
    }
  }

  /** Listens to one kind of event of every breaker; returns the undo. */
  on(kind: EventKind, listener: Listener): () => void {
    return this.board.herald.listenToAll(kind, listener);
  }

  /** Listens to the next event of that kind only, of whichever breaker; returns the undo. */
  once(kind: EventKind, listener: Listener): () => void {
    return listenOnce((heard, hear) => this.on(heard, hear), kind, listener);
  }

  /** Events of all breakers as an async iterator, from now on until the loop over it is left. */
  events(options?: EventStreamOptions): EventStream {
    return new EventStream(EVENT_KINDS, (kind, listener) => this.on(kind, listener), options);
  }

  /** All breakers there are now, in the order in which they were made where no memory was used again. */
  *[Symbol.iterator](): IterableIterator<Breaker> {
    for (const address of this.board.core.endpoints.addresses()) {
      const breaker = this.#at(address);
      if (breaker !== undefined) yield breaker;
    }
  }

  /** Undefined when it was deleted since. */
  #at(address: number): Breaker | undefined {
    const name = this.board.core.endpoints.nameOf(address);
    if (name === undefined) return undefined;
    return this.#handles.get(name) ?? this.#make(name, this.board.slotAt(address), this.board);
  }
}
