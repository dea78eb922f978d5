/**
 * Probes: the leases of a half-open breaker and the count of successful probes.
 *
 * Every cell carries its generation, so that a transition frees all of them without writing to
 * them. `isUnchanged` in word.ts describes how such a cell is changed.
 */
import { clear, load32, loadF64, peek32, peek64, publish64, swap32, swap64 } from "./cell";
import {
  LEASE_SIZE,
  LEASE_TICKS_PER_MS,
  LEASE_TIME_BITS,
  LEASES_OFFSET,
  PROBE_SUCCESSES_BITS,
  PROBE_SUCCESSES_OFFSET,
  PROBE_TIMEOUT_MS_OFFSET,
  PROBES_OFFSET,
  SLOT_FIRST_PROBE,
} from "./layout";
import { generationOf, isCurrent, isUnchanged } from "./word";

function leaseOf(breaker: usize, policy: usize, slot: u32): usize {
  return breaker + load32(policy + LEASES_OFFSET) + (slot - SLOT_FIRST_PROBE) * LEASE_SIZE;
}

function ticksOf(ms: f64): u64 {
  return <u64>(ms * LEASE_TICKS_PER_MS);
}

function tagOf(generation: u32): u64 {
  return (<u64>generation) << LEASE_TIME_BITS; // keeps the low 12 bits of the generation
}

function isHeld(lease: u64, generation: u32): bool {
  return lease !== 0 && (lease ^ tagOf(generation)) >> LEASE_TIME_BITS === 0;
}

/**
 * Takes the lowest free lease. Returns its slot, or 0 if all are out or the breaker has another
 * word than `word`.
 */
export function takeLease(breaker: usize, policy: usize, word: u32, now: f64): u32 {
  const probes = load32(policy + PROBES_OFFSET);
  const generation = generationOf(word);
  const lease = tagOf(generation) | (ticksOf(now) + ticksOf(loadF64(policy + PROBE_TIMEOUT_MS_OFFSET)));
  for (let slot: u32 = SLOT_FIRST_PROBE; slot <= probes; slot++) {
    const address = leaseOf(breaker, policy, slot);
    const held = peek64(address);
    if (isHeld(held, generation)) continue;
    if (!isUnchanged(breaker, word)) return 0;
    if (swap64(address, held, lease)) return slot;
  }
  return 0;
}

/** Frees the leases of earlier generations, since a lease holds its generation modulo 4096. */
export function clearLeases(breaker: usize, policy: usize): void {
  const probes = load32(policy + PROBES_OFFSET);
  if (!ASC_FEATURE_THREADS) {
    clear(leaseOf(breaker, policy, SLOT_FIRST_PROBE), probes * LEASE_SIZE);
    return;
  }
  for (let slot: u32 = SLOT_FIRST_PROBE; slot <= probes; slot++) publish64(leaseOf(breaker, policy, slot), 0);
}

/** Frees a lease. False if that probe is not out. */
export function freeLease(breaker: usize, policy: usize, generation: u32, slot: u32): bool {
  if (slot < <u32>SLOT_FIRST_PROBE || slot > load32(policy + PROBES_OFFSET)) return false; // slots of probes start at 1
  const address = leaseOf(breaker, policy, slot);
  const held = peek64(address);
  return isHeld(held, generation) && swap64(address, held, 0);
}

/** Frees the leases that have ended. Returns how many this call has freed. */
export function endLeases(breaker: usize, policy: usize, generation: u32, now: f64): u32 {
  const probes = load32(policy + PROBES_OFFSET);
  const ticks = ticksOf(now);
  let ended: u32 = 0;
  for (let slot: u32 = SLOT_FIRST_PROBE; slot <= probes; slot++) {
    const address = leaseOf(breaker, policy, slot);
    const lease = peek64(address);
    const hasEnded = isHeld(lease, generation) && (lease & (((<u64>1) << LEASE_TIME_BITS) - 1)) <= ticks;
    if (hasEnded && swap64(address, lease, 0)) ended++;
  }
  return ended;
}

/** Successful probes of that generation. */
export function successesOf(breaker: usize, generation: u32): u32 {
  return successesIn(peek32(breaker + PROBE_SUCCESSES_OFFSET), generation);
}

function successesIn(cell: u32, generation: u32): u32 {
  return cell >> PROBE_SUCCESSES_BITS === generation ? cell & ((1 << PROBE_SUCCESSES_BITS) - 1) : 0;
}

/** Adds one success. Returns the count modulo 1024, or 0 if the generation is over. */
export function addSuccess(breaker: usize, generation: u32): u32 {
  while (true) {
    const cell = peek32(breaker + PROBE_SUCCESSES_OFFSET);
    if (!isCurrent(breaker, generation)) return 0;
    const successes = (successesIn(cell, generation) + 1) & ((1 << PROBE_SUCCESSES_BITS) - 1);
    const next = (generation << PROBE_SUCCESSES_BITS) | successes;
    if (swap32(breaker + PROBE_SUCCESSES_OFFSET, cell, next)) return successes;
  }
}
