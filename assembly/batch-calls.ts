/**
 * What a batch asks the core for one of its entries.
 *
 * The build `batch` has batches and nothing else: there these are functions of the core beside it,
 * over the same memory. A batch decides most entries by itself, so a call between modules is rare.
 * In any other build they are the functions of this one.
 */
import { acquire } from "./acquire";
import * as core from "./core";
import { release, report } from "./report";

export function acquireOne(breaker: usize, stripe: usize, now: f64): i32 {
  if (isDefined(BATCH_APART)) return core.acquire(breaker, stripe, now);
  return acquire(breaker, stripe, now);
}

export function releaseOne(breaker: usize, stripe: usize, ticket: u32, now: f64): i32 {
  if (isDefined(BATCH_APART)) return core.release(breaker, stripe, ticket, now);
  return release(breaker, stripe, ticket, now);
}

export function reportOne(
  breaker: usize,
  stripe: usize,
  ticket: u32,
  failed: bool,
  now: f64,
  duration: f64,
  weight: u32,
): i32 {
  if (isDefined(BATCH_APART)) {
    if (failed) return core.fail(breaker, stripe, ticket, now, duration, weight);
    return core.succeed(breaker, stripe, ticket, now, duration, weight);
  }
  return report(breaker, stripe, ticket, failed, now, duration, weight);
}
