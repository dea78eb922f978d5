/** Many breakers in one memory, by the name of their endpoint. */
import type { Delivery } from "../core/exports.ts";
import { checkName } from "../core/names.ts";
import type { Site } from "../core/site.ts";
import { exportAll, importAll } from "./archive/transfer.ts";
import { Batch } from "./batch.ts";
import type { GuardedBreaker } from "./breaker.ts";
import { DISPOSE, type Undo } from "./dispose.ts";
import type { EventKind } from "./event/event.ts";
import type { Listener } from "./event/listeners.ts";
import { type Choice, Group } from "./group.ts";
import { Handles } from "./handles.ts";
import { objectOption } from "./options/check.ts";
import {
  type CircuitBreakerOptions,
  complete,
  type ResolvedOptions,
  readOptions,
  resolveOptions,
} from "./options/options.ts";
import { type Overrides, type Presets, presetsOf } from "./options/presets.ts";
import { Room } from "./room.ts";
import { type Snapshot, snapshotOf } from "./snapshot.ts";
import { type BoardOptions, type Slot, Switchboard, type SwitchboardOptions } from "./switchboard.ts";
import { checkTime } from "./time/clock.ts";

const REGISTRY_KEYS = ["defaults", "overrides", "maximumBreakers", "seed", "clock"];

/** What all breakers of a registry have in common. */
export interface RegistryOptions extends SwitchboardOptions {
  /** Options of every breaker that does not say otherwise. */
  readonly defaults?: CircuitBreakerOptions;
  /**
   * Options of some over the defaults, by the name of the endpoint: an object, or a function that gives them, or undefined.
   * The function is to give the same for the same name: it is asked for every breaker that is made, and, where there are
   * `maximumBreakers`, for those that are looked at.
   */
  readonly overrides?: Overrides;
  /**
   * Breakers that there may be. 1..16,000,000, default: as many as there is memory for. When another one is wanted, idle
   * ones make room (see `evictIdle`); where none is idle, `get` and `import` throw a RegistryFullError. One that had to go
   * comes back when an object of it is called, also over the limit.
   */
  readonly maximumBreakers?: number;
}

/** @internal A registry that several threads share: where it is, and what its founder said. */
export interface Home {
  readonly site: Site;
  readonly presets: Presets;
  readonly maximumBreakers: number | undefined;
}

/** How an entry makes its own `CircuitBreaker`. */
export type BreakerMaker<Breaker> = (name: string, slot: Slot, board: Switchboard) => Breaker;

/** Which idle breakers may be forgotten. */
export interface EvictionOptions {
  /** Evict breakers made with overrides too. Only right where every `get` names the same overrides. Default: false. */
  readonly overridden?: boolean;
}

/** The registry that every entry exports as `CircuitBreakerRegistry`. */
export class Registry<Breaker extends GuardedBreaker = GuardedBreaker> extends Group<Breaker> {
  /** @internal */
  readonly board: Switchboard;
  /** @internal */
  protected readonly presets: Presets;
  /** @internal */
  protected readonly room: Room;
  readonly #make: BreakerMaker<Breaker>;
  readonly #handles = new Handles<Breaker>();

