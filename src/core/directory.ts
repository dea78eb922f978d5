/**
 * The directory: from a name to the address of its breaker, for any number of threads, without a lock.
 *
 * A table of slots with linear probing. A slot goes from unused to taken to tombstone and never back, so all who
 * look for one name pass the same slots, and of two who insert it only one gets the first unused slot; the other sees
 * the name there. A full table is frozen slot by slot and copied; whoever meets a frozen slot makes a copy of its own,
 * and one swap of the registry's pointer decides whose is used. So nobody waits for a thread that may be dead.
 *
 * A thread names the table that it works on in its writer's line; nobody uses that table's memory again meanwhile.
 * What was read is valid if slot and table are still the same afterwards, since a breaker leaves its slot before its
 * memory is freed.
 */
import {
  BREAKER_REMAINDER,
  CACHE_LINE_SIZE,
  NAME_FREED,
  NAME_OFFSET,
  PILE_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_STRIPE_COUNT_OFFSET,
  REGISTRY_TABLE_OFFSET,
  REGISTRY_TABLE_PILES_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  TABLE_FROZEN,
  TABLE_LINK_OFFSET,
  TABLE_LIVE_OFFSET,
  TABLE_MASK_OFFSET,
  TABLE_SLOTS_OFFSET,
  TABLE_TAG_MASK,
  TABLE_TOMBSTONE,
  TABLE_USED_OFFSET,
  WRITER_SIZE,
  WRITER_TABLE_OFFSET,
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import type { LinearMemory } from "./memory.ts";
import type { Names } from "./names.ts";

const CURRENT_INDEX = (REGISTRY_ADDRESS + REGISTRY_TABLE_OFFSET) >>> 2;
const FIRST_SLOTS = 64;
const ADDRESS_MASK = ~(CACHE_LINE_SIZE - 1);
/** The table was replaced while somebody worked on it. */
const MOVED = -1;

export class Directory {
  readonly #memory: LinearMemory;
  readonly #allocator: Allocator;
  readonly #names: Names;
  /** Index of the cell that names the table that this thread works on. */
  readonly #claim: number;
  /** What the slot held that the latest probe found. */
  #found = 0;

  /** The directory of a registry, for the thread of that stripe; made if there is none yet. */
  constructor(memory: LinearMemory, allocator: Allocator, names: Names, stripe: number) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#names = names;
    this.#claim = claimIndex(stripe);
    if (this.#load(CURRENT_INDEX) === 0) this.#store(CURRENT_INDEX, this.#prepare(FIRST_SLOTS));
  }

  /** How many breakers it holds. */
  get size(): number {
    return this.#load((this.#current() + TABLE_LIVE_OFFSET) >>> 2);
  }

  /** Slots of the table, and how many of them were ever used: for tests and figures. */
  get occupancy(): { readonly slots: number; readonly used: number } {
    const table = this.#current();
    return {
      slots: this.#load((table + TABLE_MASK_OFFSET) >>> 2) + 1,
      used: this.#load((table + TABLE_USED_OFFSET) >>> 2),
    };
  }

  /** Address of the breaker of that name, or 0. */
  find(name: string, hash: number): number {
    return this.#work((table) => {
      if (this.#probe(table, name, hash) === MOVED) return MOVED;
      if (isTaken(this.#found)) return addressIn(this.#found);
      return this.#isCurrent(table) ? 0 : MOVED;
    });
  }

  /** Enters a breaker. Returns its address, or that of the breaker which another thread has entered meanwhile. */
  insert(name: string, hash: number, breaker: number): number {
    return this.#work((table) => {
      while (true) {
        const index = this.#probe(table, name, hash);
        if (index === MOVED) return MOVED;
        if (isTaken(this.#found)) return addressIn(this.#found);
        if (this.#found === TABLE_FROZEN) return this.#move(table);
        if (!this.#swap(index, 0, slotFor(breaker, hash))) continue; // another thread used it: look again
        this.#count(table);
        return breaker;
      }
    });
  }

  /** Takes a breaker out: its address if this call did it, else 0. */
  remove(name: string, hash: number): number {
    return this.#work((table) => {
      const index = this.#probe(table, name, hash);
      if (index === MOVED) return MOVED;
      if (isTaken(this.#found)) return this.#clear(table, index, this.#found);
      return this.#isCurrent(table) ? 0 : MOVED;
    });
  }

  /** Takes out every breaker for which `goes` says so, and hands each to `gone`. Some may be asked for twice. */
  sweep(goes: (breaker: number) => boolean, gone: (breaker: number) => void): void {
    this.#work((table) => {
      const mask = this.#maskOf(table);
      for (let slot = 0; slot <= mask; slot++) {
        const index = slotIndex(table, slot);
        const value = this.#load(index);
        if (!isTaken(value) || !goes(addressIn(value))) continue;
        const breaker = this.#clear(table, index, value);
        if (breaker === MOVED) return MOVED;
        if (breaker !== 0) gone(breaker);
      }
      return 0;
    });
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
    return Uint32Array.from(found).sort();
  }

  /** Address of a breaker's name; 0 when it is freed. */
  nameOf(breaker: number): number {
    if (breaker >= this.#memory.size) this.#memory.refresh();
    const name = this.#load((breaker + NAME_OFFSET) >>> 2);
    return name & NAME_FREED ? 0 : name;
  }

  /** Does something to the current table while nobody uses its memory for another; again when it was moved. */
  #work(act: (table: number) => number): number {
    try {
      while (true) {
        const table = this.#current();
        this.#store(this.#claim, table);
        if (!this.#isCurrent(table)) continue;
        const result = act(table);
        if (result !== MOVED) return result;
      }
    } finally {
      this.#store(this.#claim, 0);
    }
  }

  /** Index of the slot that holds the name, or of the first unused one; MOVED when the table is no longer in use. */
  #probe(table: number, name: string, hash: number): number {
    const mask = this.#maskOf(table);
    const tag = hash >>> 27;
    for (let slot = hash & mask, passed = 0; passed <= mask; slot = (slot + 1) & mask, passed++) {
      const index = slotIndex(table, slot);
      let value = this.#load(index);
      // Again when the slot or the table has changed: what was compared may have been another breaker's name.
      while (isTaken(value) && (value & TABLE_TAG_MASK) === tag) {
        const same = this.#isNamed(addressIn(value), name, hash);
        const seen = this.#load(index);
        if (!this.#isCurrent(table)) return MOVED;
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
    const address = this.nameOf(breaker);
    return address !== 0 && this.#names.hashAt(address) === hash && this.#names.equals(address, name);
  }

  /** Notes a slot that was used for the first time. */
  #count(table: number): void {
    const { u32 } = this.#memory;
    Atomics.add(u32, (table + TABLE_LIVE_OFFSET) >>> 2, 1);
    const used = Atomics.add(u32, (table + TABLE_USED_OFFSET) >>> 2, 1) + 1;
    if (used * 4 > (this.#maskOf(table) + 1) * 3) this.#move(table);
  }

  /** Makes a slot a tombstone: the breaker's address, 0 if another thread did it, MOVED if the slot is frozen. */
  #clear(table: number, index: number, value: number): number {
    if (value & TABLE_FROZEN) return this.#move(table);
    if (!this.#swap(index, value, TABLE_TOMBSTONE)) return this.#load(index) === TABLE_TOMBSTONE ? 0 : MOVED;
    Atomics.sub(this.#memory.u32, (table + TABLE_LIVE_OFFSET) >>> 2, 1);
    return addressIn(value);
  }

  /** Replaces a table by a copy without tombstones, with room; whatever other threads do, one copy is used. */
  #move(table: number): typeof MOVED {
    if (!this.#isCurrent(table)) return MOVED;
    const live = this.#freeze(table);
    let slots = FIRST_SLOTS;
    while (slots < live * 2) slots *= 2;
    const copy = this.#prepare(slots);
    if (this.#copy(table, copy) && this.#swap(CURRENT_INDEX, table, copy)) this.#free(table);
    else this.#free(copy);
    return MOVED;
  }

  #freeze(table: number): number {
    const mask = this.#maskOf(table);
    let live = 0;
    for (let slot = 0; slot <= mask; slot++) {
      const index = slotIndex(table, slot);
      let value = this.#load(index);
      while (value !== TABLE_TOMBSTONE && !(value & TABLE_FROZEN)) {
        this.#swap(index, value, (value | TABLE_FROZEN) >>> 0);
        value = this.#load(index);
      }
      if (isTaken(value)) live++;
    }
    return live;
  }

  /** Nobody else sees the copy yet. False when it is superfluous by now. */
  #copy(table: number, copy: number): boolean {
    const { u32 } = this.#memory;
    const from = this.#maskOf(table);
    const mask = this.#maskOf(copy);
    let live = 0;
    for (let slot = 0; slot <= from; slot++) {
      const value = u32[slotIndex(table, slot)]!;
      if (!isTaken(value)) continue;
      const name = this.nameOf(addressIn(value));
      if (name === 0 || live > mask >>> 1) return false; // freed, so another thread's copy is in use already
      const hash = this.#names.hashAt(name);
      let target = hash & mask;
      while (this.#memory.u32[slotIndex(copy, target)] !== 0) target = (target + 1) & mask;
      this.#memory.u32[slotIndex(copy, target)] = slotFor(addressIn(value), hash);
      live++;
    }
    this.#store((copy + TABLE_USED_OFFSET) >>> 2, live);
    this.#store((copy + TABLE_LIVE_OFFSET) >>> 2, live);
    return true;
  }

  /** An empty table: a freed one on which nobody works any more, or a new one. */
  #prepare(slots: number): number {
    const pile = pileOf(slots);
    const size = TABLE_SLOTS_OFFSET + slots * 4;
    let table = this.#allocator.pop(pile, TABLE_LINK_OFFSET);
    if (table !== 0 && this.#isClaimed(table)) {
      this.#allocator.push(pile, table, TABLE_LINK_OFFSET);
      table = 0;
    }
    if (table === 0) table = this.#allocator.allocate(size, CACHE_LINE_SIZE);
    else this.#memory.u32.fill(0, table >>> 2, (table + size) >>> 2);
    this.#store((table + TABLE_MASK_OFFSET) >>> 2, slots - 1);
    return table;
  }

  #free(table: number): void {
    this.#allocator.push(pileOf(this.#maskOf(table) + 1), table, TABLE_LINK_OFFSET);
  }

  /** Whether any thread, this one included, works on that table. */
  #isClaimed(table: number): boolean {
    const stripes = this.#load((REGISTRY_ADDRESS + REGISTRY_STRIPE_COUNT_OFFSET) >>> 2);
    for (let stripe = 0; stripe < stripes; stripe++) {
      if (this.#load(claimIndex(stripe)) === table) return true;
    }
    return false;
  }

  #current(): number {
    const table = this.#load(CURRENT_INDEX);
    if (table !== 0 && !this.#reaches(table)) this.#memory.refresh();
    return table;
  }

  /** Whether the views cover the whole table. */
  #reaches(table: number): boolean {
    const { u32, size } = this.#memory;
    return table < size && table + TABLE_SLOTS_OFFSET + (u32[table >>> 2]! + 1) * 4 <= size;
  }

  #isCurrent(table: number): boolean {
    return this.#load(CURRENT_INDEX) === table;
  }

  #maskOf(table: number): number {
    return this.#memory.u32[(table + TABLE_MASK_OFFSET) >>> 2]!;
  }

  #load(index: number): number {
    return Atomics.load(this.#memory.u32, index);
  }

  #store(index: number, value: number): void {
    Atomics.store(this.#memory.u32, index, value);
  }

  #swap(index: number, current: number, next: number): boolean {
    return Atomics.compareExchange(this.#memory.u32, index, current, next) === current;
  }
}

function claimIndex(stripe: number): number {
  return (REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripe * WRITER_SIZE + WRITER_TABLE_OFFSET) >>> 2;
}

function slotIndex(table: number, slot: number): number {
  return ((table + TABLE_SLOTS_OFFSET) >>> 2) + slot;
}

function slotFor(breaker: number, hash: number): number {
  return ((breaker - BREAKER_REMAINDER) | (hash >>> 27)) >>> 0;
}

function addressIn(value: number): number {
  return ((value & ADDRESS_MASK) >>> 0) + BREAKER_REMAINDER;
}

function isTaken(value: number): boolean {
  return value >= CACHE_LINE_SIZE;
}

function pileOf(slots: number): number {
  return REGISTRY_ADDRESS + REGISTRY_TABLE_PILES_OFFSET + Math.log2(slots) * PILE_SIZE;
}
