/**
 * How breakers begin and end in memory.
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
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import type { LinearMemory } from "./memory.ts";
import type { Names } from "./names.ts";
import { allocateBreaker } from "./shapes.ts";

const FREED_INDEX = (REGISTRY_ADDRESS + REGISTRY_FREED_OFFSET) >>> 2;
/** A freed breaker: whoever still holds it is refused. */
const FREED_WORD = (MODE_FORCED_OPEN << MODE_SHIFT) | STATE_OPEN;
/** An owner needs less than a microsecond; one that takes longer than so many looks is not going on. */
const PATIENCE = 100_000;

export class Lives {
  readonly #memory: LinearMemory;
  readonly #allocator: Allocator;
  readonly #names: Names;

  constructor(memory: LinearMemory, allocator: Allocator, names: Names) {
    this.#memory = memory;
    this.#allocator = allocator;
    this.#names = names;
  }

  /** A new breaker of a policy: closed (or forced open), empty. Nobody else knows its address yet. */
  begin(policy: number, name: string, hash: number): number {
    const shape = this.#at(policy + SHAPE_OFFSET);
    const again = this.#allocator.pop(shape + SHAPE_PILE_OFFSET, NAME_OFFSET);
    const held = again === 0 ? 0 : this.#at(again + WORD_OFFSET);
    if (again === 0 || ownerIn(held) !== 0) {
      return this.#begin(allocateBreaker(this.#memory, this.#allocator, shape), 1, policy, name, hash);
    }
    this.#clear(again, this.#at(shape + SHAPE_BREAKER_SIZE_OFFSET));
    return this.#begin(again, generationAfter(held), policy, name, hash);
  }

  #begin(breaker: number, generation: number, policy: number, name: string, hash: number): number {
    const { u32, f64 } = this.#memory;
    const mode = this.#at(policy + START_MODE_OFFSET);
    const state = mode === MODE_FORCED_OPEN ? STATE_OPEN : STATE_CLOSED;
    if (state === STATE_OPEN) f64[(breaker + DEADLINE_OFFSET) >>> 3] = Number.POSITIVE_INFINITY;
    u32[(breaker + POLICY_OFFSET) >>> 2] = policy;
    const written = this.#names.write(name, hash, generation); // may grow the memory, and replace its views
    Atomics.store(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2, written);
    const word = (generation << GENERATION_SHIFT) | (mode << MODE_SHIFT) | state;
    Atomics.store(this.#memory.u32, (breaker + WORD_OFFSET) >>> 2, word);
    return breaker;
  }

  /** Ends a breaker that is no longer in the directory. From here on it refuses everything. */
  end(breaker: number): void {
    const name = this.#at(breaker + NAME_OFFSET);
    const stopped = this.#stop(breaker);
    Atomics.store(this.#memory.u32, (breaker + NAME_OFFSET) >>> 2, NAME_FREED);
    Atomics.add(this.#memory.u32, FREED_INDEX, 1);
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
      const next = ((generationAfter(held) << GENERATION_SHIFT) | FREED_WORD) >>> 0;
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
    if (address >= this.#memory.size) this.#memory.refresh();
    return Atomics.load(this.#memory.u32, address >>> 2);
  }
}

function ownerIn(word: number): number {
  return (word >>> OWNER_SHIFT) & OWNER_MASK;
}

/** Never 0. The same as in assembly/word.ts. */
function generationAfter(word: number): number {
  const next = ((word >>> GENERATION_SHIFT) + 1) & GENERATION_MASK;
  return next === 0 ? 1 : next;
}
