/** The window of a breaker by hand: its buckets, and the sums over them. */
import {
  BUCKET_CALLS,
  BUCKET_FAILURES,
  BUCKET_SIZE,
  BUCKET_SLOW,
  BUCKETS,
  CALLS,
  CURRENT,
  END,
  FAILURES,
  type HandBuffer,
  LATEST,
  SLOW,
} from "./fields.ts";
import { bucketMsOf, numberAt, numberBefore } from "./policy.ts";

/** Time never goes back: the latest that was seen. */
export function advance(buffer: HandBuffer, at: number, now: number): number {
  const latest = buffer.times[(at >> 1) + LATEST]!;
  if (!(now > latest)) return latest;
  buffer.times[(at >> 1) + LATEST] = now;
  return now;
}

/** Counts a result in the current bucket and in the sums. */
export function count(buffer: HandBuffer, at: number, failed: boolean, slow: boolean): void {
  const { numbers } = buffer;
  const bucket = at + numbers[at + CURRENT]!;
  numbers[at + CALLS]!++;
  numbers[bucket + BUCKET_CALLS]!++;
  if (failed) {
    numbers[at + FAILURES]!++;
    numbers[bucket + BUCKET_FAILURES]!++;
  }
  if (slow) {
    numbers[at + SLOW]!++;
    numbers[bucket + BUCKET_SLOW]!++;
  }
}

/** Turns to the bucket of `now`; false if it is the current one. */
export function slide(buffer: HandBuffer, at: number, now: number): boolean {
  const { numbers, policy } = buffer;
  const end = buffer.times[(at >> 1) + END]!;
  if (now < end) return false;
  const number = numberAt(policy, now);
  const first = Math.max(numberBefore(policy, end), number - policy.buckets) + 1;
  for (let n = first; n <= number; n++) {
    const bucket = at + BUCKETS + (n % policy.buckets) * BUCKET_SIZE;
    for (let field = 0; field < BUCKET_SIZE; field++) numbers[bucket + field] = 0;
  }
  turnTo(buffer, at, number);
  return true;
}

/** Empties the window, and turns to the bucket of `now`. */
export function empty(buffer: HandBuffer, at: number, now: number): void {
  buffer.numbers.fill(0, at + BUCKETS, at + buffer.size);
  turnTo(buffer, at, numberAt(buffer.policy, now));
}

/** Adds up all buckets as well. */
function turnTo(buffer: HandBuffer, at: number, number: number): void {
  const { numbers, policy } = buffer;
  let calls = 0;
  let failures = 0;
  let slow = 0;
  const end = at + BUCKETS + policy.buckets * BUCKET_SIZE;
  for (let bucket = at + BUCKETS; bucket < end; bucket += BUCKET_SIZE) {
    calls += numbers[bucket + BUCKET_CALLS]!;
    failures += numbers[bucket + BUCKET_FAILURES]!;
    slow += numbers[bucket + BUCKET_SLOW]!;
  }
  numbers[at + CALLS] = calls;
  numbers[at + FAILURES] = failures;
  numbers[at + SLOW] = slow;
  numbers[at + CURRENT] = BUCKETS + (number % policy.buckets) * BUCKET_SIZE;
  buffer.times[(at >> 1) + END] = (number + 1) * bucketMsOf(policy);
}
