/** Where a shared registry is: its memory, and the stripe that this thread writes in it. */
import {
  BLOCK_UNIT,
  CACHE_LINE_SIZE,
  FREE_LISTS_SIZE,
  RECORD_SIZE,
  REGISTRY_ADDRESS,
  REGISTRY_END_OFFSET,
  REGISTRY_FREE_LISTS_OFFSET,
  REGISTRY_KEY_OFFSET,
  REGISTRY_STRIPE_COUNT_OFFSET,
  REGISTRY_TOKENS_OFFSET,
  REGISTRY_WRITERS_OFFSET,
  WRITER_HOLDER_OFFSET,
  WRITER_SIZE,
} from "../../assembly/layout.ts";
import { type Seed, writeHeader } from "../core/core.ts";
import type { CoreModule, Heap } from "../core/module.ts";
import { SharedMemory } from "./shared-memory.ts";

/** Records in the ring of a stripe, a power of two. */
export const JOURNAL_RECORDS = 256;
/** Token of the thread that created the layout. */
const FIRST_TOKEN = 1;
/** Holder of a stripe that is being repaired: these bits, and the stripe of the thread that repairs it. */
const REPAIRING = 0xffff_ff00;

export interface Attachment {
  readonly memory: SharedMemory;
  readonly stripe: number;
  readonly stripes: number;
}

/** Lays out a new registry and takes its first stripe. @throws RangeError when there is no memory. */
export function createLayout(module: CoreModule, seed: Seed, stripes: number): Attachment {
  const memory = new SharedMemory(module.createMemory());
  const freeLists = writerAt(stripes);
  const journal = Math.ceil((freeLists + FREE_LISTS_SIZE) / CACHE_LINE_SIZE) * CACHE_LINE_SIZE;
  const end = journal + stripes * JOURNAL_RECORDS * RECORD_SIZE;
  memory.reserve(end);
  const set = (offset: number, value: number) => {
    memory.u32[(REGISTRY_ADDRESS + offset) >>> 2] = value;
  };
  writeHeader(memory, REGISTRY_ADDRESS, stripes, JOURNAL_RECORDS, journal, seed);
  // Names come from data: a sender who knows the key can make them collide, so the key is never that of the seed.
  const [key0, key1] = crypto.getRandomValues(new Uint32Array(2));
  set(REGISTRY_KEY_OFFSET, key0!);
  set(REGISTRY_KEY_OFFSET + 4, key1!);
  set(REGISTRY_END_OFFSET, end / BLOCK_UNIT);
  set(REGISTRY_FREE_LISTS_OFFSET, freeLists);
  set(REGISTRY_TOKENS_OFFSET, FIRST_TOKEN);
  set(REGISTRY_WRITERS_OFFSET + WRITER_HOLDER_OFFSET, FIRST_TOKEN);
  return { memory, stripe: 0, stripes };
}

/** Address of what belongs to the thread of that stripe alone. */
export function writerAt(stripe: number): number {
  return REGISTRY_ADDRESS + REGISTRY_WRITERS_OFFSET + stripe * WRITER_SIZE;
}

/** Takes a free stripe of a registry that another thread has laid out; undefined when all are taken. */
export function attach(heap: Heap, token: number): Attachment | undefined {
  const memory = new SharedMemory(heap);
  const stripes = memory.u32[(REGISTRY_ADDRESS + REGISTRY_STRIPE_COUNT_OFFSET) >>> 2]!;
  for (let stripe = 0; stripe < stripes; stripe++) {
    if (swapHolder(memory, stripe, 0, token)) return { memory, stripe, stripes };
  }
  return undefined;
}

/** Gives the stripe back. The thread must not touch the memory any more. */
export function detach({ memory, stripe }: Attachment): void {
  Atomics.store(memory.u32, holderIndex(stripe), 0);
}

/**
 * Takes back the stripes of all threads that came with that token; they must run no more. `repair` cleans up after each.
 * A repair that was itself cut short, in this thread or in one of those, is done again. Returns how many stripes there were.
 */
export function reclaim(own: Attachment, token: number, repair: (stripe: number) => void): number {
  const { memory, stripes } = own;
  const indices = Array.from({ length: stripes }, (_, stripe) => stripe);
  const dead = indices.filter((stripe) => Atomics.load(memory.u32, holderIndex(stripe)) === token);
  let count = 0;
  const free = (stripe: number, holder: number) => {
    if (!swapHolder(memory, stripe, holder, (REPAIRING | own.stripe) >>> 0)) return;
    repair(stripe);
    Atomics.store(memory.u32, holderIndex(stripe), 0);
    count++;
  };
  // The stripes of the dead threads come last: until then they tell whose repairs are unfinished.
  for (const repairer of [own.stripe, ...dead]) {
    for (const stripe of indices) free(stripe, (REPAIRING | repairer) >>> 0);
  }
  for (const stripe of dead) free(stripe, token);
  return count;
}

/** A number that no other handle of this registry has. */
export function drawToken({ memory }: Attachment): number {
  return Atomics.add(memory.u32, (REGISTRY_ADDRESS + REGISTRY_TOKENS_OFFSET) >>> 2, 1) + 1;
}

function holderIndex(stripe: number): number {
  return (writerAt(stripe) + WRITER_HOLDER_OFFSET) >>> 2;
}

function swapHolder({ u32 }: SharedMemory, stripe: number, from: number, to: number): boolean {
  return Atomics.compareExchange(u32, holderIndex(stripe), from, to) === from;
}
