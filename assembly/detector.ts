/**
 * The verdict: does the endpoint fail? Reads windows, writes nothing but the note of what it saw, in the
 * draft of the own journal.
 */
import { load32, loadF64, peek64, swap64 } from "./cell";
import { sumIn } from "./count";
import { draftOf, note } from "./journal";
import {
  CALLS_OFFSET,
  CAUSE_CONSECUTIVE,
  CAUSE_COUNT_WINDOW_RATE,
  CAUSE_COUNT_WINDOW_SLOW,
  CAUSE_NONE,
  CAUSE_TIME_WINDOW_RATE,
  CAUSE_TIME_WINDOW_SLOW,
  CONSECUTIVE_LIMIT_OFFSET,
  CONSECUTIVE_OFFSET,
  COUNT_FAILURES_OFFSET,
  COUNT_FILLED_OFFSET,
  COUNT_MAXIMUM_SLOW_RATE_OFFSET,
  COUNT_MINIMUM_CALLS_OFFSET,
  COUNT_REQUIRED_RATE_OFFSET,
  COUNT_SLOW_OFFSET,
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

/** The CAUSE_ for which the breaker must open at `now`, or CAUSE_NONE. The stripe must have been slid to `now`. */
export function judge(breaker: usize, stripe: usize, policy: usize, ticket: u32, now: f64): u32 {
  const detectors = load32(policy + DETECTORS_OFFSET);
  let cause: u32 = CAUSE_NONE;
  if (detectors & DETECTOR_TIME_WINDOW) cause = judgeTimeWindow(breaker, stripe, policy, ticket, now);
  if (cause === CAUSE_NONE && detectors & DETECTOR_COUNT_WINDOW) {
    cause = judgeCountWindow(breaker, stripe, policy, ticket >> TICKET_GENERATION_SHIFT);
  }
  if (cause === CAUSE_NONE && detectors & DETECTOR_CONSECUTIVE) {
    cause = judgeConsecutive(breaker, stripe, policy, ticket, now);
  }
  return cause;
}

function judgeTimeWindow(breaker: usize, stripe: usize, policy: usize, ticket: u32, now: f64): u32 {
  const calls = sumAt(breaker, policy, ticket, now, CALLS_OFFSET);
  if (calls < <f64>load32(policy + MINIMUM_CALLS_OFFSET)) return CAUSE_NONE;
  const failures = sumAt(breaker, policy, ticket, now, FAILURES_OFFSET);
  const slow = sumAt(breaker, policy, ticket, now, SLOW_OFFSET);
  const cause: u32 = isBelow(calls, failures, policy + REQUIRED_RATE_OFFSET)
    ? CAUSE_TIME_WINDOW_RATE
    : slow / calls > loadF64(policy + MAXIMUM_SLOW_RATE_OFFSET)
      ? CAUSE_TIME_WINDOW_SLOW
      : CAUSE_NONE;
  if (cause !== CAUSE_NONE) noteFor(breaker, stripe, policy, calls, failures, slow);
  return cause;
}

function judgeCountWindow(breaker: usize, stripe: usize, policy: usize, generation: u32): u32 {
  const ring = breaker + load32(policy + COUNT_WINDOW_OFFSET);
  const calls = <f64>sumIn(ring, generation, COUNT_FILLED_OFFSET);
  if (calls < <f64>load32(policy + COUNT_MINIMUM_CALLS_OFFSET)) return CAUSE_NONE;
  const failures = <f64>sumIn(ring, generation, COUNT_FAILURES_OFFSET);
  const slow = <f64>sumIn(ring, generation, COUNT_SLOW_OFFSET);
  const cause: u32 = isBelow(calls, failures, policy + COUNT_REQUIRED_RATE_OFFSET)
    ? CAUSE_COUNT_WINDOW_RATE
    : slow / calls > loadF64(policy + COUNT_MAXIMUM_SLOW_RATE_OFFSET)
      ? CAUSE_COUNT_WINDOW_SLOW
      : CAUSE_NONE;
  if (cause !== CAUSE_NONE) noteFor(breaker, stripe, policy, calls, failures, slow);
  return cause;
}

/** Divides, since the quotient of 16 and 20 is the same double as the literal 0.8 and 20 * 0.8 is not 16. */
function isBelow(calls: f64, failures: f64, required: usize): bool {
  return (calls - failures) / calls < loadF64(required);
}

function judgeConsecutive(breaker: usize, stripe: usize, policy: usize, ticket: u32, now: f64): u32 {
  const generation = ticket >> TICKET_GENERATION_SHIFT;
  const inARow = failuresInARow(breaker, generation);
  if (inARow < load32(policy + CONSECUTIVE_LIMIT_OFFSET)) return CAUSE_NONE;
  const detectors = load32(policy + DETECTORS_OFFSET);
  let calls = <f64>inARow;
  let failures = calls;
  let slow: f64 = 0;
  if (detectors & DETECTOR_TIME_WINDOW) {
    calls = sumAt(breaker, policy, ticket, now, CALLS_OFFSET);
    failures = sumAt(breaker, policy, ticket, now, FAILURES_OFFSET);
    slow = sumAt(breaker, policy, ticket, now, SLOW_OFFSET);
  } else if (detectors & DETECTOR_COUNT_WINDOW) {
    const ring = breaker + load32(policy + COUNT_WINDOW_OFFSET);
    calls = <f64>sumIn(ring, generation, COUNT_FILLED_OFFSET);
    failures = <f64>sumIn(ring, generation, COUNT_FAILURES_OFFSET);
    slow = <f64>sumIn(ring, generation, COUNT_SLOW_OFFSET);
  }
  noteFor(breaker, stripe, policy, calls, failures, slow);
  return CAUSE_CONSECUTIVE;
}

function noteFor(breaker: usize, stripe: usize, policy: usize, calls: f64, failures: f64, slow: f64): void {
  note(draftOf(load32(policy + REGISTRY_OFFSET), indexOf(breaker, policy, stripe)), calls, failures, slow);
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
    if (!failed && inARow === 0) return;
    const next = failed ? min(inARow + weight, <u32>0x80000000) : 0;
    if (swap64(breaker + CONSECUTIVE_OFFSET, cell, ((<u64>generation) << 32) | next)) return;
  }
}
