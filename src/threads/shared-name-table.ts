/**
 * The name table of several threads: from a name to the address of its breaker, without a lock.
 *
 * A table of slots with linear probing. A slot goes from unused to taken by one name to tombstone and never back, so every
 * search for one name passes the same slots, and of two threads that insert it only one gets the first unused slot; the
 * other one finds the name there. What was read is valid if slot and table are still the same afterwards, since a breaker
 * leaves its slot before its memory is freed. How a table is replaced: see name-table-storage.ts.
 */
import {
  GENERATION_MASK,
  GENERATION_SHIFT,
  NAME_FREED,
  NAME_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_FREED_OFFSET,
  TABLE_FROZEN,
  TABLE_TAG_MASK,
  TABLE_TOMBSTONE,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import type { NameTable } from "../core/name-table.ts";
import type { Allocator } from "./allocator.ts";
import { addressIn, isTaken, slotFor, slotIndex, TableStorage } from "./name-table-storage.ts";
import type { Names } from "./names.ts";
import type { SharedMemory } from "./shared-memory.ts";

export const FREED_INDEX = (REGISTRY_ADDRESS + REGISTRY_FREED_OFFSET) >>> 2;
/** The table was replaced meanwhile. */
const REPLACED = -1;

export class SharedNameTable implements NameTable {
  /** FREED as it was before the latest search: an address that was found later is right while FREED is still that. */
  seen = 0;
  readonly #memory: SharedMemory;
  readonly #names: Names;
  readonly #storage: TableStorage;
  /** What the slot held that the latest probe found. */
  #found = 0;
  #hashed = "";
  #hash = 0;

  /** The table of a registry, for the thread of that stripe; made if there is none yet. */
  constructor(memory: SharedMemory, allocator: Allocator, names: Names, stripe: number) {
    this.#memory = memory;
    this.#names = names;
    this.#storage = new TableStorage(memory, allocator, names, stripe);
  }

  get size(): number {
    return this.#storage.liveIn(this.#storage.current());
  }

  /** Slots of the table, and how many of them were ever used: for tests and figures. */
  get occupancy(): { readonly slots: number; readonly used: number } {
    const table = this.#storage.current();
    return { slots: this.#storage.maskOf(table) + 1, used: this.#storage.usedIn(table) };
  }

  // `find` and `insert` do not use `#work`: for names that come out of data by the million, its closures are half of the
  // garbage.

  find(name: string): number {
    this.seen = Atomics.load(this.#memory.u32, FREED_INDEX) | 0;
    const hash = this.#hashOf(name);
    try {
      while (true) {
        const result = this.#findIn(this.#storage.claim(), name, hash);
        if (result !== REPLACED) return result;
      }
    } finally {
      this.#storage.release();
    }
  }

  #findIn(table: number, name: string, hash: number): number {
    if (this.#probe(table, name, hash) === REPLACED) return REPLACED;
    if (isTaken(this.#found)) return addressIn(this.#found);
    return this.#storage.isCurrent(table) ? 0 : REPLACED;
  }

  insert(name: string, breaker: number): number {
    const hash = this.#hashOf(name);
    try {
      while (true) {
        const result = this.#insertIn(this.#storage.claim(), name, hash, breaker);
        if (result !== REPLACED) return result;
      }
    } finally {
      this.#storage.release();
    }
  }

  #insertIn(table: number, name: string, hash: number, breaker: number): number {
    while (true) {
      const index = this.#probe(table, name, hash);
      if (index === REPLACED) return REPLACED;
      if (isTaken(this.#found)) return addressIn(this.#found);
      if (this.#found === TABLE_FROZEN) return this.#replaceTable(table);
      if (!this.#swap(index, 0, slotFor(breaker, hash))) continue; // another thread used it: look again
      this.#storage.countTaken(table);
      if (this.#storage.isFull(table)) this.#storage.replace(table);
      return breaker;
    }
  }

  replace(name: string, from: number, to: number): boolean {
    const hash = this.#hashOf(name);
    const replaced = this.#work((table) => {
      const index = this.#probe(table, name, hash);
      if (index === REPLACED) return REPLACED;
      if (!isTaken(this.#found)) return this.#storage.isCurrent(table) ? 0 : REPLACED;
      if (addressIn(this.#found) !== from) return 0;
      if (this.#found & TABLE_FROZEN) return this.#replaceTable(table);
      return this.#swap(index, this.#found, slotFor(to, hash)) ? to : REPLACED;
    });
    return replaced !== 0;
  }

  remove(name: string, breaker = 0): number {
    const hash = this.#hashOf(name);
    return this.#work((table) => {
      const index = this.#probe(table, name, hash);
      if (index === REPLACED) return REPLACED;
      if (!isTaken(this.#found)) return this.#storage.isCurrent(table) ? 0 : REPLACED;
      return breaker && addressIn(this.#found) !== breaker ? 0 : this.#clear(table, index, this.#found);
    });
  }

  label(breaker: number, name: string): void {
    const { u32 } = this.#memory;
    const generation = Atomics.load(u32, (breaker + WORD_OFFSET) >>> 2) >>> GENERATION_SHIFT;
    const written = this.#names.write(name, this.#hashOf(name), generation); // may grow the memory, and replace its views
    Atomics.store(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2, written);
  }

  unlabel(breaker: number): void {
    const name = Atomics.exchange(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2, NAME_FREED);
    if ((name & NAME_FREED) === 0) this.#names.free(name);
  }

  /** With a generation: one of 4,194,304 cannot be told from those before the breaker. */
  nameOf(breaker: number, generation?: number): string | undefined {
    while (true) {
      const name = this.#names.of(breaker);
      if (name === 0) return undefined;
      const text = this.#isOf(breaker, name, generation) ? this.#names.read(name) : undefined;
      if (this.#names.of(breaker) === name) return text; // else it was freed, and what was read is anything
    }
  }

  #isOf(breaker: number, name: number, generation: number | undefined): boolean {
    if (generation === undefined) return true;
    const word = Atomics.load(this.#memory.u32, (breaker + WORD_OFFSET) >>> 2);
    const next = (word >>> GENERATION_SHIFT) + 1; // a record is there before the breaker shows its generation
    const age = (next - generation) & GENERATION_MASK;
    // The record of a throttle may be of the first generation.
    return age <= ((next - this.#names.beganAt(name)) & GENERATION_MASK);
  }

  /** In the order of the table. A breaker that another thread moves or enters meanwhile may be left out. */
  *addresses(): Generator<number> {
    const table = this.#storage.claim();
    const mask = this.#storage.maskOf(table);
    const first = slotIndex(table, 0);
    const slots = this.#memory.u32.slice(first, first + mask + 1);
    this.#storage.release();
    for (let slot = 0; slot <= mask; slot++) {
      const value = this.#storage.isCurrent(table) ? this.#load(first + slot) : slots[slot]!;
      if (isTaken(value)) yield addressIn(value);
    }
  }

  /** Counts anew: a thread may have died before it had counted a slot. */
  renew(): void {
    const old = this.#storage.current();
    this.#work((table) => (table === old ? this.#replaceTable(table) : 0));
  }

  /** Does something to the table in use; again when it was replaced meanwhile. */
  #work(act: (table: number) => number): number {
    try {
      while (true) {
        const result = act(this.#storage.claim());
        if (result !== REPLACED) return result;
      }
    } finally {
      this.#storage.release();
    }
  }

  /** Index of the slot that holds the name, or of the first unused one; REPLACED when the table is no longer in use. */
  #probe(table: number, name: string, hash: number): number {
    const mask = this.#storage.maskOf(table);
    const tag = hash >>> 27;
    for (let slot = hash & mask, passed = 0; passed <= mask; slot = (slot + 1) & mask, passed++) {
      const index = slotIndex(table, slot);
      let value = this.#load(index);
      // Again when the slot or the table has changed: what was compared may have been another breaker's name.
      while (isTaken(value) && (value & TABLE_TAG_MASK) === tag) {
        const same = this.#isNamed(addressIn(value), name, hash);
        const now = this.#load(index);
        if (!this.#storage.isCurrent(table)) return REPLACED;
        if (now === value && !same) break;
        this.#found = value;
        if (now === value) return index;
        value = now;
      }
      this.#found = value;
      if (value === 0 || value === TABLE_FROZEN) return index;
    }
    return this.#replaceTable(table); // no unused slot: threads died before they had counted theirs
  }

  #isNamed(breaker: number, name: string, hash: number): boolean {
    const address = this.#names.of(breaker);
    return address !== 0 && this.#names.hashAt(address) === hash && this.#names.equals(address, name);
  }

  /** Makes a slot a tombstone: the breaker's address, 0 if another thread did it, REPLACED if the slot is frozen. */
  #clear(table: number, index: number, value: number): number {
    if (value & TABLE_FROZEN) return this.#replaceTable(table);
    if (!this.#swap(index, value, TABLE_TOMBSTONE))
      return this.#load(index) === TABLE_TOMBSTONE ? 0 : REPLACED;
    this.#storage.countCleared(table);
    return addressIn(value);
  }

  #replaceTable(table: number): typeof REPLACED {
    this.#storage.replace(table);
    return REPLACED;
  }

  /** Of one name in a row only once. */
  #hashOf(name: string): number {
    if (name !== this.#hashed) {
      this.#hash = this.#names.hash(name);
      this.#hashed = name;
    }
    return this.#hash;
  }

  #load(index: number): number {
    return Atomics.load(this.#memory.u32, index);
  }

  #swap(index: number, current: number, next: number): boolean {
    return Atomics.compareExchange(this.#memory.u32, index, current, next) === current;
  }
}
