/**
 * Where the numbers of a breaker by hand stand in its buffer, which is seen through two views: doubles for times,
 * integers for the rest. `at` is the index of the breaker's first integer; its first double is at half of that.
 */

import type { HandPolicy } from "./policy.ts";

/** Breakers of one policy. */
export interface HandBuffer {
  readonly policy: HandPolicy;
  /** Integers from one breaker to the next. */
  readonly size: number;
  readonly numbers: Int32Array;
  /** The same buffer as `numbers`. */
  readonly times: Float64Array;
}

/** Times in ms: index in the view of doubles, from half the breaker's own index. */
export const LATEST = 0;
/** Of the current bucket. */
export const END = LATEST + 1;
/** Open: until when; closed: since when. */
export const DEADLINE = END + 1;
/** Of the probe that is out, or 0. */
export const LEASE_END = DEADLINE + 1;

/** Index in the view of integers, from the breaker's own. Before it two for each time. A plain ticket while closed, else 0. */
export const TICKET = 2 * (LEASE_END + 1);
/** Index of the current bucket, from the breaker's own. */
export const CURRENT = TICKET + 1;
export const CALLS = CURRENT + 1;
export const FAILURES = CALLS + 1;
export const SLOW = FAILURES + 1;
export const STATE = SLOW + 1;
export const GENERATION = STATE + 1;
export const LEVEL = GENERATION + 1;
export const PROBE_SUCCESSES = LEVEL + 1;
export const LATE = PROBE_SUCCESSES + 1;
export const REFUSED = LATE + 1;
/** An even number, for the times of the next breaker. */
export const BUCKETS = REFUSED + 2;

/** From the start of a bucket. */
export const BUCKET_CALLS = 0;
export const BUCKET_FAILURES = 1;
export const BUCKET_SLOW = 2;
export const BUCKET_SIZE = 3;
