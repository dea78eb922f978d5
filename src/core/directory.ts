/**
 * The directory: from a name to the address of its breaker, for any number of threads, without a lock.
 *
 * A table of slots with linear probing. A slot goes from unused to taken by one name to tombstone and never back, so all
 * who look for one name pass the same slots, and of two who insert it only one gets the first unused slot; the other sees
 * the name there. What was read is valid if slot and table are still the same afterwards, since a breaker leaves its
 * slot before its memory is freed. How a table is replaced: see tables.ts.
 */
import { TABLE_FROZEN, TABLE_TAG_MASK, TABLE_TOMBSTONE } from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import type { LinearMemory } from "./memory.ts";
import type { Names } from "./names.ts";
import { addressIn, isTaken, slotFor, slotIndex, Tables } from "./tables.ts";

/** The table was replaced while somebody worked on it. */
const MOVED = -1;

export class Directory {
  readonly #memory: LinearMemory;
  readonly #names: Names;
  readonly #tables: Tables;
  /** What the slot held that the latest probe found. */
  #found = 0;

  /** The directory of a registry, for the thread of that stripe; made if there is none yet. */
  constructor(memory: LinearMemory, allocator: Allocator, names: Names, stripe: number) {
    this.#memory = memory;
    this.#names = names;
    this.#tables = new Tables(memory, allocator, names, stripe);
  }

  /** How many breakers it holds. */
  get size(): number {
    return this.#tables.liveIn(this.#tables.current());
  }

