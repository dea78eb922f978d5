/**
 * Blocks of breakers: taken, given a first state, freed, used again.
 *
 * The generation of a block goes on over all breakers that live in it one after the other: a ticket, a lease or a journal
 * record of the one before is of an earlier generation for the next one. A block that is used again is owned, as by a
 * transition, until its breaker is complete: a thread with an old address may try to own it at any time.
 */
import {
  BREAKER_REMAINDER,
  CACHE_LINE_SIZE,
  DEADLINE_OFFSET,
  GENERATION_SHIFT,
  MODE_FORCED_OPEN,
  MODE_SHIFT,
  NAME_FREED,
  NAME_OFFSET,
  OWNER_MASK,
  OWNER_SHIFT,
  POLICY_OFFSET,
  SHAPE_BREAKER_SIZE_OFFSET,
  SHAPE_FREE_LIST_OFFSET,
  SHAPE_OFFSET,
  START_MODE_OFFSET,
  STATE_OPEN,
  WORD_OFFSET,
  WRITER_BREAKER_OFFSET,
} from "../../assembly/layout.ts";
import { firstWordOf, generationAfter, laterGeneration } from "../core/core.ts";
import type { Allocator } from "./allocator.ts";
import { writerAt } from "./attachment.ts";
import { waitForOwner } from "./owner-wait.ts";
import type { SharedMemory } from "./shared-memory.ts";
import { FREED_INDEX, type SharedNameTable } from "./shared-name-table.ts";

/** A freed breaker refuses every call. */
const FREED_WORD = (MODE_FORCED_OPEN << MODE_SHIFT) | STATE_OPEN;
const OWNER_BITS = OWNER_MASK << OWNER_SHIFT;

export class BreakerPool {
  readonly #memory: SharedMemory;
  readonly #allocator: Allocator;
  readonly #names: SharedNameTable;
  /** As this thread's number in the owner bits of a word. */
  readonly #owner: number;
  /** Index of the cell that names the breaker which this thread owns. */
  readonly #owned: number;

