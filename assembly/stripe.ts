/** The stripes of a breaker, one for each writer, and the latest time that each has seen. */
import { load32, loadF64, peekF64, publishF64, storeF64 } from "./cell";
import {
  LATEST_OFFSET,
  MAXIMUM_JUMP,
  MAXIMUM_TIME_DAYS,
  MS_PER_DAY,
  POLICY_OFFSET,
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

/**
 * Whether there is a stripe of that index above 0. There is always a first one, so loops over
 * stripes ask last.
 */
export function hasStripe(policy: usize, index: u32): bool {
  return ASC_FEATURE_THREADS && index < load32(policy + STRIPE_COUNT_OFFSET);
}

/** Inverse of stripeOf. */
export function indexOf(breaker: usize, policy: usize, stripe: usize): u32 {
  if (!ASC_FEATURE_THREADS) return 0;
  return <u32>(stripe - breaker - SHARED_STRIPES_OFFSET) / load32(policy + STRIPE_SIZE_OFFSET);
}

/**
 * The time that counts, which becomes the latest seen: `now`; the latest seen if `now` is earlier,
 * not a number or out of range; MAXIMUM_JUMP after the latest seen of all stripes if `now` is later
 * than that.
 */
export function advance(breaker: usize, stripe: usize, now: f64): f64 {
  const latest = loadF64(stripe + LATEST_OFFSET);
  if (!(now > latest) || now > MAXIMUM_TIME) return latest;
  const time = now - latest > MAXIMUM_JUMP ? latestAt(breaker, load32(breaker + POLICY_OFFSET), now) : now;
  storeF64(stripe + LATEST_OFFSET, time);
  return time;
}

/** The time that counts at `now` for all stripes, as in `advance`. Writes nothing. */
export function latestAt(breaker: usize, policy: usize, now: f64): f64 {
  let latest: f64 = 0;
  let index: u32 = 0;
  do {
    latest = Math.max(latest, peekF64(stripeOf(breaker, policy, index) + LATEST_OFFSET));
  } while (hasStripe(policy, ++index));
  if (!(now > latest) || now > MAXIMUM_TIME) return latest;
  return latest > 0 ? Math.min(now, latest + MAXIMUM_JUMP) : now; // 0: no time was seen yet
}

/**
 * Like `advance`, but an earlier `now` becomes the latest seen of all stripes. For an owner that
 * empties the windows, before it stores WORD: a thread that sees the new generation sees these
 * times.
 */
export function turnBack(breaker: usize, stripe: usize, now: f64): f64 {
  const time = advance(breaker, stripe, now);
  if (!(now >= 0 && now <= time)) return time;
  const policy: usize = load32(breaker + POLICY_OFFSET);
  let index: u32 = 0;
  do {
    const address = stripeOf(breaker, policy, index) + LATEST_OFFSET;
    if (peekF64(address) > now) publishF64(address, now);
  } while (hasStripe(policy, ++index));
  return now;
}
