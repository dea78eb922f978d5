/**
 * The verdict: does the endpoint fail? Reads windows, writes nothing but the note of what it saw, in the
 * draft of the own journal.
 */
import { load32, loadF64, peek64, swap64 } from "./cell";
import { callsIn, failuresIn, headOf, slowIn } from "./count";
import { draftOf, note } from "./journal";
import {
  CALLS_OFFSET,
  CAUSE_CONSECUTIVE,
  CAUSE_COUNT_WINDOW_RATE,
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
  FAILURES_OFFSET,
  MAXIMUM_SLOW_RATE_OFFSET,
  MINIMUM_CALLS_OFFSET,
  REGISTRY_OFFSET,
  REQUIRED_RATE_OFFSET,
  SLOW_OFFSET,
  TICKET_GENERATION_SHIFT,
} from "./layout";
import { indexOf, sumAt } from "./window";
import { isCurrent } from "./word";

/**
 * The CAUSE_ for which the breaker must open at `now`, or CAUSE_NONE: the first of its detectors that says so.
 * The stripe must have been slid to `now`.
 */
export function judge(breaker: usize, stripe: usize, policy: usize, ticket: u32, now: f64): u32 {
  const detectors = load32(policy + DETECTORS_OFFSET);
  const generation = ticket >> TICKET_GENERATION_SHIFT;
  let cause: u32 = CAUSE_NONE;
  if (detectors & DETECTOR_TIME_WINDOW)
    cause = weighTimeWindow(breaker, stripe, policy, ticket, now, CAUSE_NONE);
  if (cause === CAUSE_NONE && detectors & DETECTOR_COUNT_WINDOW) {
    cause = weighCountWindow(breaker, stripe, policy, generation, CAUSE_NONE);
  }
  if (cause !== CAUSE_NONE || !(detectors & DETECTOR_CONSECUTIVE)) return cause;
  const inARow = failuresInARow(breaker, generation);
  if (inARow < load32(policy + CONSECUTIVE_LIMIT_OFFSET)) return CAUSE_NONE;
  // A window, if there is one, says more about the endpoint than the row itself.
  if (detectors & DETECTOR_TIME_WINDOW)
    return weighTimeWindow(breaker, stripe, policy, ticket, now, CAUSE_CONSECUTIVE);
  if (detectors & DETECTOR_COUNT_WINDOW)
    return weighCountWindow(breaker, stripe, policy, generation, CAUSE_CONSECUTIVE);
  return weigh(breaker, stripe, policy, 0, <f64>inARow, <f64>inARow, 0, CAUSE_CONSECUTIVE, CAUSE_CONSECUTIVE);
}

/**
 * Failures and slow calls first, calls last: what is computed is then never worse than what was true when the
 * failures had been read, although other threads count meanwhile. That there were enough calls by then is
 * seen before.
 */
function weighTimeWindow(
  breaker: usize,
  stripe: usize,
  policy: usize,
  ticket: u32,
  now: f64,
  given: u32,
): u32 {
  let calls = sumAt(breaker, policy, ticket, now, CALLS_OFFSET);
  if (given === CAUSE_NONE && calls < <f64>load32(policy + MINIMUM_CALLS_OFFSET)) return CAUSE_NONE;
  const failures = sumAt(breaker, policy, ticket, now, FAILURES_OFFSET);
  const slow = sumAt(breaker, policy, ticket, now, SLOW_OFFSET);
  if (ASC_FEATURE_THREADS) calls = sumAt(breaker, policy, ticket, now, CALLS_OFFSET);
  const rule = policy + REQUIRED_RATE_OFFSET;
  return weigh(breaker, stripe, policy, rule, calls, failures, slow, CAUSE_TIME_WINDOW_RATE, given);
}

function weighCountWindow(breaker: usize, stripe: usize, policy: usize, generation: u32, given: u32): u32 {
  const head = headOf(breaker + load32(policy + COUNT_WINDOW_OFFSET), generation);
  const calls = callsIn(head, policy);
  if (given === CAUSE_NONE && calls < load32(policy + COUNT_MINIMUM_CALLS_OFFSET)) return CAUSE_NONE;
  const rule = policy + COUNT_REQUIRED_RATE_OFFSET;
  const failures = <f64>failuresIn(head);
  const slow = <f64>slowIn(head);
  return weigh(breaker, stripe, policy, rule, <f64>calls, failures, slow, CAUSE_COUNT_WINDOW_RATE, given);
}

/**
 * Whether the rates break the rule (its required rate, and its largest slow rate behind that), or what is
 * `given`; if so, notes what was seen. `cause`: that of the success rate; the next code is that of slow calls.
 */
function weigh(
  breaker: usize,
  stripe: usize,
  policy: usize,
  rule: usize,
  calls: f64,
  failures: f64,
  slow: f64,
  cause: u32,
  given: u32,
): u32 {
  if (given !== CAUSE_NONE) {
    cause = given;
    // Divides, since the quotient of 16 and 20 is the same double as the literal 0.8 and 20 * 0.8 is not 16.
  } else if (!((calls - failures) / calls < loadF64(rule))) {
    if (!(slow / calls > loadF64(rule + MAXIMUM_SLOW_RATE_OFFSET - REQUIRED_RATE_OFFSET))) return CAUSE_NONE;
    cause++;
  }
  note(draftOf(load32(policy + REGISTRY_OFFSET), indexOf(breaker, policy, stripe)), calls, failures, slow);
  return cause;
}

/** Failures in a row of that generation. */
export function failuresInARow(breaker: usize, generation: u32): u32 {
  const cell = peek64(breaker + CONSECUTIVE_OFFSET);
  return <u32>(cell >> 32) === generation ? <u32>cell : 0;
}

/** Adds failures to those in a row, or starts over at 0 after a success. Saturates at 2^31. */
export function continueRow(breaker: usize, generation: u32, failed: bool, weight: u32): void {
  while (true) {
    const cell = peek64(breaker + CONSECUTIVE_OFFSET);
    const inARow = <u32>(cell >> 32) === generation ? <u32>cell : 0;
    if ((!failed && inARow === 0) || !isCurrent(breaker, generation)) return;
    const next = failed ? min(inARow + weight, <u32>0x80000000) : 0;
    if (swap64(breaker + CONSECUTIVE_OFFSET, cell, ((<u64>generation) << 32) | next)) return;
  }
}