  /** Of a registry, for the thread of that stripe. */
  constructor(memory: SharedMemory, allocator: Allocator, names: SharedNameTable, stripe: number) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#names = names;
    this.#owner = (stripe + 1) << OWNER_SHIFT;
    this.#owned = (writerAt(stripe) + WRITER_BREAKER_OFFSET) >>> 2;
  }

  /**
   * A block for a breaker of that policy, zeroed but for NAME, WORD and POLICY, and owned by this thread if it was used
   * before. @throws RangeError when there is no memory
   */
  allocate(policy: number): number {
    const shape = this.#at(policy + SHAPE_OFFSET);
    const size = this.#at(shape + SHAPE_BREAKER_SIZE_OFFSET);
    const block = this.#allocator.pop(shape + SHAPE_FREE_LIST_OFFSET, NAME_OFFSET);
    for (let tries = 0; block && tries < 100; tries++) {
      if (this.own(block) === undefined) continue; // a thread with an old address: it gives it back at once
      const { u32 } = this.#memory;
      u32.fill(0, block >>> 2, (block + NAME_OFFSET) >>> 2);
      u32.fill(0, (block + POLICY_OFFSET + 4) >>> 2, (block + size) >>> 2);
      return block;
    }
    // A thread that died with the old address may own the block: then it is lost.
    return this.#allocator.allocate(size, CACHE_LINE_SIZE, BREAKER_REMAINDER);
  }

  /**
   * Makes a breaker of an allocated block: closed (or forced open), empty, named, in a generation that the block never had
   * and that is ahead of `after`. It stays owned until `disown`. @throws RangeError: no memory, and the block is free again
   */
  begin(breaker: number, policy: number, name: string, after: number): void {
    const { u32, f64 } = this.#memory;
    const mode = this.#at(policy + START_MODE_OFFSET);
    const before = Atomics.load(u32, (breaker + WORD_OFFSET) >>> 2) >>> GENERATION_SHIFT;
    const generation = generationAfter(before ? laterGeneration(before, after) : after);
    if (mode === MODE_FORCED_OPEN) f64[(breaker + DEADLINE_OFFSET) >>> 3] = Number.POSITIVE_INFINITY;
    u32[(breaker + POLICY_OFFSET) >>> 2] = policy;
    this.#setWord(breaker, (generation << GENERATION_SHIFT) | this.#owner | firstWordOf(mode));
    try {
      this.#names.label(breaker, name);
    } catch (error) {
      this.discard(breaker, policy);
      throw error;
    }
  }

  /** Frees a block that no other thread has seen. */
  discard(block: number, policy: number): void {
    const word = this.#at(block + WORD_OFFSET);
    this.#setWord(block, (word & ~((1 << GENERATION_SHIFT) - 1)) | FREED_WORD);
    this.#disowned();
    this.#push(block, policy);
  }

  /**
   * Owns a breaker, as a transition does: no other thread changes its state or moves it meanwhile. Its word before, or
   * undefined when another thread owns it.
   */
  own(breaker: number): number | undefined {
    const word = this.#at(breaker + WORD_OFFSET);
    if (word & OWNER_BITS) return undefined;
    const { u32 } = this.#memory;
    Atomics.store(u32, this.#owned, breaker); // before the swap: `recover` looks there
    if (this.#swapWord(breaker, word, word | this.#owner)) return word;
    this.#disowned();
    return undefined;
  }

  /** Ends an ownership: from here on the breaker has that word. */
  disown(breaker: number, word = this.#at(breaker + WORD_OFFSET) & ~OWNER_BITS): void {
    this.#setWord(breaker, word);
    this.#disowned();
  }

  /** Makes every thread look again where breakers are, and what their options are. */
  announce(): void {
    Atomics.add(this.#memory.u32, FREED_INDEX, 1);
  }

  /** Frees a breaker that is not in the name table; from here on it refuses everything. */
  free(breaker: number): void {
    this.announce(); // first: a thread that owns the freed breaker sees that FREED has risen
    const index = (breaker + WORD_OFFSET) >>> 2;
    for (let tries = 0; waitForOwner(tries); tries++) {
      const word = Atomics.load(this.#memory.u32, index);
      if (word & OWNER_BITS || !this.#swapWord(breaker, word, freedWordAfter(word))) continue;
      this.#end(breaker);
      return;
    }
    this.#names.unlabel(breaker); // its owner may be dead: better to lose a block than to give it to two breakers
  }

  /** Frees a breaker that the thread of that stripe owns and that is not in the name table. */
  freeOwned(breaker: number, stripe: number): void {
    this.announce();
    this.#memory.f64[(breaker + DEADLINE_OFFSET) >>> 3] = Number.POSITIVE_INFINITY;
    this.#setWord(breaker, freedWordAfter(this.#at(breaker + WORD_OFFSET)));
    Atomics.store(this.#memory.u32, (writerAt(stripe) + WRITER_BREAKER_OFFSET) >>> 2, 0);
    this.#end(breaker);
  }

  /** Whether the thread of that stripe owns the breaker. */
  isOwnedBy(breaker: number, stripe: number): boolean {
    return (this.#at(breaker + WORD_OFFSET) & OWNER_BITS) === (stripe + 1) << OWNER_SHIFT;
  }

  #end(breaker: number): void {
    this.#memory.f64[(breaker + DEADLINE_OFFSET) >>> 3] = Number.POSITIVE_INFINITY;
    this.#names.unlabel(breaker);
    this.#push(breaker, this.#at(breaker + POLICY_OFFSET));
  }

  #push(block: number, policy: number): void {
    Atomics.store(this.#memory.u32, (block + NAME_OFFSET) >>> 2, NAME_FREED);
    const shape = this.#at(policy + SHAPE_OFFSET);
    this.#allocator.push(shape + SHAPE_FREE_LIST_OFFSET, block, NAME_OFFSET);
  }

  #disowned(): void {
    Atomics.store(this.#memory.u32, this.#owned, 0);
  }

  #setWord(breaker: number, word: number): void {
    Atomics.store(this.#memory.u32, (breaker + WORD_OFFSET) >>> 2, word >>> 0);
  }

  #swapWord(breaker: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#memory.u32, (breaker + WORD_OFFSET) >>> 2, from, to >>> 0) === from;
  }

  #at(address: number): number {
    this.#memory.cover(address + 4);
    return Atomics.load(this.#memory.u32, address >>> 2);
  }
}

function freedWordAfter(word: number): number {
  return ((generationAfter(word >>> GENERATION_SHIFT) << GENERATION_SHIFT) | FREED_WORD) >>> 0;
}
