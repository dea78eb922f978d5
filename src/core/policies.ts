/** Policies in memory: each once, whichever thread placed it. */
import {
  CACHE_LINE_SIZE,
  PREVIOUS_POLICY_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_POLICIES_OFFSET,
} from "../../assembly/layout.ts";
import type { Allocator } from "./allocator.ts";
import { LARGEST_BLOCK, type LinearMemory } from "./memory.ts";

const LATEST_INDEX = (REGISTRY_ADDRESS + REGISTRY_POLICIES_OFFSET) >>> 2;
const PREVIOUS_INDEX = PREVIOUS_POLICY_OFFSET >>> 2;

/** Address of that policy: of the one that some thread has placed, or of a new one. */
export function placePolicy(memory: LinearMemory, allocator: Allocator, policy: Uint32Array): number {
  for (let at = Atomics.load(memory.u32, LATEST_INDEX); at !== 0; ) {
    memory.cover(at + LARGEST_BLOCK);
    if (isThat(memory.u32, at, policy)) return at;
    at = memory.u32[(at >>> 2) + PREVIOUS_INDEX]!;
  }
  const address = allocator.allocate(policy.byteLength, CACHE_LINE_SIZE);
  const { u32 } = memory;
  u32.set(policy, address >>> 2);
  let latest: number;
  do {
    latest = Atomics.load(u32, LATEST_INDEX);
    u32[(address >>> 2) + PREVIOUS_INDEX] = latest;
  } while (Atomics.compareExchange(u32, LATEST_INDEX, latest, address) !== latest);
  return address;
}

/** No two policies differ only in that the one has more delays or shares: their numbers are among what is compared. */
function isThat(u32: Uint32Array, at: number, policy: Uint32Array): boolean {
  return policy.every((word, index) => index === PREVIOUS_INDEX || u32[(at >>> 2) + index] === word);
}
