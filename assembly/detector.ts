/**
 * The detectors: they judge whether the endpoint fails. Reads windows; writes only the counts of a
 * verdict to the draft of the own journal.
 */
import { isZero, load32, loadF64, peek64, swap64 } from "./cell";
import { callsIn, failuresIn, headOf, slowIn } from "./count";
import { draftOf, writeCounts } from "./journal";
import {
  BUCKET_CALLS_OFFSET,
  BUCKET_FAILURES_OFFSET,
  BUCKET_SLOW_OFFSET,
  CAUSE_CONSECUTIVE,
  CAUSE_COUNT_WINDOW_RATE,
  CAUSE_HUNG,
  CAUSE_NONE,
  CAUSE_TIME_WINDOW_RATE,
  CONSECUTIVE_LIMIT_OFFSET,
  CONSECUTIVE_OFFSET,
  COUNT_MINIMUM_CALLS_OFFSET,
  COUNT_REQUIRED_RATE_OFFSET,
  COUNT_WINDOW_OFFSET,
  DETECTOR_CONSECUTIVE,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  HUNG_BUCKETS_OFFSET,
  MAXIMUM_SLOW_RATE_OFFSET,
  MINIMUM_CALLS_OFFSET,
  REGISTRY_OFFSET,
  REQUIRED_RATE_OFFSET,
  TICKET_GENERATION_SHIFT,
} from "./layout";
import { indexOf } from "./stripe";
import { HUNG, sumAt } from "./sum";
import { isCurrent } from "./word";

/**
 * The CAUSE_ for which the breaker must open at `now`, or CAUSE_NONE. Asks the time window, the
 * count window, the streak of failures, in that order. Writes the counts of the window that gave
 * the verdict to the draft; for a streak those of a window that the policy has. The stripe must
 * count the bucket of `now`. `share`: part of the minimum of calls that is required.
 */
export function judge(breaker: usize, stripe: usize, policy: usize, ticket: u32, now: f64, share: f64): u32 {
  const detectors = load32(policy + DETECTORS_OFFSET);
  const generation = ticket >> TICKET_GENERATION_SHIFT;
  let cause: u32 = CAUSE_NONE;
  let calls: f64 = 0;
  let failures: f64 = 0;
  let slow: f64 = 0;
  if (detectors & DETECTOR_TIME_WINDOW) {
    // Other threads count meanwhile, so the sums may be of different moments. Calls are read before
    // the failures, for the minimum, and again after them if a rule is broken: the rate is then
    // never lower than the true rate was when the failures had been read.
    calls = sumAt(breaker, policy, ticket, now, BUCKET_CALLS_OFFSET);
    failures = sumAt(breaker, policy, ticket, now, BUCKET_FAILURES_OFFSET);
    slow = sumAt(breaker, policy, ticket, now, BUCKET_SLOW_OFFSET);
    const hung = isZero(policy + HUNG_BUCKETS_OFFSET) ? 0 : sumAt(breaker, policy, ticket, now, HUNG);
    const rule = policy + REQUIRED_RATE_OFFSET;
    const minimum = <f64>load32(policy + MINIMUM_CALLS_OFFSET) * share;
    cause = brokenRule(rule, minimum, CAUSE_TIME_WINDOW_RATE, calls, failures, slow, hung);
    if (ASC_FEATURE_THREADS && cause !== CAUSE_NONE) {
      calls = sumAt(breaker, policy, ticket, now, BUCKET_CALLS_OFFSET);
      cause = brokenRule(rule, minimum, CAUSE_TIME_WINDOW_RATE, calls, failures, slow, hung);
    }
    if (cause === CAUSE_HUNG) {
      calls += hung;
      failures += hung;
    }
  }
  if (cause === CAUSE_NONE && detectors & DETECTOR_COUNT_WINDOW) {
    const head = headOf(breaker + load32(policy + COUNT_WINDOW_OFFSET), generation);
    const heldCalls = <f64>callsIn(head, policy);
    const heldFailures = <f64>failuresIn(head);
    const heldSlow = <f64>slowIn(head);
    const rule = policy + COUNT_REQUIRED_RATE_OFFSET;
    const minimum = <f64>load32(policy + COUNT_MINIMUM_CALLS_OFFSET) * share;
    cause = brokenRule(rule, minimum, CAUSE_COUNT_WINDOW_RATE, heldCalls, heldFailures, heldSlow, 0);
    if (cause !== CAUSE_NONE || !(detectors & DETECTOR_TIME_WINDOW)) {
      calls = heldCalls;
      failures = heldFailures;
      slow = heldSlow;
    }
  }
  if (cause === CAUSE_NONE && detectors & DETECTOR_CONSECUTIVE) {
    const streak = streakOf(breaker, generation);
    if (streak >= load32(policy + CONSECUTIVE_LIMIT_OFFSET)) cause = CAUSE_CONSECUTIVE;
    if (detectors === DETECTOR_CONSECUTIVE) failures = <f64>streak;
  }
  if (cause === CAUSE_NONE) return CAUSE_NONE;
  const draft = draftOf(load32(policy + REGISTRY_OFFSET), indexOf(breaker, policy, stripe));
  writeCounts(draft, Math.max(calls, failures), failures, slow);
  return cause;
}

/**
 * The cause for which a rule is broken: `rate` for too few successes, `rate` + 1 for too many slow
 * calls, CAUSE_HUNG for too few successes when hung calls count as failures, or CAUSE_NONE. It
 * divides because 16 / 20 is the same double as the literal 0.8, while 20 * 0.8 is not 16.
 */
function brokenRule(
  rule: usize,
  minimum: f64,
  rate: u32,
  calls: f64,
  failures: f64,
  slow: f64,
  hung: f64,
): u32 {
  const least = loadF64(rule);
  if (calls >= minimum) {
    if ((calls - failures) / calls < least) return rate;
    if (slow / calls > loadF64(rule + (MAXIMUM_SLOW_RATE_OFFSET - REQUIRED_RATE_OFFSET))) return rate + 1;
  }
  if (hung === 0) return CAUSE_NONE; // saves a division
  const all = calls + hung;
  return all >= minimum && (calls - failures) / all < least ? CAUSE_HUNG : CAUSE_NONE;
}

/** Consecutive failures of that generation. */
export function streakOf(breaker: usize, generation: u32): u32 {
  const cell = peek64(breaker + CONSECUTIVE_OFFSET);
  return <u32>(cell >> 32) === generation ? <u32>cell : 0;
}

/** Adds failures to the streak, or ends it after a success. Saturates at 2^31. */
export function continueStreak(breaker: usize, generation: u32, failed: bool, weight: u32): void {
  while (true) {
    const cell = peek64(breaker + CONSECUTIVE_OFFSET);
    const streak = <u32>(cell >> 32) === generation ? <u32>cell : 0;
    if ((!failed && streak === 0) || !isCurrent(breaker, generation)) return;
    const next: u64 = failed ? min<u64>(<u64>streak + weight, 0x80000000) : 0;
    if (swap64(breaker + CONSECUTIVE_OFFSET, cell, ((<u64>generation) << 32) | next)) return;
  }
}
