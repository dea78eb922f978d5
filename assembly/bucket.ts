/** Which bucket a time belongs to, and where in a stripe that bucket lies. */
import { load32 } from "./cell";
import { BUCKET_SIZE, BUCKETS_OFFSET, CURRENT_OFFSET, CURRENT_SKIP_JUDGEMENT } from "./layout";

/**
 * The n with n * width <= now < (n + 1) * width. The rounded quotient alone may be one off near a
 * boundary.
 */
export function numberAt(now: f64, width: f64): f64 {
  const number = Math.floor(now / width);
  const next = number + 1;
  return number - f64(now < number * width) + f64(now >= next * width);
}

/** Number of the bucket that ends there. */
export function numberBefore(end: f64, width: f64): f64 {
  return nearest(end / width) - 1;
}

export function modulo(number: f64, divisor: f64): u32 {
  return <u32>(number - Math.floor(number / divisor) * divisor);
}

export function bucketAt(stripe: usize, number: f64, count: f64): usize {
  return stripe + BUCKETS_OFFSET + modulo(number, count) * BUCKET_SIZE;
}

/** The current bucket of a stripe with a time window. */
export function currentIn(stripe: usize): usize {
  return stripe + (load32(stripe + CURRENT_OFFSET) & ~CURRENT_SKIP_JUDGEMENT);
}