  /** @internal Use `new CircuitBreakerRegistry(options)`. */
  constructor(
    delivery: Delivery,
    make: BreakerMaker<Breaker>,
    options: RegistryOptions & BoardOptions = {},
    home?: Home,
  ) {
    super();
    if (home === undefined) objectOption("options", options, REGISTRY_KEYS);
    this.presets = home?.presets ?? presetsOf(options.defaults, options.overrides);
    this.#make = make;
    this.board = new Switchboard(delivery, options, true, home?.site);
    const maximum = home === undefined ? options.maximumBreakers : home.maximumBreakers;
    this.room = new Room(this.board, this.presets, maximum, (name) => this.#handles.delete(name));
    this.board.room = this.room;
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
   * The breaker of that endpoint. If there is none yet, it is made with `overrides` over those that the registry has for
   * the name, over its defaults.
   * @throws OptionError for bad overrides, TypeError for a bad name, RegistryFullError when there is no room,
   * RangeError when there is no memory. Nothing is made then.
   */
  get(name: string, overrides?: CircuitBreakerOptions): Breaker {
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    return this.#keep(name, this.board.find(name) ?? this.#found(checkName(name), overrides));
  }

  #found(name: string, overrides: CircuitBreakerOptions | undefined): Slot {
    const preset = this.presets.of(name);
    const options = overrides === undefined ? preset : resolveOptions(overrides, preset);
    this.room.make(name);
    return this.board.seat(name, options);
  }

  /** Whether there is a breaker of that endpoint. Changes nothing, like everything that only asks. */
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
   * no longer remembers, since hundreds of others were got meanwhile, makes the breaker anew when it is called.
   * False if there is none.
   */
  delete(name: string): boolean {
    if (!this.board.delete(name)) return false;
    this.#handles.get(name)?.retire();
    this.#handles.delete(name);
    return true;
  }

  /**
   * Frees the memory of breakers that nobody would miss: in the mode in which they were made, never opened or recovered
   * for long, with an empty window and no failures in a row, with the options that `get` would give them, without
   * listeners of their own. Such a breaker is the same as a new one, but for its counters of late and refused calls: objects
   * of it go on as before, and make it anew at the next call. A call still under way is late when it reports. Returns how many
   * went.
   * @throws RangeError when `nowMs` is no time.
   */
  evictIdle(nowMs?: number, options: EvictionOptions = {}): number {
    objectOption("options", options, ["overridden"]);
    const gone = this.room.evict(checkTime(nowMs ?? this.now()), options.overridden === true);
    if (gone > 0) this.#handles.prune((breaker) => breaker.isEvicted);
    return gone;
  }

  /**
   * `configure` of the breakers that are chosen. Without a choice: of all there are and all to come; then what the
   * `overrides` of the registry say of a breaker stays. Of a shared registry, each thread has defaults of its own for
   * breakers to come. Returns how many there were.
   * @throws OptionError for bad options, RangeError when `nowMs` is no time; nothing is changed then.
   */
  configure(options: CircuitBreakerOptions, which?: Choice<Breaker>, nowMs?: number): number {
    const named = readOptions(options);
    const ofAll = which === undefined;
    if (ofAll) checkTime(nowMs ?? this.now());
    if (ofAll) this.presets.configure(named);
    const completed = new Map<ResolvedOptions, ResolvedOptions>(); // most breakers have the same
    return this.each(which, nowMs, (breaker, now) => {
      const { options: present } = breaker;
      const changes = ofAll ? this.presets.spare(breaker.name, named) : named;
      const next = (changes === named && completed.get(present)) || complete(changes, present);
      if (changes === named) completed.set(present, next);
      breaker.assume(next, changes.mode, now);
    });
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
    return exportAll(this, checkTime(nowMs ?? this.now()));
  }

  /**
   * Takes over what `export` wrote, on this clock: an open breaker stays open for what was left of its delay. A
   * breaker that is there already keeps its options and its `id` and gets the state of the imported one (a time window
   * only where its buckets are as long, of a count window what it has room for); its tickets are late from then on. Others
   * are made with the options of the import. Tells no listener.
   * @throws ImportError for bytes that are damaged, cut short, of another format or no export at all; RangeError when
   * `nowMs` is no time or there is no memory; RegistryFullError when there is no room. Nothing is changed then, but that
   * idle breakers may be gone.
   */
  import(bytes: Uint8Array, nowMs?: number): void {
    importAll(this.board, this.room, bytes, checkTime(nowMs ?? this.now()));
  }

  /**
   * Snapshots of all breakers at one time, in the order of the iteration, without an object for each breaker: one by one, as
   * they are asked for.
   * @throws RangeError when `nowMs` is no time.
   */
  *snapshots(nowMs?: number): IterableIterator<Snapshot> {
    const now = checkTime(nowMs ?? this.now());
    for (const address of this.board.core.endpoints.addresses()) {
      const name = this.board.nameAt(address);
      if (name !== undefined) yield snapshotOf(this.board, name, this.board.slotAt(address), now);
    }
  }

  /** Nobody hears of it any more. Its memory goes when nothing refers to it. */
  [DISPOSE](): void {
    this.board.herald.close();
  }

  /** Listens to one kind of event of every breaker; returns the undo. */
  on(kind: EventKind, listener: Listener): Undo {
    return this.board.herald.listenToAll(kind, listener);
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
    const name = this.board.nameAt(address);
    if (name === undefined) return undefined;
    return this.#handles.get(name) ?? this.#make(name, this.board.slotAt(address), this.board);
  }
}
