/**
 * Memory of a shared registry: a bump pointer, and free lists of freed blocks.
 *
 * A block is never divided, joined or used for another kind of thing: a breaker's block stays one of the same shape, a
 * name's one for names of that size. So a thread that still holds an old address reads and writes what it takes it for,
 * and a breaker's generation goes on over all breakers in one block. Every step is one compare-and-swap: no thread waits,
 * and a thread that dies on the way loses no more than the block that it had taken.
 */
import {
  BLOCK_UNIT,
  CACHE_LINE_SIZE,
  FREE_LIST_SIZE,
  WRITER_CHUNK_END_OFFSET,
  WRITER_CHUNK_OFFSET,
} from "../../assembly/layout.ts";
import { LARGEST_BLOCK } from "../core/memory.ts";
import { writerAt } from "./attachment.ts";
import { END_INDEX, type SharedMemory } from "./shared-memory.ts";

/**
 * Names are small and breakers begin cache lines: names come out of arena chunks of this size, so that no gaps are left.
 * An odd number of lines. Most breakers are 256 bytes, and without an odd block between them the line that every call
 * touches would lie in a quarter of the sets of each cache.
 */
const CHUNK_SIZE = 65 * CACHE_LINE_SIZE;
const LOW = 0xffff_ffffn;

export class Allocator {
  readonly #memory: SharedMemory;
  /** Indices of the cells that say where its next small block goes, and where its chunk ends. */
  readonly #chunk: number;
  readonly #chunkEnd: number;

  /** The allocator of a registry, for the thread of that stripe. */
  constructor(memory: SharedMemory, stripe: number) {
    this.#memory = memory;
    this.#chunk = (writerAt(stripe) + WRITER_CHUNK_OFFSET) >>> 2;
    this.#chunkEnd = (writerAt(stripe) + WRITER_CHUNK_END_OFFSET) >>> 2;
  }

  /** Bytes in use, freed blocks included. */
  get end(): number {
    return Atomics.load(this.#memory.u32, END_INDEX) * BLOCK_UNIT;
  }

  /**
   * A zeroed block that was never used, whose address leaves `remainder` when divided by `alignment`.
   * @throws RangeError when the runtime gives no more memory; nothing is changed then.
   */
  allocate(size: number, alignment = BLOCK_UNIT, remainder = 0): number {
    while (true) {
      const before = Atomics.load(this.#memory.u32, END_INDEX);
      const end = before * BLOCK_UNIT;
      const address = end + ((((remainder - end) % alignment) + alignment) % alignment);
      const next = Math.ceil((address + size) / BLOCK_UNIT);
      this.#memory.reserve(next * BLOCK_UNIT);
      if (Atomics.compareExchange(this.#memory.u32, END_INDEX, before, next) === before) return address;
    }
  }

  /** A small block that was never used. */
  allocateSmall(size: number): number {
    const next = this.#memory.u32[this.#chunk]!;
    if (next + size <= this.#memory.u32[this.#chunkEnd]!) {
      this.#memory.u32[this.#chunk] = next + size;
      return next;
    }
    const address = this.allocate(CHUNK_SIZE);
    this.#memory.u32[this.#chunkEnd] = 0; // a thread may die between two of these, and another take over
    this.#memory.u32[this.#chunk] = address + size;
    this.#memory.u32[this.#chunkEnd] = address + CHUNK_SIZE;
    return address;
  }

  /** Puts a block on the free list at `list`; its cell at `link` gets the address of the next block, and bit 0. */
  push(list: number, block: number, link: number): void {
    const { u32, u64 } = this.#memory;
    while (true) {
      const head = Atomics.load(u64, list / FREE_LIST_SIZE);
      Atomics.store(u32, (block + link) >>> 2, Number(head & LOW) | 1);
      const next = headAfter(head, block);
      if (Atomics.compareExchange(u64, list / FREE_LIST_SIZE, head, next) === head) return;
    }
  }

  /** Takes the first block off a free list, with what was left in it; 0 if there is none. */
  pop(list: number, link: number): number {
    while (true) {
      const head = Atomics.load(this.#memory.u64, list / FREE_LIST_SIZE);
      const block = Number(head & LOW);
      if (block === 0) return 0;
      this.#memory.cover(block + LARGEST_BLOCK);
      const next = (Atomics.load(this.#memory.u32, (block + link) >>> 2) & ~1) >>> 0;
      const swap = headAfter(head, next);
      if (Atomics.compareExchange(this.#memory.u64, list / FREE_LIST_SIZE, head, swap) === head) return block;
    }
  }
}

/** The head of a free list with another first block. Its count rises, so that a thread that slept swaps no old one. */
function headAfter(head: bigint, block: number): bigint {
  return ((((head >> 32n) + 1n) & LOW) << 32n) | BigInt(block);
}
