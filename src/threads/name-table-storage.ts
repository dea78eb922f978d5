/**
 * The tables of the name table: where the present one is, how it is replaced, when its memory may be used again.
 *
 * A full table is frozen slot by slot, so that it can be copied and never changes again; each thread that finds a frozen
 * slot makes a copy of its own, and one swap of the registry's pointer decides which is used. So no thread waits for one
 * that may be dead. A thread names the table that it works on in its writer's line; the memory of that table is not used
 * again meanwhile.
 */
import {
  BREAKER_REMAINDER,
  CACHE_LINE_SIZE,
  FREE_LIST_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_FREE_LISTS_OFFSET,
  REGISTRY_STRIPE_COUNT_OFFSET,
  REGISTRY_TABLE_OFFSET,
  TABLE_FREE_LISTS_OFFSET,
  TABLE_FROZEN,
  TABLE_LINK_OFFSET,
  TABLE_LIVE_OFFSET,
  TABLE_MASK_OFFSET,
  TABLE_SLOTS_OFFSET,
  TABLE_TOMBSTONE,
  TABLE_USED_OFFSET,
  WRITER_TABLE_OFFSET,
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import { writerAt } from "./attachment.ts";
import type { Names } from "./names.ts";
import type { SharedMemory } from "./shared-memory.ts";

const CURRENT_INDEX = (REGISTRY_ADDRESS + REGISTRY_TABLE_OFFSET) >>> 2;
const FIRST_SLOTS = 64;
const ADDRESS_MASK = ~(CACHE_LINE_SIZE - 1);

export class TableStorage {
  readonly #memory: SharedMemory;
  readonly #allocator: Allocator;
  readonly #names: Names;
  /** Index of the cell that names the table that this thread works on. */
  readonly #claim: number;
  readonly #freeLists: number;

  /** The tables of a registry, for the thread of that stripe; the first is made if there is none yet. */
  constructor(memory: SharedMemory, allocator: Allocator, names: Names, stripe: number) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#names = names;
    this.#claim = claimIndex(stripe);
    const lists = memory.u32[(REGISTRY_ADDRESS + REGISTRY_FREE_LISTS_OFFSET) >>> 2]!;
    this.#freeLists = lists + TABLE_FREE_LISTS_OFFSET;
    if (this.#load(CURRENT_INDEX) === 0) this.#store(CURRENT_INDEX, this.#create(FIRST_SLOTS));
  }

  /** Address of the table that is in use now. */
  current(): number {
    const table = this.#load(CURRENT_INDEX);
    this.#memory.cover(table + TABLE_SLOTS_OFFSET);
    this.#memory.cover(table + sizeOf(this.maskOf(table) + 1));
    return table;
  }

  isCurrent(table: number): boolean {
    return this.#load(CURRENT_INDEX) === table;
  }

  /** The table in use, whose memory stays a table's until `release`, also when it is replaced. */
  claim(): number {
    while (true) {
      const table = this.current();
      this.#store(this.#claim, table);
      if (this.isCurrent(table)) return table;
    }
  }

  release(): void {
    this.#store(this.#claim, 0);
  }

  /** Number of slots less one. */
  maskOf(table: number): number {
    return this.#memory.u32[(table + TABLE_MASK_OFFSET) >>> 2]!;
  }

  /** Slots that hold a breaker. */
  liveIn(table: number): number {
    return this.#load((table + TABLE_LIVE_OFFSET) >>> 2);
  }

  /** Slots that hold a breaker or held one. */
  usedIn(table: number): number {
    return this.#load((table + TABLE_USED_OFFSET) >>> 2);
  }

  /** Notes a slot that was used for the first time. */
  countTaken(table: number): void {
    Atomics.add(this.#memory.u32, (table + TABLE_LIVE_OFFSET) >>> 2, 1);
    Atomics.add(this.#memory.u32, (table + TABLE_USED_OFFSET) >>> 2, 1);
  }

  /** Notes a slot that became a tombstone. */
  countCleared(table: number): void {
    Atomics.sub(this.#memory.u32, (table + TABLE_LIVE_OFFSET) >>> 2, 1);
  }

  /** Whether probing takes too long: more than three quarters of its slots were used. */
  isFull(table: number): boolean {
    return this.usedIn(table) * 4 > (this.maskOf(table) + 1) * 3;
  }

  /** Replaces a table by a copy without tombstones, with room; of all threads that do so, one copy is used. */
  replace(table: number): void {
    if (!this.isCurrent(table)) return;
    const live = this.#freeze(table);
    let slots = FIRST_SLOTS;
    while (slots < live * 2) slots *= 2;
    const copy = this.#create(slots);
    if (this.#copy(table, copy) && this.#swap(CURRENT_INDEX, table, copy)) this.#free(table);
    else this.#free(copy);
  }

  #freeze(table: number): number {
    const mask = this.maskOf(table);
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

  /** No other thread sees the copy yet. False when another thread's copy is in use already. */
  #copy(table: number, copy: number): boolean {
    const { u32 } = this.#memory;
    const from = this.maskOf(table);
    const mask = this.maskOf(copy);
    let live = 0;
    for (let slot = 0; slot <= from; slot++) {
      const value = u32[slotIndex(table, slot)]!;
      if (!isTaken(value)) continue;
      const name = this.#names.of(addressIn(value));
      if (name === 0 || live > mask >>> 1) return false; // a breaker was freed: by way of another copy
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

  /** An empty table: a freed one on which no thread works any more, or a new one. */
  #create(slots: number): number {
    const list = this.#freeListOf(slots);
    const size = sizeOf(slots);
    let table = this.#allocator.pop(list, TABLE_LINK_OFFSET);
    if (table !== 0 && this.#isClaimed(table)) {
      this.#allocator.push(list, table, TABLE_LINK_OFFSET);
      table = 0;
    }
    if (table === 0) table = this.#allocator.allocate(size, CACHE_LINE_SIZE);
    else this.#clear(table, size);
    this.#store((table + TABLE_MASK_OFFSET) >>> 2, slots - 1);
    return table;
  }

  #clear(table: number, size: number): void {
    this.#memory.cover(table + size);
    this.#memory.u32.fill(0, table >>> 2, (table + size) >>> 2);
  }

  #free(table: number): void {
    this.#allocator.push(this.#freeListOf(this.maskOf(table) + 1), table, TABLE_LINK_OFFSET);
  }

  /** Whether any thread, this one included, works on that table. */
  #isClaimed(table: number): boolean {
    const stripes = this.#load((REGISTRY_ADDRESS + REGISTRY_STRIPE_COUNT_OFFSET) >>> 2);
    for (let stripe = 0; stripe < stripes; stripe++) {
      if (this.#load(claimIndex(stripe)) === table) return true;
    }
    return false;
  }

  #freeListOf(slots: number): number {
    return this.#freeLists + (31 - Math.clz32(slots)) * FREE_LIST_SIZE;
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

function sizeOf(slots: number): number {
  return TABLE_SLOTS_OFFSET + slots * 4;
}

function claimIndex(stripe: number): number {
  return (writerAt(stripe) + WRITER_TABLE_OFFSET) >>> 2;
}

/** Index of a slot's cell. */
export function slotIndex(table: number, slot: number): number {
  return ((table + TABLE_SLOTS_OFFSET) >>> 2) + slot;
}

/** What a slot holds for a breaker: its address, with bits of the hash beside it. */
export function slotFor(breaker: number, hash: number): number {
  return ((breaker - BREAKER_REMAINDER) | (hash >>> 27)) >>> 0;
}

export function addressIn(value: number): number {
  return ((value & ADDRESS_MASK) >>> 0) + BREAKER_REMAINDER;
}

/** Whether a slot holds a breaker, frozen or not. */
export function isTaken(value: number): boolean {
  return value >= CACHE_LINE_SIZE;
}
