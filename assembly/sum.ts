/** Sums over the buckets of all stripes. Only reads; window.ts lists what a reader can rely on. */
import { bucketAt, currentIn, numberAt, numberBefore } from "./bucket";
import { load32, loadF64, peek32, peekF64 } from "./cell";
import {
  BUCKET_CALLS_OFFSET,
  BUCKET_COUNT_OFFSET,
  BUCKET_MS_OFFSET,
  BUCKET_PENDING_OFFSET,
  BUCKET_SIZE,
  BUCKETS_OFFSET,
  CALLS_OFFSET,
  END_OFFSET,
  HUNG_BUCKETS_OFFSET,
  TICKET_OFFSET,
} from "./layout";
import { hasStripe, stripeOf } from "./stripe";
import { isOtherGeneration } from "./word";

/** In place of a BUCKET_ offset: the pending calls of the buckets that are old enough to hang. */
export const HUNG: u32 = BUCKET_PENDING_OFFSET + 4;

/**
 * Sum over all stripes of one count (a BUCKET_ offset or HUNG) in the window that ends with the
 * bucket of `now`. Exact for the own stripe, as of the latest store for another one, and undefined
 * for one that is in a later bucket than `now`.
 */
export function sumAt(breaker: usize, policy: usize, ticket: u32, now: f64, field: u32): f64 {
  let sum: f64 = 0;
  let index: u32 = 0;
  do {
    sum += sumOf(stripeOf(breaker, policy, index), policy, ticket, now, field);
  } while (hasStripe(policy, ++index));
  return Math.max(sum, 0); // a call that another stripe admitted may be read as reported only
}

/**
 * As `sumAt` of calls, in less time: takes the expired buckets off the sums. Where another thread
 * turns the bucket meanwhile it may be off by what that bucket held.
 */
export function callsAt(breaker: usize, policy: usize, ticket: u32, now: f64): f64 {
  let sum: f64 = 0;
  let index: u32 = 0;
  do {
    sum += callsOf(stripeOf(breaker, policy, index), policy, ticket, now);
  } while (hasStripe(policy, ++index));
  return sum;
}

function callsOf(stripe: usize, policy: usize, ticket: u32, now: f64): f64 {
  if (isOtherGeneration(peek32(stripe + TICKET_OFFSET), ticket)) return 0;
  let calls = peek32(stripe + CALLS_OFFSET);
  const end = peekF64(stripe + END_OFFSET);
  if (now < end) return <f64>calls;
  const width = loadF64(policy + BUCKET_MS_OFFSET);
  const count = load32(policy + BUCKET_COUNT_OFFSET);
  const expired = numberAt(now, width) - numberBefore(end, width);
  if (expired >= <f64>count) return 0;
  let bucket = currentIn(stripe);
  const last = stripe + BUCKETS_OFFSET + (count - 1) * BUCKET_SIZE;
  for (let left = <u32>expired; left > 0; left--) {
    bucket = bucket === last ? stripe + BUCKETS_OFFSET : bucket + BUCKET_SIZE; // the oldest
    calls -= min(peek32(bucket + BUCKET_CALLS_OFFSET), calls);
  }
  return <f64>calls;
}

function sumOf(stripe: usize, policy: usize, ticket: u32, now: f64, field: u32): f64 {
  if (isOtherGeneration(peek32(stripe + TICKET_OFFSET), ticket)) return 0;
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
    // Without threads the current bucket holds the sum of before it began. Pending calls have no
    // sum.
    const isBase = !ASC_FEATURE_THREADS && n === latest && !isPending;
    sum += isBase ? peek32(stripe + CALLS_OFFSET + field) - held : held;
  }
  return <f64>sum;
}
