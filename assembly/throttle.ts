/**
 * The throttle and the maximum of pending calls: which calls of a closed breaker are refused. Owns the overload block,
 * whose cells all threads write.
 *
 * The throttle admits 1 / rate times as many calls as succeeded lately: share = successes / (rate * calls offered), over
 * the newest buckets that hold enough ended calls, at least two of them. The rate is what the policy aims at. Calls
 * offered are those that ended and those that the throttle refused. The share doubles after each run of successes, so
 * that it finds more capacity in little time, and falls back at the first failure (docs/adr/0025).
 */
import { numberAt } from "./bucket";
import { load32, loadF64, peek64, publish32, publish64, sum32, sum64, swap64 } from "./cell";
import { draftOf, writeCounts } from "./journal";
import {
  BUCKET_CALLS_OFFSET,
  BUCKET_COUNT_OFFSET,
  BUCKET_FAILURES_OFFSET,
  BUCKET_MS_OFFSET,
  BUCKET_PENDING_OFFSET,
  BUCKET_SLOW_OFFSET,
  CAUSE_NONE,
  CAUSE_OVERLOADED,
  CAUSE_RELIEVED,
  CAUSE_TIME_WINDOW_RATE,
  DETECTOR_THROTTLE,
  DETECTORS_OFFSET,
  LEAST_SHARE_OFFSET,
  MAXIMUM_PENDING_OFFSET,
  OVERLOAD_BUSY_OFFSET,
  OVERLOAD_CALLS_OFFSET,
  OVERLOAD_CELL_SIZE,
  OVERLOAD_DUE_OFFSET,
  OVERLOAD_OFFSET,
  OVERLOAD_RATE_OFFSET,
  OVERLOAD_RING_OFFSET,
  OVERLOAD_SHARE_OFFSET,
  OVERLOAD_THROTTLED_OFFSET,
  REGISTRY_OFFSET,
  SHARE_BITS,
  SHARE_BOOST_BITS,
  SHARE_BOOST_SHIFT,
  SHARE_BUCKET_BITS,
  SHARE_BUCKET_SHIFT,
  SHARE_GENERATION_SHIFT,
  SHARE_GOOD_BITS,
  SHARE_ONE,
  SHARE_SHIFT,
  SLOT_SLOW_PATH,
  SLOT_THROTTLED,
  TICKET_OFFSET,
} from "./layout";
import { indexOf } from "./stripe";
import { bucketSum, sumAt } from "./sum";
import { generationOf, isCurrent, plainTicket } from "./word";

const ONE: u32 = SHARE_ONE;
const GOOD_MASK: u32 = (1 << SHARE_GOOD_BITS) - 1;
const BUCKET_MASK: u32 = (1 << SHARE_BUCKET_BITS) - 1;
const BOOST_MASK: u32 = (1 << SHARE_BOOST_BITS) - 1;
const SHARE_MASK: u32 = 2 * SHARE_ONE - 1;

/** Successes in a row that double the share in a later bucket than the latest doubling or failure. */
const QUICK_RUN: u32 = 3;
/** Doublings take a run of this many times the calls that the throttle looks back at, */
const LONG_RUN: u32 = 3;
/** and of this part of the calls of the newest buckets, so that answers can come before the next one. */
const RUN_PART: f64 = 4;

// ---- the share cell --------------------------------------------------------------------------------------

/** The cell for that generation; of another one: that of a throttle that does not work. */
function cellFor(cell: u64, generation: u32): u64 {
  return <u32>(cell >> SHARE_GENERATION_SHIFT) === generation ? cell : cellOf(generation, SHARE_ONE, 0, 0, 0);
}

function cellOf(generation: u32, share: u32, boost: u32, bucket: u32, good: u32): u64 {
  return (
    ((<u64>generation) << SHARE_GENERATION_SHIFT) |
    ((<u64>share) << SHARE_SHIFT) |
    ((boost << SHARE_BOOST_SHIFT) | (bucket << SHARE_BUCKET_SHIFT) | good)
  );
}

function shareIn(cell: u64): u32 {
  return <u32>(cell >> SHARE_SHIFT) & SHARE_MASK;
}

/** The part of the calls that the throttle lets pass in that generation, in 1/SHARE_ONE. The policy has a block. */
export function throttleShare(breaker: usize, policy: usize, generation: u32): u32 {
  return shareIn(cellFor(peek64(blockOf(breaker, policy) + OVERLOAD_SHARE_OFFSET), generation));
}

/** Begins a generation with a share below 1. For the owner of the breaker. The first call passes. */
export function beginThrottle(breaker: usize, policy: usize, generation: u32, share: u32, now: f64): void {
  const block = blockOf(breaker, policy);
  publish32(block + OVERLOAD_DUE_OFFSET, <u32>-1);
  publish64(
    block + OVERLOAD_SHARE_OFFSET,
    cellOf(generation, share, 0, bucketBits(numberOf(policy, now)), 0),
  );
}

