/**
 * How breakers begin, move and end in memory.
 *
 * The generation of a block goes on over all breakers that live in it one after the other: a ticket, a lease or a
 * journal record of the one before is of an earlier generation for the next one.
 */
import {
  DEADLINE_OFFSET,
  GENERATION_MASK,
  GENERATION_SHIFT,
  MODE_FORCED_OPEN,
  MODE_SHIFT,
  NAME_FREED,
  NAME_OFFSET,
  OWNER_MASK,
  OWNER_SHIFT,
  POLICY_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_FREED_OFFSET,
  SHAPE_BREAKER_SIZE_OFFSET,
  SHAPE_OFFSET,
  SHAPE_PILE_OFFSET,
  START_MODE_OFFSET,
  STATE_CLOSED,
  STATE_OPEN,
  WORD_OFFSET,
  WRITER_BREAKER_OFFSET,
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import type { LinearMemory } from "./memory.ts";
import type { Names } from "./names.ts";
import { generationAfter } from "./restore.ts";
import { allocateBreaker } from "./shapes.ts";
import { writerAt } from "./site.ts";

const FREED_INDEX = (REGISTRY_ADDRESS + REGISTRY_FREED_OFFSET) >>> 2;
/** A freed breaker: whoever still holds it is refused. */
const FREED_WORD = (MODE_FORCED_OPEN << MODE_SHIFT) | STATE_OPEN;
/** An owner needs less than a microsecond; one that takes longer than so many looks is not going on. */
const PATIENCE = 100_000;

export class Lives {
  readonly #memory: LinearMemory;
  readonly #allocator: Allocator;
  readonly #names: Names;
  /** As this thread's number in the owner bits of a word. */
  readonly #owner: number;
  /** Index of the cell that names the breaker which this thread owns. */
  readonly #owned: number;

  /** Of a registry, for the thread of that stripe. */
  constructor(memory: LinearMemory, allocator: Allocator, names: Names, stripe: number) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#names = names;
    this.#owner = (stripe + 1) << OWNER_SHIFT;
    this.#owned = (writerAt(stripe) + WRITER_BREAKER_OFFSET) >>> 2;
  }

  /**
   * A new breaker of a policy: closed (or forced open), empty. Nobody else knows its address yet. It begins in a
   * generation that its block never had, and that is ahead of `after`.
   */
  begin(policy: number, name: string, hash: number, after = 0): number {
    const shape = this.#at(policy + SHAPE_OFFSET);
    const again = this.#allocator.pop(shape + SHAPE_PILE_OFFSET, NAME_OFFSET);
    const held = again === 0 ? 0 : this.#at(again + WORD_OFFSET);
    if (again === 0 || ownerIn(held) !== 0) {
      const block = allocateBreaker(this.#memory, this.#allocator, shape);
      return this.#begin(block, generationAfter(after), policy, name, hash);
    }
    this.#clear(again, this.#at(shape + SHAPE_BREAKER_SIZE_OFFSET));
    const latest = later(held >>> GENERATION_SHIFT, after);
    return this.#begin(again, generationAfter(latest), policy, name, hash);
  }

  /**
   * Owns a breaker, as a transition does: nobody else changes its state or moves it meanwhile. Its word before, or
   * undefined while another thread owns it.
   */
  seize(breaker: number): number | undefined {
    const held = this.#at(breaker + WORD_OFFSET);
    const { u32, shared } = this.#memory;
    if (!shared) return held;
    if (ownerIn(held) !== 0) return undefined;
    Atomics.store(u32, this.#owned, breaker); // before the swap: `recover` looks there
    const index = (breaker + WORD_OFFSET) >>> 2;
    if (Atomics.compareExchange(u32, index, held, (held | this.#owner) >>> 0) === held) return held;
    Atomics.store(u32, this.#owned, 0);
    return undefined;
  }

  /** Ends an ownership with that word. */
  release(breaker: number, word: number): void {
    if (!this.#memory.shared) return;
    Atomics.store(this.#memory.u32, (breaker + WORD_OFFSET) >>> 2, word);
    Atomics.store(this.#memory.u32, this.#owned, 0);
  }

  #begin(breaker: number, generation: number, policy: number, name: string, hash: number): number {
    const { u32, f64 } = this.#memory;
    const mode = this.#at(policy + START_MODE_OFFSET);
    if (mode === MODE_FORCED_OPEN) f64[(breaker + DEADLINE_OFFSET) >>> 3] = Number.POSITIVE_INFINITY;
    u32[(breaker + POLICY_OFFSET) >>> 2] = policy;
    const written = this.#names.write(name, hash, generation); // may grow the memory, and replace its views
    Atomics.store(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2, written);
    const word = (generation << GENERATION_SHIFT) | firstWordOf(mode);
    Atomics.store(this.#memory.u32, (breaker + WORD_OFFSET) >>> 2, word);
    return breaker;
  }

  /** Whoever keeps an address or options of a breaker looks again. */
  announce(): void {
    Atomics.add(this.#memory.u32, FREED_INDEX, 1);
  }

  /** Ends a breaker that is no longer in the directory. From here on it refuses everything. */
  end(breaker: number): void {
    const name = this.#at(breaker + NAME_OFFSET);
    const stopped = this.#stop(breaker);
    Atomics.store(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2, NAME_FREED);
    this.announce();
    this.#names.free(name);
    if (!stopped) return; // its owner may be dead: better to lose a block than to give it to two
    const shape = this.#at(this.#at(breaker + POLICY_OFFSET) + SHAPE_OFFSET);
    this.#allocator.push(shape + SHAPE_PILE_OFFSET, breaker, NAME_OFFSET);
  }

  #stop(breaker: number): boolean {
    const { u32, f64 } = this.#memory;
    const index = (breaker + WORD_OFFSET) >>> 2;
    for (let look = 0; look < PATIENCE; look++) {
      const held = Atomics.load(u32, index);
      if (ownerIn(held) !== 0) continue;
      const next = ((generationAfter(held >>> GENERATION_SHIFT) << GENERATION_SHIFT) | FREED_WORD) >>> 0;
      if (Atomics.compareExchange(u32, index, held, next) !== held) continue;
      f64[(breaker + DEADLINE_OFFSET) >>> 3] = Number.POSITIVE_INFINITY;
      return true;
    }
    return false;
  }

  /** All but NAME and WORD, by which others see that it is freed. */
  #clear(breaker: number, size: number): void {
    const { u32 } = this.#memory;
    u32.fill(0, breaker >>> 2, (breaker + NAME_OFFSET) >>> 2);
    u32.fill(0, (breaker + POLICY_OFFSET + 4) >>> 2, (breaker + size) >>> 2);
  }

  #at(address: number): number {
    this.#memory.cover(address + 4);
    return Atomics.load(this.#memory.u32, address >>> 2);
  }
}

/** The word of a new breaker of that mode, without its generation. */
export function firstWordOf(mode: number): number {
  return (mode << MODE_SHIFT) | (mode === MODE_FORCED_OPEN ? STATE_OPEN : STATE_CLOSED);
}

function ownerIn(word: number): number {
  return (word >>> OWNER_SHIFT) & OWNER_MASK;
}

/** Of two generations that do not lie half of all of them apart. */
function later(one: number, other: number): number {
  return ((one - other) & GENERATION_MASK) <= GENERATION_MASK >>> 1 ? one : other;
}
