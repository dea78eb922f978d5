/**
 * The time window: a ring of buckets in each stripe.
 *
 * Owns everything in a stripe but LATE and REFUSED. Only the thread of a stripe writes it; every thread
 * reads it. All stripes cut time at the same places, n * width, so that they expire together. A stripe's END
 * tells which number each of its buckets has, so one whose thread went quiet is still read correctly; its
 * TICKET tells which generation it counts, so a transition empties all stripes without touching them.
 *
 * Without threads a call is counted in the sums alone, which lie on the line that it touches anyway. The current
 * bucket keeps what the sums were before it began, until it turns: what it has counted is the difference.
 *
 * What another thread relies on: calls never later than the failures and slow calls among them; LATEST before
 * a bucket turns, the sums before END, everything before TICKET (docs/protocol.md).
 */
import { bucketAt, modulo, numberAt, numberBefore } from "./bucket";
import {
  add32,
  clear,
  isZero,
  load32,
  load64,
  loadF64,
  peek32,
  publish32,
  publish64,
  publishF64,
  store32,
  store64,
  storeF64,
  swap32,
} from "./cell";
import {
  BUCKET_CALLS_OFFSET,
  BUCKET_COUNT_OFFSET,
  BUCKET_MS_OFFSET,
  BUCKET_PENDING_OFFSET,
  BUCKET_SIZE,
  BUCKET_SLOW_OFFSET,
  BUCKETS_OFFSET,
  CALLS_OFFSET,
  CURRENT_OFFSET,
  CURRENT_QUIET,
  CURRENT_ROW,
  DETECTOR_CONSECUTIVE,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  END_OFFSET,
  HUNG_BUCKETS_OFFSET,
  MAXIMUM_CALLS,
  MINIMUM_CALLS_OFFSET,
  PENDING_NUMBERS,
  SLOT_MASK,
  SLOT_PENDING,
  SLOW_OFFSET,
  SPARE_OFFSET,
  TICKET_OFFSET,
} from "./layout";
import { hasStripe, MAXIMUM_TIME, stripeOf } from "./stripe";
import { differ } from "./word";

/**
 * Makes the stripe count the bucket of `now` in the generation of `ticket`.
 * Returns whether it had to: only then can the window have lost calls.
 */
export function slide(stripe: usize, policy: usize, ticket: u32, now: f64): bool {
  const stale = differ(load32(stripe + TICKET_OFFSET), ticket);
  if (!stale && now < loadF64(stripe + END_OFFSET)) return false;
  const buckets = load32(policy + BUCKET_COUNT_OFFSET);
  let slot: u32 = 0;
  if (buckets === 0) {
    storeF64(stripe + END_OFFSET, MAXIMUM_TIME); // no time window, nothing ever expires
    const row = load32(policy + DETECTORS_OFFSET) === DETECTOR_CONSECUTIVE;
    store32(stripe + CURRENT_OFFSET, row ? CURRENT_ROW : 0);
  } else slot = turnTo(stripe, policy, now, stale);
  // Last: until then other threads take the stripe for empty.
  publish32(stripe + TICKET_OFFSET, (ticket & ~SLOT_MASK) | slot);
  return true;
}

/** Returns the slot of calls that are admitted in that bucket. */
function turnTo(stripe: usize, policy: usize, now: f64, stale: bool): u32 {
  const width = loadF64(policy + BUCKET_MS_OFFSET);
  const count = <f64>load32(policy + BUCKET_COUNT_OFFSET);
  const number = numberAt(now, width);
  const sums = stripe + CALLS_OFFSET;
  if (stale) {
    clear(stripe + BUCKETS_OFFSET, <u32>count * BUCKET_SIZE);
    if (!ASC_FEATURE_THREADS) clear(sums, SPARE_OFFSET - CALLS_OFFSET);
  } else {
    const previous = numberBefore(loadF64(stripe + END_OFFSET), width);
    const last = bucketAt(stripe, previous, count);
    if (!ASC_FEATURE_THREADS) subtract(last, sums, last);
    for (let n = Math.max(previous, number - count) + 1; n <= number; n++) {
      const bucket = bucketAt(stripe, n, count);
      if (!ASC_FEATURE_THREADS) subtract(sums, sums, bucket);
      clear(bucket, BUCKET_SIZE);
    }
  }
  const current = bucketAt(stripe, number, count);
  if (ASC_FEATURE_THREADS) recompute(stripe, <u32>count);
  else subtract(current, sums, current);
  store32(stripe + CURRENT_OFFSET, <u32>(current - stripe));
  publishF64(stripe + END_OFFSET, (number + 1) * width);
  return isZero(policy + HUNG_BUCKETS_OFFSET) ? 0 : SLOT_PENDING + modulo(number, PENDING_NUMBERS);
}

/** The ticket of a call that is admitted now. The stripe must count this generation and the bucket of now. */
export function issue(stripe: usize): u32 {
  const ticket = load32(stripe + TICKET_OFFSET);
  if (ticket & SLOT_MASK) add32(currentIn(stripe) + BUCKET_PENDING_OFFSET, 1);
  return ticket;
}

