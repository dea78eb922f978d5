/**
 * Who owns which address: a mark that only rises, and piles of freed blocks.
 *
 * A block is never divided, joined or used for another kind of thing: a breaker's block stays one of the same shape,
 * a name's one for names of that size. So a thread that still holds an old address reads and writes what it takes it
 * for, and a breaker's generation goes on over all its lives. Every step is one compare-and-swap: nobody waits, and a
 * thread that dies on the way loses no more than the block that it had in hand.
 */
import {
  BLOCK_UNIT,
  CACHE_LINE_SIZE,
  PILE_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_END_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  WRITER_PIECE_END_OFFSET,
  WRITER_PIECE_OFFSET,
  WRITER_SIZE,
} from "../../assembly/layout.ts";
import { LARGEST_BLOCK, type LinearMemory } from "./memory.ts";

const END_INDEX = (REGISTRY_ADDRESS + REGISTRY_END_OFFSET) >>> 2;
/**
 * Names are small and breakers begin cache lines: names come out of pieces of this size, so that no gaps are left.
 * An odd number of lines. Most breakers are 256 bytes, and without something odd between them the line that every
 * call touches would lie in a quarter of the sets of each cache, where it drives out its like.
 */
const PIECE_SIZE = 65 * CACHE_LINE_SIZE;

export class Allocator {
  readonly #memory: LinearMemory;
  /** Indices of the cells that say where its next small block goes, and where its piece ends. */
  readonly #piece: number;
  readonly #pieceEnd: number;

  /** The allocator of a registry, for the thread of that stripe. */
  constructor(memory: LinearMemory, stripe: number) {
    this.#memory = memory;
    const writer = REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripe * WRITER_SIZE;
    this.#piece = (writer + WRITER_PIECE_OFFSET) >>> 2;
    this.#pieceEnd = (writer + WRITER_PIECE_END_OFFSET) >>> 2;
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
      const held = Atomics.load(this.#memory.u32, END_INDEX);
      const end = held * BLOCK_UNIT;
      const address = end + ((((remainder - end) % alignment) + alignment) % alignment);
      const next = Math.ceil((address + size) / BLOCK_UNIT);
      this.#memory.reserve(next * BLOCK_UNIT);
      if (Atomics.compareExchange(this.#memory.u32, END_INDEX, held, next) === held) return address;
    }
  }

  /** A small block that was never used. */
  allocateSmall(size: number): number {
    const next = this.#memory.u32[this.#piece]!;
    if (next + size <= this.#memory.u32[this.#pieceEnd]!) {
      this.#memory.u32[this.#piece] = next + size;
      return next;
    }
    const address = this.allocate(PIECE_SIZE);
    this.#memory.u32[this.#pieceEnd] = 0; // a thread may die between two of these, and another take over
    this.#memory.u32[this.#piece] = address + size;
    this.#memory.u32[this.#pieceEnd] = address + PIECE_SIZE;
    return address;
  }

  /** Puts a freed block on a pile; `link` is the cell of the block that names the one below it, times `BLOCK_UNIT`. */
  push(pile: number, block: number, link: number): void {
    const { u32, u64, shared } = this.#memory;
    if (!shared) {
      u32[(block + link) >>> 2] = u32[pile >>> 2]! | 1;
      u32[pile >>> 2] = block;
      return;
    }
    while (true) {
      const held = Atomics.load(u64, pile / PILE_SIZE);
      Atomics.store(u32, (block + link) >>> 2, Number(held & LOW) | 1);
      if (Atomics.compareExchange(u64, pile / PILE_SIZE, held, after(held, block)) === held) return;
    }
  }

  /** Takes the uppermost block off a pile, with what its last owner left in it; 0 if there is none. */
  pop(pile: number, link: number): number {
    const { u32, shared } = this.#memory;
    if (shared) return this.#popShared(pile, link);
    const block = u32[pile >>> 2]!;
    if (block !== 0) u32[pile >>> 2] = u32[(block + link) >>> 2]! & ~1;
    return block;
  }

  #popShared(pile: number, link: number): number {
    while (true) {
      const held = Atomics.load(this.#memory.u64, pile / PILE_SIZE);
      const block = Number(held & LOW);
      if (block === 0) return 0;
      this.#memory.cover(block + LARGEST_BLOCK);
      const below = (Atomics.load(this.#memory.u32, (block + link) >>> 2) & ~1) >>> 0;
      const next = after(held, below);
      if (Atomics.compareExchange(this.#memory.u64, pile / PILE_SIZE, held, next) === held) return block;
    }
  }
}

const LOW = 0xffff_ffffn;

/** The pile with another block on top. Its count rises, so that a thread that slept cannot take an old top for the new one. */
function after(held: bigint, block: number): bigint {
  return ((((held >> 32n) + 1n) & LOW) << 32n) | BigInt(block);
}
