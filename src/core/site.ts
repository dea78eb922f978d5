/** Where a registry is: its memory, and the stripe that this thread writes in it. */
import {
  BLOCK_UNIT,
  CACHE_LINE_SIZE,
  RECORD_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_END_OFFSET,
  REGISTRY_JOURNAL_CAPACITY_OFFSET,
  REGISTRY_JOURNAL_OFFSET,
  REGISTRY_KEY_OFFSET,
  REGISTRY_SEED_OFFSET,
  REGISTRY_STRIPE_COUNT_OFFSET,
  REGISTRY_TOKENS_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  WRITER_HOLDER_OFFSET,
  WRITER_SIZE,
  WRITER_TABLE_OFFSET,
} from "../../assembly/layout.ts";
import { Allocator } from "./allocator.ts";
import type { Delivery, Heap } from "./exports.ts";
import { LinearMemory } from "./memory.ts";

/** Records in the ring of a stripe. */
const JOURNAL_RECORDS = 256;
/**
 * Records that can be read before they are lost: the ring is read after every call that writes one, and an entry
 * of a batch writes at most one. One place of the ring is always being written.
 */
export const JOURNAL_CAPACITY = JOURNAL_RECORDS - 1;

/** Token of the thread that laid the registry out. */
const FOUNDER = 1;
/** Holder of a stripe that is just being cleaned up. */
const CLEANING = 0xffff_ffff;
const TABLE_FROM_HOLDER = (WRITER_TABLE_OFFSET - WRITER_HOLDER_OFFSET) / 4;

export interface Site {
  readonly memory: LinearMemory;
  readonly stripe: number;
  readonly stripes: number;
}

/** Lays out a new registry and takes its first stripe. `seed`: two u32 from which jitter is drawn. */
export function found(delivery: Delivery, seed: readonly [number, number], stripes: number): Site {
  const memory = new LinearMemory(delivery.createMemory(), delivery.shared);
  const set = (offset: number, value: number) => {
    memory.u32[(REGISTRY_ADDRESS + offset) >>> 2] = value;
  };
  memory.reserve(REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripes * WRITER_SIZE);
  set(REGISTRY_END_OFFSET, (REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripes * WRITER_SIZE) / BLOCK_UNIT);
  set(REGISTRY_STRIPE_COUNT_OFFSET, stripes);
  set(REGISTRY_JOURNAL_CAPACITY_OFFSET, JOURNAL_RECORDS);
  const allocator = new Allocator(memory, 0);
  set(REGISTRY_JOURNAL_OFFSET, allocator.allocate(stripes * JOURNAL_RECORDS * RECORD_SIZE, CACHE_LINE_SIZE));
  set(REGISTRY_SEED_OFFSET, seed[0]);
  set(REGISTRY_SEED_OFFSET + 4, seed[1]);
  set(REGISTRY_KEY_OFFSET, mix(seed[0] ^ 0x9e3779b9));
  set(REGISTRY_KEY_OFFSET + 4, mix(mix(seed[0]) ^ seed[1]));
  set(REGISTRY_TOKENS_OFFSET, FOUNDER);
  set(REGISTRY_WRITERS_OFFSET + WRITER_HOLDER_OFFSET, FOUNDER);
  return { memory, stripe: 0, stripes };
}

/** Address of what belongs to the thread of that stripe alone. */
export function writerAt(stripe: number): number {
  return REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripe * WRITER_SIZE;
}

/** Takes a free stripe of a registry that another thread has laid out; undefined when all are taken. */
export function enter(shared: Heap, token: number): Site | undefined {
  const memory = new LinearMemory(shared, true);
  const stripes = stripesOf(memory);
  for (let stripe = 0; stripe < stripes; stripe++) {
    if (Atomics.compareExchange(memory.u32, holderIndex(stripe), 0, token) === 0)
      return { memory, stripe, stripes };
  }
  return undefined;
}

/** Gives the stripe back. The thread must not touch the memory any more. */
export function leave({ memory, stripe }: Site): void {
  Atomics.store(memory.u32, holderIndex(stripe), 0);
}

/**
 * Takes back the stripes of whoever came with that token and certainly runs no more. `recover` cleans up after each;
 * only one thread does it. It is told the table that the dead thread worked on, or 0. Returns how many there were.
 */
export function takeBack(
  { memory }: Site,
  token: number,
  recover: (stripe: number, table: number) => void,
): number {
  let count = 0;
  for (let stripe = 0; stripe < stripesOf(memory); stripe++) {
    if (Atomics.compareExchange(memory.u32, holderIndex(stripe), token, CLEANING) !== token) continue;
    recover(stripe, Atomics.exchange(memory.u32, holderIndex(stripe) + TABLE_FROM_HOLDER, 0));
    Atomics.store(memory.u32, holderIndex(stripe), 0);
    count++;
  }
  return count;
}

/** A number that no other handle of this registry has. */
export function drawToken({ memory }: Site): number {
  return Atomics.add(memory.u32, (REGISTRY_ADDRESS + REGISTRY_TOKENS_OFFSET) >>> 2, 1) + 1;
}

function stripesOf({ u32 }: LinearMemory): number {
  return u32[(REGISTRY_ADDRESS + REGISTRY_STRIPE_COUNT_OFFSET) >>> 2]!;
}

function holderIndex(stripe: number): number {
  return (writerAt(stripe) + WRITER_HOLDER_OFFSET) >>> 2;
}

/** Spreads a seed over 32 bits, so that the hash of names tells nothing of it (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
