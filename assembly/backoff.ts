/**
 * How long a breaker stays open: a table of delays by level, plus jitter. The host samples any
 * formula into the table. Owns the random generator of the registry.
 */
import { load32, loadF64, sum64 } from "./cell";
import {
  DELAY_COUNT_OFFSET,
  DELAYS_OFFSET,
  JITTER_DECORRELATED,
  JITTER_EQUAL,
  JITTER_FULL,
  JITTER_NONE,
  JITTER_OFFSET,
  REGISTRY_OFFSET,
  REGISTRY_SEED_OFFSET,
} from "./layout";

/**
 * Delay in ms of an opening at `level` (0: the first). `previous`: the latest delay in ms, for
 * decorrelated jitter. Draws one number unless the jitter is none.
 *
 * Equal and full jitter: d/2 + U[0, d/2) and U[0, d). Decorrelated: U[base, 3 * previous), at most
 * the last delay (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
export function delayAt(policy: usize, level: u32, previous: f64): f64 {
  const last = load32(policy + DELAY_COUNT_OFFSET) - 1;
  const delay = tableDelay(policy, min(level, last));
  const jitter = load32(policy + JITTER_OFFSET);
  if (jitter === JITTER_NONE) return delay;
  const chance = nextRandom(load32(policy + REGISTRY_OFFSET));
  const part = chance * delay;
  if (jitter === JITTER_EQUAL) return (delay + part) / 2;
  if (jitter === JITTER_FULL) return part;
  assert(jitter === JITTER_DECORRELATED); // the host writes no other code
  const base = tableDelay(policy, 0);
  const widest = Math.max((level > 0 ? previous : base) * 3, base);
  return Math.min(tableDelay(policy, last), base + chance * (widest - base));
}

function tableDelay(policy: usize, level: u32): f64 {
  return loadF64(policy + DELAYS_OFFSET + (level << 3));
}

/**
 * A number in [0, 1) of 53 bits, from splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
 * number generators", 2014). Its state is a sum, so threads share it with one atomic addition.
 */
function nextRandom(registry: usize): f64 {
  let mixed = sum64(registry + REGISTRY_SEED_OFFSET, 0x9e3779b97f4a7c15);
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  mixed ^= mixed >> 31;
  return <f64>(mixed >> 11) / 9007199254740992.0;
}
