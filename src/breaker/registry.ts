/** Many breakers in one memory, by the name of their endpoint. */
import type { Delivery } from "../core/exports.ts";
import { pack, unpack } from "./archive.ts";
import { Batch } from "./batch.ts";
import type { GuardedBreaker } from "./breaker.ts";
import type { Capture } from "./capture.ts";
import { objectOption } from "./check.ts";
import { checkTime } from "./clock.ts";
import type { EventKind } from "./event.ts";
import type { Listener } from "./listeners.ts";
import { type CircuitBreakerOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { Switchboard, type SwitchboardOptions } from "./switchboard.ts";

export interface RegistryOptions extends SwitchboardOptions {
  /** Options of every breaker that does not say otherwise. */
  readonly defaults?: CircuitBreakerOptions;
}

/** How an entry makes its own `CircuitBreaker`. */
export type BreakerMaker<Breaker> = (name: string, options: ResolvedOptions, board: Switchboard) => Breaker;

/** The registry that every entry exports as `CircuitBreakerRegistry`. */
export class Registry<Breaker extends GuardedBreaker = GuardedBreaker> implements Iterable<Breaker> {
  readonly #board: Switchboard;
  readonly #defaults: ResolvedOptions;
  readonly #make: BreakerMaker<Breaker>;
  readonly #breakers = new Map<string, Breaker>();

  /** @internal Use `new CircuitBreakerRegistry(options)`. */
  constructor(delivery: Delivery, make: BreakerMaker<Breaker>, options: RegistryOptions = {}) {
    objectOption("options", options, ["defaults", "seed", "clock"]);
    this.#defaults = resolveOptions(options.defaults);
    this.#make = make;
    this.#board = new Switchboard(delivery, options);
  }

  /** How many breakers there are. */
  get size(): number {
    return this.#breakers.size;
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
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const options = overrides === undefined ? this.#defaults : resolveOptions(overrides, this.#defaults);
    const breaker = this.#make(name, options, this.#board);
    this.#breakers.set(name, breaker);
    return breaker;
  }

  has(name: string): boolean {
    return this.#breakers.has(name);
  }

  /** The breaker of that endpoint if there is one; never makes one. */
  peek(name: string): Breaker | undefined {
    return this.#breakers.get(name);
  }

  /** Forgets a breaker and uses its memory again: it must not be called any more. False if there is none. */
  delete(name: string): boolean {
    const breaker = this.#breakers.get(name);
    if (breaker === undefined) return false;
    this.#breakers.delete(name);
    breaker.retire();
    return true;
  }

  /**
   * Columns for `acquireBatch` and `reportBatch`.
   * @param size entries, a whole number from 1 to 1,048,576.
   */
  batch(size: number): Batch {
    return new Batch(size, this.#board.core.memory);
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

  /**
   * All breakers as compact bytes: names, options, states, windows and counters, and the time. Looks at each breaker
   * first, as `check` does. Tickets are not in it: probes that are out count as released there. One breaker alone:
   * `breaker.export()`.
   * @throws RangeError when `nowMs` is no time.
   */
  export(nowMs?: number): Uint8Array<ArrayBuffer> {
    const now = checkTime(nowMs ?? this.now());
    for (const breaker of [...this]) breaker.check(now); // may call listeners, and they may delete breakers
    return pack(Array.from(this, (breaker) => breaker.capture()));
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
    const captures = unpack(bytes);
    for (const breaker of this.#makeMissing(captures)) this.#breakers.set(breaker.name, breaker);
    for (const capture of captures) this.#breakers.get(capture.name)!.restore(capture, now); // it is there by now
  }

  /** All or, when there is no memory for all, none. */
  #makeMissing(captures: readonly Capture[]): readonly Breaker[] {
    const made: Breaker[] = [];
    try {
      for (const { name, options } of captures) {
        if (!this.#breakers.has(name)) made.push(this.#make(name, options, this.#board));
      }
      return made;
    } catch (error) {
      for (const breaker of made) breaker.retire();
      throw error;
    }
  }

  /** Listens to one kind of event of every breaker; returns the undo. */
  on(kind: EventKind, listener: Listener): () => void {
    return this.#board.listeners.on(kind, listener);
  }

  /** All breakers, in the order in which they were made. */
  [Symbol.iterator](): IterableIterator<Breaker> {
    return this.#breakers.values();
  }
}
