/** The stripes of a breaker, one for each writer, and the time that they have seen. */
import { load32, loadF64, peekF64, storeF64 } from "./cell";
import {
  LATEST_OFFSET,
  MAXIMUM_TIME_DAYS,
  MS_PER_DAY,
  SHARED_STRIPES_OFFSET,
  STRIPE_COUNT_OFFSET,
  STRIPE_SIZE_OFFSET,
  STRIPES_OFFSET,
} from "./layout";

/** ms. */
export const MAXIMUM_TIME: f64 = <f64>MAXIMUM_TIME_DAYS * <f64>MS_PER_DAY;

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