/** The current bucket. */
function currentIn(stripe: usize): usize {
  return stripe + (load32(stripe + CURRENT_OFFSET) & ~CURRENT_QUIET);
}

/**
 * Slides, and takes back what the call of that ticket is pending as, since it is out no more. Returns whether the
 * window can have lost anything.
 */
export function settle(stripe: usize, policy: usize, ticket: u32, now: f64): bool {
  const slid = slide(stripe, policy, ticket, now);
  const slot = ticket & SLOT_MASK;
  if (slot - SLOT_PENDING >= <u32>PENDING_NUMBERS) return slid; // not pending
  // How many buckets ago it was admitted: so far apart are the two slots.
  const current = load32(stripe + TICKET_OFFSET) & SLOT_MASK;
  const age = current - slot + (current < slot ? PENDING_NUMBERS : 0);
  const count = load32(policy + BUCKET_COUNT_OFFSET);
  if (age >= count) return slid;
  const bucket = currentIn(stripe) - age * BUCKET_SIZE;
  const turn = bucket < stripe + BUCKETS_OFFSET ? count * BUCKET_SIZE : 0;
  // Below 0 where another thread admitted it: that one has it as 1.
  add32(bucket + turn + BUCKET_PENDING_OFFSET, -1);
  return true;
}

/**
 * Puts what the sums are without what a bucket keeps to `to`: that bucket, which then keeps the other part of them (what
 * they were, what it counted), or the sums, when it has expired.
 */
function subtract(to: usize, sums: usize, bucket: usize): void {
  store64(
    to + BUCKET_CALLS_OFFSET,
    load64(sums + BUCKET_CALLS_OFFSET) - load64(bucket + BUCKET_CALLS_OFFSET),
  );
  store32(to + BUCKET_SLOW_OFFSET, load32(sums + BUCKET_SLOW_OFFSET) - load32(bucket + BUCKET_SLOW_OFFSET));
}

/** From the buckets alone, so that a thread killed between two stores leaves no lasting error. */
function recompute(stripe: usize, count: u32): void {
  let outcomes: u64 = 0;
  let slow: u32 = 0;
  const end = stripe + BUCKETS_OFFSET + count * BUCKET_SIZE;
  for (let bucket = stripe + BUCKETS_OFFSET; bucket < end; bucket += BUCKET_SIZE) {
    outcomes += load64(bucket + BUCKET_CALLS_OFFSET);
    slow += load32(bucket + BUCKET_SLOW_OFFSET);
  }
  publish64(stripe + CALLS_OFFSET, outcomes);
  publish32(stripe + SLOW_OFFSET, slow);
}

/** Whether a success that is not slow changes nothing but a count, given CURRENT. */
export function isQuiet(stripe: usize, current: u32): bool {
  return load32(stripe + CALLS_OFFSET) < (current & CURRENT_QUIET);
}

/** A success never lowers the rate: where this stripe alone has calls enough, none needs a verdict until the bucket turns. */
export function quieten(stripe: usize, policy: usize): void {
  if (
    load32(policy + DETECTORS_OFFSET) === DETECTOR_TIME_WINDOW &&
    load32(stripe + CALLS_OFFSET) >= load32(policy + MINIMUM_CALLS_OFFSET)
  ) {
    store32(stripe + CURRENT_OFFSET, load32(stripe + CURRENT_OFFSET) | CURRENT_QUIET);
  }
}

/**
 * The next report of every stripe is judged. The only writing to another thread's stripe: one that just goes quiet may
 * stay so until its bucket turns.
 */
export function rouse(breaker: usize, policy: usize): void {
  let index: u32 = 0;
  do {
    const address = stripeOf(breaker, policy, index) + CURRENT_OFFSET;
    const current = peek32(address);
    if (current & CURRENT_QUIET) swap32(address, current, current & ~CURRENT_QUIET);
  } while (hasStripe(policy, ++index));
}

/** Counts successful, fast calls of a quiet stripe. */
export function add(stripe: usize, current: u32, weight: u32): void {
  if (ASC_FEATURE_THREADS) add32(stripe + (current ^ CURRENT_QUIET) + BUCKET_CALLS_OFFSET, weight);
  add32(stripe + CALLS_OFFSET, weight);
}

/** Counts calls of any kind, unless the stripe is full. */
export function addOutcome(stripe: usize, failed: bool, slow: bool, weight: u32): void {
  if (load32(stripe + CALLS_OFFSET) >= <u32>MAXIMUM_CALLS) return;
  const outcomes = <u64>weight | (failed ? (<u64>weight) << 32 : 0);
  const bucket = ASC_FEATURE_THREADS ? currentIn(stripe) : 0;
  if (ASC_FEATURE_THREADS)
    store64(bucket + BUCKET_CALLS_OFFSET, load64(bucket + BUCKET_CALLS_OFFSET) + outcomes);
  store64(stripe + CALLS_OFFSET, load64(stripe + CALLS_OFFSET) + outcomes);
  if (!slow) return;
  if (ASC_FEATURE_THREADS)
    publish32(bucket + BUCKET_SLOW_OFFSET, load32(bucket + BUCKET_SLOW_OFFSET) + weight);
  publish32(stripe + SLOW_OFFSET, load32(stripe + SLOW_OFFSET) + weight);
}
