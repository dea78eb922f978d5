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
import {
  add32,
  clear,
  isZero,
  load32,
  load64,
  loadF64,
  peek32,
  peekF64,
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
  LATEST_OFFSET,
  MAXIMUM_CALLS,
  MAXIMUM_TIME_DAYS,
  MINIMUM_CALLS_OFFSET,
  MS_PER_DAY,
  PENDING_NUMBERS,
  SHARED_STRIPES_OFFSET,
  SLOT_MASK,
  SLOT_PENDING,
  SLOW_OFFSET,
  SPARE_OFFSET,
  STRIPE_COUNT_OFFSET,
  STRIPE_SIZE_OFFSET,
  STRIPES_OFFSET,
  TICKET_OFFSET,
} from "./layout";
import { differ } from "./word";

const MAXIMUM_TIME: f64 = <f64>MAXIMUM_TIME_DAYS * <f64>MS_PER_DAY;

/** The stripe of the writer with that index. */
export function stripeOf(breaker: usize, policy: usize, index: u32): usize {
  if (!ASC_FEATURE_THREADS) return breaker + STRIPES_OFFSET;
  return breaker + SHARED_STRIPES_OFFSET + index * load32(policy + STRIPE_SIZE_OFFSET);
}

/** Whether there is a stripe of that index, above 0: there is a first one always, so loops over stripes ask last. */
export function hasStripe(policy: usize, index: u32): bool {
  return ASC_FEATURE_THREADS && index < load32(policy + STRIPE_COUNT_OFFSET);
}

/** Inverse of stripeOf. */
export function indexOf(breaker: usize, policy: usize, stripe: usize): u32 {
  if (!ASC_FEATURE_THREADS) return 0;
  return <u32>(stripe - breaker - SHARED_STRIPES_OFFSET) / load32(policy + STRIPE_SIZE_OFFSET);
}

/** The time that counts: `now`, or the latest seen if `now` is earlier, not a number or out of range. */
export function advance(stripe: usize, now: f64): f64 {
  const latest = loadF64(stripe + LATEST_OFFSET);
  if (!(now > latest) || now > MAXIMUM_TIME) return latest;
  storeF64(stripe + LATEST_OFFSET, now);
  return now;
}

/** Like `advance`, over all stripes and without writing. */
export function latestAt(breaker: usize, policy: usize, now: f64): f64 {
  let latest: f64 = now >= 0 && now <= MAXIMUM_TIME ? now : 0;
  let index: u32 = 0;
  do {
    latest = Math.max(latest, peekF64(stripeOf(breaker, policy, index) + LATEST_OFFSET));
  } while (hasStripe(policy, ++index));
  return latest;
}

/** The n with n * width <= now < (n + 1) * width; the quotient alone may be one off beside a boundary. */
function numberAt(now: f64, width: f64): f64 {
  const number = Math.floor(now / width);
  const next = number + 1;
  return number - f64(now < number * width) + f64(now >= next * width);
}

/** Number of the bucket that ends there. */
function numberBefore(end: f64, width: f64): f64 {
  return nearest(end / width) - 1;
}

function modulo(number: f64, divisor: f64): u32 {
  return <u32>(number - Math.floor(number / divisor) * divisor);
}

function bucketAt(stripe: usize, number: f64, count: f64): usize {
  return stripe + BUCKETS_OFFSET + modulo(number, count) * BUCKET_SIZE;
}

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

/** In place of a count: the pending calls of buckets so old that the policy takes them for hung. */
export const HUNG: u32 = BUCKET_PENDING_OFFSET + 4;

/**
 * Sum over all stripes of one of the counts (BUCKET_*_OFFSET) in the window that ends with the bucket of `now`, or of
 * HUNG calls. Only reads. Exact for the own stripe; for
 * another thread's as of its latest store, and meaningless for one that has gone on to a bucket after that of `now`.
 */
export function sumAt(breaker: usize, policy: usize, ticket: u32, now: f64, field: u32): f64 {
  let sum: f64 = 0;
  let index: u32 = 0;
  do {
    sum += sumOf(stripeOf(breaker, policy, index), policy, ticket, now, field);
  } while (hasStripe(policy, ++index));
  return Math.max(sum, 0); // pending calls of which another thread reports before it is read that they were admitted
}

function sumOf(stripe: usize, policy: usize, ticket: u32, now: f64, field: u32): f64 {
  if (differ(peek32(stripe + TICKET_OFFSET), ticket)) return 0;
  const end = peekF64(stripe + END_OFFSET);
  const isPending = field >= <u32>BUCKET_PENDING_OFFSET;
  if (now < end && !isPending) return <f64>peek32(stripe + CALLS_OFFSET + field);
  const width = loadF64(policy + BUCKET_MS_OFFSET);
  const count = <f64>load32(policy + BUCKET_COUNT_OFFSET);
  const latest = numberBefore(end, width);
  let sum: i32 = 0;
  const number = numberAt(now, width);
  const age: f64 = field === HUNG ? loadF64(policy + HUNG_BUCKETS_OFFSET) : 0;
  const cell = min<u32>(field, BUCKET_PENDING_OFFSET);
  for (let n = Math.max(latest, number) - count + 1; n <= Math.min(latest, number - age); n++) {
    const held = peek32(bucketAt(stripe, n, count) + cell);
    // Without threads, how far the sum was when the current bucket began; pending calls have no sum.
    const isBase = !ASC_FEATURE_THREADS && n === latest && !isPending;
    sum += isBase ? peek32(stripe + CALLS_OFFSET + field) - held : held;
  }
  return <f64>sum;
}