  /** Slots of the table, and how many of them were ever used: for tests and figures. */
  get occupancy(): { readonly slots: number; readonly used: number } {
    const table = this.#tables.current();
    return { slots: this.#tables.maskOf(table) + 1, used: this.#tables.usedIn(table) };
  }

  // These two do not use `#work`: for names that come out of data by the million, its closures are half of the garbage.

  /** Address of the breaker of that name, or 0. */
  find(name: string, hash: number): number {
    try {
      while (true) {
        const result = this.#findIn(this.#tables.hold(), name, hash);
        if (result !== MOVED) return result;
      }
    } finally {
      this.#tables.letGo();
    }
  }

  #findIn(table: number, name: string, hash: number): number {
    if (this.#probe(table, name, hash) === MOVED) return MOVED;
    if (isTaken(this.#found)) return addressIn(this.#found);
    return this.#tables.isCurrent(table) ? 0 : MOVED;
  }

  /** Enters a breaker. Returns its address, or that of the breaker which another thread has entered meanwhile. */
  insert(name: string, hash: number, breaker: number): number {
    try {
      while (true) {
        const result = this.#insertIn(this.#tables.hold(), name, hash, breaker);
        if (result !== MOVED) return result;
      }
    } finally {
      this.#tables.letGo();
    }
  }

  #insertIn(table: number, name: string, hash: number, breaker: number): number {
    while (true) {
      const index = this.#probe(table, name, hash);
      if (index === MOVED) return MOVED;
      if (isTaken(this.#found)) return addressIn(this.#found);
      if (this.#found === TABLE_FROZEN) return this.#move(table);
      if (!this.#swap(index, 0, slotFor(breaker, hash))) continue; // another thread used it: look again
      this.#tables.countTaken(table);
      if (this.#tables.isFull(table)) this.#tables.move(table);
      return breaker;
    }
  }

  /** Puts the breaker `to` in the place of the breaker `from` of the same name; false if that is not there. */
  replace(name: string, hash: number, from: number, to: number): boolean {
    const replaced = this.#work((table) => {
      const index = this.#probe(table, name, hash);
      if (index === MOVED) return MOVED;
      if (!isTaken(this.#found)) return this.#tables.isCurrent(table) ? 0 : MOVED;
      if (addressIn(this.#found) !== from) return 0;
      if (this.#found & TABLE_FROZEN) return this.#move(table);
      return this.#swap(index, this.#found, slotFor(to, hash)) ? to : MOVED;
    });
    return replaced !== 0;
  }

  /** Takes a breaker out: its address if this call did it, else 0. */
  remove(name: string, hash: number): number {
    return this.#work((table) => {
      const index = this.#probe(table, name, hash);
      if (index === MOVED) return MOVED;
      if (isTaken(this.#found)) return this.#clear(table, index, this.#found);
      return this.#tables.isCurrent(table) ? 0 : MOVED;
    });
  }

  /** Takes out every breaker for which `goes` says so, and hands each to `gone`. Some may be asked for twice. */
  sweep(goes: (breaker: number) => boolean, gone: (breaker: number) => void): void {
    this.#work((table) => {
      const mask = this.#tables.maskOf(table);
      for (let slot = 0; slot <= mask; slot++) {
        if (this.#lookAt(table, slot, goes, gone) === MOVED) return MOVED;
      }
      return 0;
    });
  }

  /** Takes out the breaker of that slot, if there is one that goes. */
  #lookAt(
    table: number,
    slot: number,
    goes: (breaker: number) => boolean,
    gone: (breaker: number) => void,
  ): number {
    const index = slotIndex(table, slot);
    const value = this.#load(index);
    if (!isTaken(value) || !goes(addressIn(value))) return 0;
    const breaker = this.#clear(table, index, value);
    if (breaker > 0) gone(breaker);
    return breaker;
  }

  /** How many slots there are to look at. */
  get slots(): number {
    return this.#tables.maskOf(this.#tables.current()) + 1;
  }

  /**
   * As `sweep`, over at most `slots` slots from the slot `start` on (modulo how many there are), until `isEnough`.
   * Returns how many were looked at.
   */
  sweepFrom(
    start: number,
    slots: number,
    goes: (breaker: number) => boolean,
    gone: (breaker: number) => void,
    isEnough: () => boolean,
  ): number {
    let looks = 0;
    this.#work((table) => {
      const mask = this.#tables.maskOf(table);
      for (; looks < slots && !isEnough(); looks++) {
        if (this.#lookAt(table, (start + looks) & mask, goes, gone) === MOVED) return MOVED;
      }
      return 0;
    });
    return looks;
  }

  /** Copies the table, and so counts anew: a thread may have died before it had counted a slot. */
  renew(): void {
    const old = this.#tables.current();
    this.#work((table) => (table === old ? this.#move(table) : 0));
  }

  /** Addresses of all breakers, as of now. */
  addresses(): Uint32Array {
    const found: number[] = [];
    this.sweep(
      (breaker) => {
        found.push(breaker);
        return false;
      },
      () => {},
    );
    return new Uint32Array(found).sort();
  }

  /** Does something to the table in use; again when it was moved meanwhile. */
  #work(act: (table: number) => number): number {
    try {
      while (true) {
        const result = act(this.#tables.hold());
        if (result !== MOVED) return result;
      }
    } finally {
      this.#tables.letGo();
    }
  }

  /** Index of the slot that holds the name, or of the first unused one; MOVED when the table is no longer in use. */
  #probe(table: number, name: string, hash: number): number {
    const mask = this.#tables.maskOf(table);
    const tag = hash >>> 27;
    for (let slot = hash & mask, passed = 0; passed <= mask; slot = (slot + 1) & mask, passed++) {
      const index = slotIndex(table, slot);
      let value = this.#load(index);
      // Again when the slot or the table has changed: what was compared may have been another breaker's name.
      while (isTaken(value) && (value & TABLE_TAG_MASK) === tag) {
        const same = this.#isNamed(addressIn(value), name, hash);
        const seen = this.#load(index);
        if (!this.#tables.isCurrent(table)) return MOVED;
        if (seen === value && !same) break;
        this.#found = value;
        if (seen === value) return index;
        value = seen;
      }
      this.#found = value;
      if (value === 0 || value === TABLE_FROZEN) return index;
    }
    return this.#move(table); // no unused slot: threads died before they had counted theirs
  }

  #isNamed(breaker: number, name: string, hash: number): boolean {
    const address = this.#names.of(breaker);
    return address !== 0 && this.#names.hashAt(address) === hash && this.#names.equals(address, name);
  }

  /** Makes a slot a tombstone: the breaker's address, 0 if another thread did it, MOVED if the slot is frozen. */
  #clear(table: number, index: number, value: number): number {
    if (value & TABLE_FROZEN) return this.#move(table);
    if (!this.#swap(index, value, TABLE_TOMBSTONE)) return this.#load(index) === TABLE_TOMBSTONE ? 0 : MOVED;
    this.#tables.countCleared(table);
    return addressIn(value);
  }

  #move(table: number): typeof MOVED {
    this.#tables.move(table);
    return MOVED;
  }

  #load(index: number): number {
    return Atomics.load(this.#memory.u32, index);
  }

  #swap(index: number, current: number, next: number): boolean {
    return Atomics.compareExchange(this.#memory.u32, index, current, next) === current;
  }
}
