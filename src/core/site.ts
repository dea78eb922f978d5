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
  REGISTRY_WRITERS_OFFSET,
  WRITER_SIZE,
  WRITER_TAKEN_OFFSET,
} from "../../assembly/layout.ts";
import { Allocator } from "./allocator.ts";
import { LinearMemory } from "./memory.ts";

/** Records in the ring of a stripe. */
const JOURNAL_RECORDS = 256;
/**
 * Records that can be read before they are lost: the ring is read after every call that writes one, and an entry
 * of a batch writes at most one. One place of the ring is always being written.
 */
export const JOURNAL_CAPACITY = JOURNAL_RECORDS - 1;

export interface Site {
  readonly memory: LinearMemory;
  readonly stripe: number;
  readonly stripes: number;
}

/** Lays out a new registry and takes its first stripe. `seed`: two u32 from which jitter is drawn. */
export function found(shared: boolean, seed: readonly [number, number], stripes: number): Site {
  const memory = new LinearMemory(shared);
  const set = (offset: number, value: number) => {
    memory.u32[(REGISTRY_ADDRESS + offset) >>> 2] = value;
  };
  memory.reserve(REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripes * WRITER_SIZE);
  set(REGISTRY_END_OFFSET, (REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripes * WRITER_SIZE) / BLOCK_UNIT);
  set(REGISTRY_STRIPE_COUNT_OFFSET, stripes);
  set(REGISTRY_JOURNAL_CAPACITY_OFFSET, JOURNAL_RECORDS);
  const allocator = new Allocator(memory);
  set(REGISTRY_JOURNAL_OFFSET, allocator.allocate(stripes * JOURNAL_RECORDS * RECORD_SIZE, CACHE_LINE_SIZE));
  set(REGISTRY_SEED_OFFSET, seed[0]);
  set(REGISTRY_SEED_OFFSET + 4, seed[1]);
  set(REGISTRY_KEY_OFFSET, mix(seed[0] ^ 0x9e3779b9));
  set(REGISTRY_KEY_OFFSET + 4, mix(mix(seed[0]) ^ seed[1]));
  set(REGISTRY_WRITERS_OFFSET + WRITER_TAKEN_OFFSET, 1);
  return { memory, stripe: 0, stripes };
}

/** Spreads a seed over 32 bits, so that the hash of names tells nothing of it (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
