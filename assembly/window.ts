/**
 * The time window: a ring of buckets in each stripe.
 *
 * Owns all cells of a stripe but the totals (totals.ts). Only the thread of the stripe writes them; every
 * thread reads them. All stripes cut time at n * width, so that they expire together. END of a
 * stripe gives the number of each of its buckets, so an idle stripe is read correctly. TICKET gives
 * the generation that it counts, so a transition empties all stripes without writing to them.
 *
 * Without threads a call is counted in the sums only, on the cache line that the call touches
 * anyway. The current bucket holds the sums of before it began; its own counts are the difference.
 *
 * Order of stores that other threads rely on: calls before the failures and slow calls among them;
 * LATEST before a turn, the sums before END, everything before TICKET (docs/protocol.md).
 */
import { bucketAt, currentIn, modulo, numberAt, numberBefore } from "./bucket";
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
  CURRENT_SKIP_JUDGEMENT,
  CURRENT_STREAK,
  DETECTOR_CONSECUTIVE,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  END_OFFSET,
  HUNG_BUCKETS_OFFSET,
  MAXIMUM_CALLS,
  MAXIMUM_JUMP,
  MINIMUM_CALLS_OFFSET,
  PENDING_NUMBERS,
  PENDING_TICKET_OFFSET,
  SLOT_MASK,
  SLOT_PENDING,
  SLOT_SLOW_PATH,
  SLOW_OFFSET,
  TICKET_OFFSET,
} from "./layout";
import { advance, hasStripe, latestAt, MAXIMUM_TIME, stripeOf } from "./stripe";
import { closeTotals, openTotals } from "./totals";
import { isOtherGeneration } from "./word";

/**
 * Makes the stripe count the bucket of `now` in the generation of `ticket`. Returns whether the
 * stripe changed: only then can the window have lost calls.
 */
export function slide(stripe: usize, policy: usize, ticket: u32, now: f64): bool {
  const stale = isOtherGeneration(load32(stripe + TICKET_OFFSET), ticket);
  if (!stale && now < loadF64(stripe + END_OFFSET)) return false;
  const buckets = load32(policy + BUCKET_COUNT_OFFSET);
  let slot: u32 = 0;
  if (buckets === 0) {
    // Nothing expires. END makes the fast path end where `advance` bounds the time.
    storeF64(stripe + END_OFFSET, Math.min(now + MAXIMUM_JUMP, MAXIMUM_TIME));
    const row = load32(policy + DETECTORS_OFFSET) === DETECTOR_CONSECUTIVE;
    store32(stripe + CURRENT_OFFSET, row ? CURRENT_STREAK : 0);
  } else slot = turnTo(stripe, policy, ticket & ~SLOT_MASK, now, stale);
  // Last: until then other threads read the stripe as empty.
  publish32(stripe + TICKET_OFFSET, (ticket & ~SLOT_MASK) | slot);
  return true;
}