export function blockOf(breaker: usize, policy: usize): usize {
  return breaker + load32(policy + OVERLOAD_OFFSET);
}

function numberOf(policy: usize, now: f64): f64 {
  return numberAt(now, loadF64(policy + BUCKET_MS_OFFSET));
}

function bucketBits(number: f64): u32 {
  return <u32>(<u64>number) & BUCKET_MASK;
}

// ---- refused calls -----------------------------------------------------------------------------------------

/** Whether as many calls are pending as the policy allows. Counts the call as busy then. */
export function isBusy(breaker: usize, policy: usize, word: u32, now: f64): bool {
  const maximum = load32(policy + MAXIMUM_PENDING_OFFSET);
  if (maximum === 0) return false;
  if (sumAt(breaker, policy, plainTicket(word), now, BUCKET_PENDING_OFFSET) < <f64>maximum) return false;
  sum64(blockOf(breaker, policy) + OVERLOAD_BUSY_OFFSET, 1);
  return true;
}

/** Whether the throttle refuses the next call. Passing calls are evenly spread, and the same in a replay. */
export function isThrottled(breaker: usize, policy: usize, word: u32, now: f64): bool {
  const generation = generationOf(word);
  const share = throttleShare(breaker, policy, generation);
  if (share >= ONE) return false;
  const block = blockOf(breaker, policy);
  const step = share << (33 - SHARE_BITS); // from 1/SHARE_ONE to 1/2^32
  if (sum32(block + OVERLOAD_DUE_OFFSET, step) < step) return false; // it carries: a call is due
  sum64(block + OVERLOAD_THROTTLED_OFFSET, 1);
  const number = numberOf(policy, now);
  const tag = tagOf(number, generation);
  const cell = ringCell(block, policy, number);
  while (true) {
    const held = peek64(cell);
    const next = held >> 32 === tag ? held + 1 : (tag << 32) | 1;
    if (swap64(cell, held, next)) return true;
  }
}

/** Calls that the throttle refused in the bucket of that number. */
function throttledIn(block: usize, policy: usize, number: f64, generation: u32): f64 {
  const held = peek64(ringCell(block, policy, number));
  return held >> 32 === tagOf(number, generation) ? <f64>(<u32>held) : 0;
}

function ringCell(block: usize, policy: usize, number: f64): usize {
  const count = load32(policy + BUCKET_COUNT_OFFSET);
  return block + OVERLOAD_RING_OFFSET + <u32>(<u64>number % count) * OVERLOAD_CELL_SIZE;
}

/** Of two buckets that are in use at one time no two have the same: the factor spreads generations (2^32 / golden ratio). */
function tagOf(number: f64, generation: u32): u64 {
  return <u32>(<u64>number) + generation * 0x9e3779b1;
}

// ---- the rule ----------------------------------------------------------------------------------------------

/**
 * Takes note of an outcome while the throttle works: a success may double the share, a failure ends its growth.
 * `weight`: calls that ended so; 0: none. `failed`: they did. Sets the share from the newest
 * buckets, and TICKET of the stripe by it. Returns CAUSE_OVERLOADED or CAUSE_RELIEVED when the throttle began or ended by
 * this call, CAUSE_TIME_WINDOW_RATE when no call of the newest buckets succeeded: then the breaker must open. With each of
 * them the draft has the counts of these buckets. Else CAUSE_NONE. Only for closed breakers.
 */
export function throttle(
  breaker: usize,
  stripe: usize,
  policy: usize,
  word: u32,
  now: f64,
  failed: bool,
  weight: u32,
): u32 {
  const generation = generationOf(word);
  const number = numberOf(policy, now);
  const least = <f64>load32(policy + OVERLOAD_CALLS_OFFSET);
  const fails: bool = failed && weight !== 0;
  const block = blockOf(breaker, policy);
  const draft = draftOf(load32(policy + REGISTRY_OFFSET), indexOf(breaker, policy, stripe));
  while (true) {
    // Before the counts: of two threads that count at once, the one that swaps later has read both counts.
    const held = peek64(block + OVERLOAD_SHARE_OFFSET);
    const first = firstBucket(breaker, policy, word, number, least);
    const calls = countSince(breaker, policy, word, first, number, BUCKET_CALLS_OFFSET);
    const failures = countSince(breaker, policy, word, first, number, BUCKET_FAILURES_OFFSET);
    if (calls >= least && calls <= failures) {
      writeCounts(draft, calls, calls, countSince(breaker, policy, word, first, number, BUCKET_SLOW_OFFSET));
      return CAUSE_TIME_WINDOW_RATE;
    }
    if (!isCurrent(breaker, generation)) return CAUSE_NONE;
    const run = Math.min(Math.max(<f64>LONG_RUN * least, calls / RUN_PART), <f64>GOOD_MASK);
    const cell = afterOutcome(cellFor(held, generation), fails, weight, run, bucketBits(number));
    const before = shareIn(cell);
    let share = before;
    // A throttle begins by a failure only, so that what a doubled share admits does not end it and begin it again.
    if (before < ONE ? calls > 0 : calls >= least && fails) {
      share = shareFor(
        policy,
        cell,
        calls,
        failures,
        throttledSince(block, policy, first, number, generation),
      );
      if (calls < least) share = max(share, before); // too few calls to refuse more
    }
    const next = withShare(cell, share, bucketBits(number));
    const changes = next !== cellFor(held, generation);
    if (changes && !swap64(block + OVERLOAD_SHARE_OFFSET, held, next)) continue;
    setTicket(stripe, share);
    if (share < ONE === before < ONE) return CAUSE_NONE;
    writeCounts(draft, calls, failures, 0);
    if (share >= ONE) return CAUSE_RELIEVED;
    publish32(block + OVERLOAD_DUE_OFFSET, <u32>-1);
    return CAUSE_OVERLOADED;
  }
}

