/** Blocks of numbers that are in memory once, whichever thread placed them: shapes and policies. They are never freed. */
import { CACHE_LINE_SIZE } from "../../assembly/layout.ts";
import { LARGEST_BLOCK } from "../core/memory.ts";
import type { Allocator } from "./allocator.ts";
import type { SharedMemory } from "./shared-memory.ts";

/**
 * A chain of blocks in memory, the latest first, and for this thread an index of it by hash: a thread reads each block
 * once, however many there are.
 */
export class InternTable {
  readonly #memory: SharedMemory;
  readonly #allocator: Allocator;
  /** Index of the cell with the address of the latest block. */
  readonly #latest: number;
  /** Index, in a block, of the word with the address of the block before. */
  readonly #previous: number;
  /** Words of the block at an address, and the first of them that counts. */
  readonly #lengthOf: (u32: Uint32Array, first: number) => number;
  readonly #from: number;
  readonly #byHash = new Map<number, number[]>();
  /** Latest block that is in the index. */
  #indexed = 0;

  /**
   * @param latest address of the cell with the address of the latest block
   * @param previous offset in a block of the cell with the address of the block before; it is not compared
   * @param from offset of what is compared; cells before belong to whoever uses the block
   * @param lengthOf words of the block that begins at that index
   */
  constructor(
    memory: SharedMemory,
    allocator: Allocator,
    latest: number,
    previous: number,
    from: number,
    lengthOf: (u32: Uint32Array, first: number) => number,
  ) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#latest = latest >>> 2;
    this.#previous = previous >>> 2;
    this.#from = from >>> 2;
    this.#lengthOf = lengthOf;
  }

  /** Address of the block with those words: of the one that is there, or of a new one. @throws RangeError: no memory */
  place(words: Uint32Array): number {
    const hash = this.#hash(words, 0, words.length);
    let latest = this.#update();
    let known = this.#find(words, hash);
    if (known) return known;
    const address = this.#allocator.allocate(words.byteLength, CACHE_LINE_SIZE);
    this.#memory.u32.set(words, address >>> 2);
    while (true) {
      this.#memory.u32[(address >>> 2) + this.#previous] = latest;
      if (Atomics.compareExchange(this.#memory.u32, this.#latest, latest, address) === latest) return address;
      latest = this.#update(); // another thread may have placed the same: then the new block is lost
      known = this.#find(words, hash);
      if (known) return known;
    }
  }

  /** Takes into the index what was placed since the latest call. Returns the latest block. */
  #update(): number {
    const latest = Atomics.load(this.#memory.u32, this.#latest);
    for (let at = latest; at !== this.#indexed; ) {
      this.#memory.cover(at + LARGEST_BLOCK);
      const { u32 } = this.#memory;
      const first = at >>> 2;
      const hash = this.#hash(u32, first, this.#lengthOf(u32, first));
      const blocks = this.#byHash.get(hash);
      if (blocks) blocks.push(at);
      else this.#byHash.set(hash, [at]);
      at = u32[first + this.#previous]!;
    }
    this.#indexed = latest;
    return latest;
  }

  #find(words: Uint32Array, hash: number): number | undefined {
    return this.#byHash.get(hash)?.find((address) => this.#isEqual(words, address >>> 2));
  }

  #isEqual(words: Uint32Array, first: number): boolean {
    const { u32 } = this.#memory;
    if (this.#lengthOf(u32, first) !== words.length) return false;
    return words.every(
      (word, index) => index < this.#from || index === this.#previous || u32[first + index] === word,
    );
  }

  /** FNV-1a over words (Fowler, Noll, Vo), which spreads well enough: equal hashes only cost a comparison. */
  #hash(u32: Uint32Array, first: number, length: number): number {
    let hash = 0x811c9dc5 | 0;
    for (let index = this.#from; index < length; index++) {
      if (index === this.#previous) continue;
      const word = u32[first + index]!;
      hash = Math.imul(hash ^ word ^ (word >>> 15), 0x01000193);
    }
    return hash;
  }
}
