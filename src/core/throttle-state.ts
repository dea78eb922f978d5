/** The state of a throttle as plain numbers: the overload block of a breaker, but its counters (totals.ts). */
import {
  BUCKET_COUNT_OFFSET,
  DETECTOR_THROTTLE,
  DETECTORS_OFFSET,
  OVERLOAD_CELL_SIZE,
  OVERLOAD_DUE_OFFSET,
  OVERLOAD_OFFSET,
  OVERLOAD_RING_OFFSET,
  OVERLOAD_SHARE_OFFSET,
  POLICY_OFFSET,
  SHARE_BOOST_BITS,
  SHARE_BOOST_SHIFT,
  SHARE_BUCKET_BITS,
  SHARE_BUCKET_SHIFT,
  SHARE_GENERATION_SHIFT,
  SHARE_GOOD_BITS,
  SHARE_ONE,
  SHARE_SHIFT,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

/** A throttle that works. */
export interface ThrottleState {
  /** Part of the calls that passes, in 1/SHARE_ONE: 1 to SHARE_ONE - 1. */
  readonly share: number;
  /** How often it was doubled since the latest failure. */
  readonly doublings: number;
  /** Successes since the latest doubling or failure. */
  readonly successes: number;
  /** How many buckets ago that was, modulo 32. */
  readonly age: number;
  /** Part of a call that is due, in 1/2^32. */
  readonly due: number;
  /** Calls that it refused in each bucket of the window, newest first. */
  readonly refused: readonly number[];
}

const AGES = 1 << SHARE_BUCKET_BITS;

/**
 * The throttle of a breaker; undefined if none works. `newest`: number of the newest bucket. No other thread may be
 * writing the breaker.
 */
export function readThrottle(
  memory: LinearMemory,
  breaker: number,
  generation: number,
  newest: number,
): ThrottleState | undefined {
  const block = overloadBlockOf(memory, breaker);
  if (!block) return undefined;
  const { u32 } = memory;
  const u64 = new BigUint64Array(memory.heap.buffer, block, OVERLOAD_RING_OFFSET >>> 3);
  const cell = u64[OVERLOAD_SHARE_OFFSET >>> 3]!;
  const part = (shift: number, bits: number) => Number(BigInt.asUintN(bits, cell >> BigInt(shift)));
  const share = part(SHARE_SHIFT, 64 - SHARE_SHIFT) % (2 * SHARE_ONE);
  const isAtWork = part(SHARE_GENERATION_SHIFT, 22) === generation && share < SHARE_ONE;
  if (!isAtWork) return undefined;
  return {
    share,
    doublings: part(SHARE_BOOST_SHIFT, SHARE_BOOST_BITS),
    successes: part(0, SHARE_GOOD_BITS),
    age: (((newest - part(SHARE_BUCKET_SHIFT, SHARE_BUCKET_BITS)) % AGES) + AGES) % AGES,
    due: u32[(block + OVERLOAD_DUE_OFFSET) >>> 2]!,
    refused: Array.from({ length: bucketsOf(memory, breaker) }, (_, age) => {
      const at = ringIndex(memory, breaker, block, newest - age);
      return u32[at + 1] === tagOf(newest - age, generation) ? u32[at]! : 0;
    }),
  };
}

/** Replaces the throttle of a breaker, undefined: none; nothing where its policy has none. Returns whether one works. */
export function writeThrottle(
  memory: LinearMemory,
  breaker: number,
  throttle: ThrottleState | undefined,
  generation: number,
  newest: number,
): boolean {
  const block = overloadBlockOf(memory, breaker);
  if (!block) return false;
  const { u32 } = memory;
  const policy = u32[(breaker + POLICY_OFFSET) >>> 2]!;
  const u64 = new BigUint64Array(memory.heap.buffer, block, OVERLOAD_RING_OFFSET >>> 3);
  u64[OVERLOAD_SHARE_OFFSET >>> 3] = 0n;
  if (!throttle || !(u32[(policy + DETECTORS_OFFSET) >>> 2]! & DETECTOR_THROTTLE)) return false;
  const { share, doublings, successes, age, due, refused } = throttle;
  const mark = (((newest - age) % AGES) + AGES) % AGES;
  u64[OVERLOAD_SHARE_OFFSET >>> 3] =
    BigInt(successes) |
    (BigInt(mark) << BigInt(SHARE_BUCKET_SHIFT)) |
    (BigInt(doublings) << BigInt(SHARE_BOOST_SHIFT)) |
    (BigInt(share) << BigInt(SHARE_SHIFT)) |
    (BigInt(generation) << BigInt(SHARE_GENERATION_SHIFT));
  u32[(block + OVERLOAD_DUE_OFFSET) >>> 2] = due;
  refused.slice(0, bucketsOf(memory, breaker)).forEach((count, before) => {
    const at = ringIndex(memory, breaker, block, newest - before);
    u32[at] = count;
    u32[at + 1] = tagOf(newest - before, generation);
  });
  return true;
}

/** Address of the overload block; 0: the policy of the breaker has none. */
export function overloadBlockOf({ u32 }: LinearMemory, breaker: number): number {
  const offset = u32[(u32[(breaker + POLICY_OFFSET) >>> 2]! + OVERLOAD_OFFSET) >>> 2]!;
  return offset && breaker + offset;
}

function bucketsOf({ u32 }: LinearMemory, breaker: number): number {
  return u32[(u32[(breaker + POLICY_OFFSET) >>> 2]! + BUCKET_COUNT_OFFSET) >>> 2]!;
}

function ringIndex(memory: LinearMemory, breaker: number, block: number, number: number): number {
  const count = bucketsOf(memory, breaker);
  return (
    (block + OVERLOAD_RING_OFFSET + (number - Math.floor(number / count) * count) * OVERLOAD_CELL_SIZE) >>> 2
  );
}

/** As in assembly/throttle.ts. */
function tagOf(number: number, generation: number): number {
  return (Math.imul(generation, 0x9e3779b1) + (number % 2 ** 32)) >>> 0;
}