/** Number of the first of the newest buckets that hold so many ended calls together: at least two of them. */
function firstBucket(breaker: usize, policy: usize, word: u32, number: f64, least: f64): f64 {
  const oldest = number - <f64>load32(policy + BUCKET_COUNT_OFFSET) + 1;
  let calls: f64 = 0;
  let n = number + 1;
  while (n > oldest && (calls < least || n >= number)) {
    calls += bucketSum(breaker, policy, plainTicket(word), --n, BUCKET_CALLS_OFFSET);
  }
  return n;
}

/** A count of the buckets from `first` on. */
function countSince(breaker: usize, policy: usize, word: u32, first: f64, number: f64, field: u32): f64 {
  let sum: f64 = 0;
  for (let n = first; n <= number; n++) sum += bucketSum(breaker, policy, plainTicket(word), n, field);
  return sum;
}

/** Calls that the throttle refused in the buckets from `first` on. */
function throttledSince(block: usize, policy: usize, first: f64, number: f64, generation: u32): f64 {
  let sum: f64 = 0;
  for (let n = first; n <= number; n++) sum += throttledIn(block, policy, n, generation);
  return sum;
}

/** The cell after an outcome: while the throttle works, a run of successes doubles the share, and a failure ends that. */
function afterOutcome(cell: u64, fails: bool, weight: u32, run: f64, bucket: u32): u64 {
  const share = shareIn(cell);
  if (share >= ONE || weight === 0) return cell;
  const generation = <u32>(cell >> SHARE_GENERATION_SHIFT);
  if (fails) return cellOf(generation, share, 0, bucket, 0);
  const good = min((<u32>cell & GOOD_MASK) + weight, GOOD_MASK);
  const mark = (<u32>cell >> SHARE_BUCKET_SHIFT) & BUCKET_MASK;
  const boost = boostIn(cell);
  const doubles = <f64>good >= run || (good >= QUICK_RUN && mark !== bucket);
  return doubles
    ? cellOf(generation, share, min(boost + 1, BOOST_MASK), bucket, 0)
    : cellOf(generation, share, boost, mark, good);
}

function boostIn(cell: u64): u32 {
  return (<u32>cell >> SHARE_BOOST_SHIFT) & BOOST_MASK;
}

/** The share by the rule of the file. */
function shareFor(policy: usize, cell: u64, calls: f64, failures: f64, refused: f64): u32 {
  const offered = loadF64(policy + OVERLOAD_RATE_OFFSET) * (calls + refused);
  const admitted = ((calls - failures) * <f64>(1 << boostIn(cell))) / offered;
  const wanted = Math.min(Math.max(admitted, loadF64(policy + LEAST_SHARE_OFFSET)), 1);
  return <u32>(wanted * <f64>SHARE_ONE);
}

/** The cell with another share. A throttle that begins has its first bucket there; one that does not work remembers nothing. */
function withShare(cell: u64, share: u32, bucket: u32): u64 {
  const generation = <u32>(cell >> SHARE_GENERATION_SHIFT);
  if (share >= ONE) return cellOf(generation, share, 0, 0, 0);
  if (shareIn(cell) >= ONE) return cellOf(generation, share, 0, bucket, 0);
  const growth = <u32>cell & ((1 << SHARE_SHIFT) - 1);
  return cellOf(generation, share, 0, 0, 0) | growth;
}

/** Sends calls of this stripe to the slow path while the throttle works. Where calls are pending they go there anyway. */
function setTicket(stripe: usize, share: u32): void {
  const ticket = load32(stripe + TICKET_OFFSET);
  if (ticket & SLOT_SLOW_PATH && !(ticket & (SLOT_THROTTLED ^ SLOT_SLOW_PATH))) return;
  const plain = ticket & ~SLOT_THROTTLED;
  publish32(stripe + TICKET_OFFSET, share < ONE ? plain | SLOT_THROTTLED : plain);
}

/** Whether the policy has a throttle. */
export function hasThrottle(policy: usize): bool {
  return (load32(policy + DETECTORS_OFFSET) & DETECTOR_THROTTLE) !== 0;
}