/** Makes the bucket of `now` the current one. Returns the slot that TICKET gets. */
function turnTo(stripe: usize, policy: usize, plain: u32, now: f64, stale: bool): u32 {
  const width = loadF64(policy + BUCKET_MS_OFFSET);
  const count = <f64>load32(policy + BUCKET_COUNT_OFFSET);
  const number = numberAt(now, width);
  const sums = stripe + CALLS_OFFSET;
  closeTotals(stripe);
  if (stale) {
    clear(stripe + BUCKETS_OFFSET, <u32>count * BUCKET_SIZE);
    if (!ASC_FEATURE_THREADS) clear(sums, PENDING_TICKET_OFFSET - CALLS_OFFSET);
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
  openTotals(stripe);
  store32(stripe + CURRENT_OFFSET, <u32>(current - stripe));
  // Before END: a thread that dies in between turns once more, since END is over.
  store32(stripe + PENDING_TICKET_OFFSET, plain | (SLOT_PENDING + modulo(number, PENDING_NUMBERS)));
  publishF64(stripe + END_OFFSET, (number + 1) * width);
  return isZero(policy + HUNG_BUCKETS_OFFSET) ? 0 : SLOT_SLOW_PATH;
}

/**
 * Returns the ticket of a call that is admitted now. The stripe must count this generation and the
 * bucket of now.
 */
export function issue(stripe: usize): u32 {
  const ticket = load32(stripe + TICKET_OFFSET);
  if (!(ticket & SLOT_MASK)) return ticket;
  add32(currentIn(stripe) + BUCKET_PENDING_OFFSET, 1);
  return load32(stripe + PENDING_TICKET_OFFSET);
}

/**
 * Slides, and takes the call of that ticket, which has ended, off the pending ones. Returns whether
 * the window can have lost anything. LATEST is the time of the current bucket then.
 */
export function endPending(breaker: usize, stripe: usize, policy: usize, ticket: u32, now: f64): bool {
  let changed = slide(stripe, policy, ticket, now);
  const slot = ticket & SLOT_MASK;
  if (slot - SLOT_PENDING >= <u32>PENDING_NUMBERS) return changed; // not pending
  const count = load32(policy + BUCKET_COUNT_OFFSET);
  let age = ageOf(stripe, slot);
  if (ASC_FEATURE_THREADS && age > <u32>PENDING_NUMBERS - count) {
    // Admitted in a later bucket, by a thread whose clock is ahead: that time has come.
    if (slide(stripe, policy, ticket, advance(breaker, stripe, latestAt(breaker, policy, 0)))) changed = true;
    age = ageOf(stripe, slot);
  }
  if (age >= count) return changed;
  const bucket = currentIn(stripe) - age * BUCKET_SIZE;
  const turn = bucket < stripe + BUCKETS_OFFSET ? count * BUCKET_SIZE : 0;
  // Below 0 where another thread admitted it, whose stripe has it as 1.
  add32(bucket + turn + BUCKET_PENDING_OFFSET, -1);
  return true;
}

/**
 * How many buckets lie between that of a SLOT_PENDING and the current one, modulo PENDING_NUMBERS.
 */
function ageOf(stripe: usize, slot: u32): u32 {
  const current = load32(stripe + PENDING_TICKET_OFFSET) & SLOT_MASK;
  return current - slot + (current < slot ? PENDING_NUMBERS : 0);
}

/**
 * Writes sums - bucket to `to`, without threads. To the current bucket: turns the sums of before it
 * into its own counts, or back. To the sums: removes an expired bucket.
 */
function subtract(to: usize, sums: usize, bucket: usize): void {
  store64(
    to + BUCKET_CALLS_OFFSET,
    load64(sums + BUCKET_CALLS_OFFSET) - load64(bucket + BUCKET_CALLS_OFFSET),
  );
  store32(to + BUCKET_SLOW_OFFSET, load32(sums + BUCKET_SLOW_OFFSET) - load32(bucket + BUCKET_SLOW_OFFSET));
}

/**
 * Recomputes the sums from the buckets, so that a thread killed between two stores leaves no
 * lasting error.
 */
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

/** Whether a success that is not slow only adds to the counts, given CURRENT. */
export function skipsJudgement(stripe: usize, current: u32): bool {
  return load32(stripe + CALLS_OFFSET) < (current & CURRENT_SKIP_JUDGEMENT);
}

/**
 * Sets CURRENT_SKIP_JUDGEMENT if this stripe alone has the least number of calls: a success never
 * lowers the rate. Where failures in a row are judged, too, only without threads, and while the
 * `streak` is 0: no other thread can begin one.
 */
export function skipJudgement(stripe: usize, policy: usize, streak: u32): void {
  const detectors = load32(policy + DETECTORS_OFFSET);
  const both = !ASC_FEATURE_THREADS && detectors === (DETECTOR_TIME_WINDOW | DETECTOR_CONSECUTIVE);
  if (detectors !== DETECTOR_TIME_WINDOW && !both) return;
  const current = load32(stripe + CURRENT_OFFSET);
  if (both && streak !== 0) {
    store32(stripe + CURRENT_OFFSET, current & ~CURRENT_SKIP_JUDGEMENT);
  } else if (load32(stripe + CALLS_OFFSET) >= load32(policy + MINIMUM_CALLS_OFFSET)) {
    store32(stripe + CURRENT_OFFSET, current | CURRENT_SKIP_JUDGEMENT);
  }
}

/**
 * Clears CURRENT_SKIP_JUDGEMENT of all stripes, so that their next reports are judged. A thread
 * that sets the bit at the same time may keep it until its bucket turns.
 */
export function judgeNextReports(breaker: usize, policy: usize): void {
  let index: u32 = 0;
  do {
    const address = stripeOf(breaker, policy, index) + CURRENT_OFFSET;
    const current = peek32(address);
    if (current & CURRENT_SKIP_JUDGEMENT) swap32(address, current, current & ~CURRENT_SKIP_JUDGEMENT);
  } while (hasStripe(policy, ++index));
}

/** Counts fast successes of a stripe with CURRENT_SKIP_JUDGEMENT. */
export function add(stripe: usize, current: u32, weight: u32): void {
  if (ASC_FEATURE_THREADS) add32(stripe + (current ^ CURRENT_SKIP_JUDGEMENT) + BUCKET_CALLS_OFFSET, weight);
  add32(stripe + CALLS_OFFSET, weight);
}

/** Counts calls of any outcome. False, and they are not counted, if the stripe is full. */
export function addOutcome(stripe: usize, failed: bool, slow: bool, weight: u32): bool {
  if (load32(stripe + CALLS_OFFSET) >= <u32>MAXIMUM_CALLS) return false;
  const outcomes = <u64>weight | (failed ? (<u64>weight) << 32 : 0);
  const bucket = ASC_FEATURE_THREADS ? currentIn(stripe) : 0;
  if (ASC_FEATURE_THREADS)
    store64(bucket + BUCKET_CALLS_OFFSET, load64(bucket + BUCKET_CALLS_OFFSET) + outcomes);
  store64(stripe + CALLS_OFFSET, load64(stripe + CALLS_OFFSET) + outcomes);
  if (!slow) return true;
  if (ASC_FEATURE_THREADS)
    publish32(bucket + BUCKET_SLOW_OFFSET, load32(bucket + BUCKET_SLOW_OFFSET) + weight);
  publish32(stripe + SLOW_OFFSET, load32(stripe + SLOW_OFFSET) + weight);
  return true;
}
