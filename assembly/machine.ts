/** The state machine: which transition follows from detectors, probes and time. */
import { fence, load32, loadF64, peek32 } from "./cell";
import { continueStreak, judge, streakOf } from "./detector";
import {
  CAUSE_NONE,
  CAUSE_OVERLOADED,
  CAUSE_PROBE_FAILED,
  CAUSE_PROBE_TIMED_OUT,
  CAUSE_PROBES_SUCCEEDED,
  CAUSE_RAMP_ENDED,
  DEADLINE_OFFSET,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  DID_TRANSITION,
  LATEST_OFFSET,
  POLICY_OFFSET,
  RAMP_STEP_MS_OFFSET,
  RAMP_STEPS_OFFSET,
  SLOT_SHADOW,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  STATE_RETURNING,
  SUCCESSES_TO_CLOSE_OFFSET,
  TOLERATED_FAILURES_OFFSET,
  WORD_OFFSET,
} from "./layout";
import { endLeases, successesOf } from "./probe";
import { rampStep, shareAt, stateAfterProbes } from "./ramp";
import { advance, latestAt } from "./stripe";
import { hasThrottle, throttle } from "./throttle";
import { transition, writeThrottle } from "./transition";
import { endPending, slide } from "./window";
import { generationOf, isCounting, isJudging, plainTicket, stateOf } from "./word";

/** Part of a step that is over when a ramp has stepped back: rounding of times must not lead to the step before. */
const INTO_STEP: f64 = 1 / 1024;

/**
 * Opens a closed or returning breaker if a detector says so, or closes it at the end of its ramp; lets
 * the throttle take note of `weight` calls that ended. Bits: DID_TRANSITION if this call wrote the
 * journal.
 */
export function judgeClosed(
  breaker: usize,
  stripe: usize,
  word: u32,
  now: f64,
  failed: bool = false,
  weight: u32 = 0,
): i32 {
  fence(breaker + DEADLINE_OFFSET); // of two threads that count at once, at least one reads both counts
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const ticket = plainTicket(word);
  const returning = stateOf(word) === STATE_RETURNING;
  let time = now;
  let share: f64 = 1;
  let cause: u32;
  do {
    if (returning) share = shareAt(breaker, policy, time);
    cause = judge(breaker, stripe, policy, ticket, time, share);
    if (!ASC_FEATURE_THREADS || !(load32(policy + DETECTORS_OFFSET) & DETECTOR_TIME_WINDOW)) break;
    // The sums of a thread in a later bucket are of that time: judge again as of then.
    time = advance(breaker, stripe, latestAt(breaker, policy, time));
  } while (slide(stripe, policy, ticket, time));
  let state: u32 = STATE_OPEN;
  let rampMs: f64 = 0;
  if (cause === CAUSE_NONE) {
    if (!returning) {
      if (!hasThrottle(policy)) return 0;
      cause = throttle(breaker, stripe, policy, word, time, failed, weight);
      if (cause === CAUSE_NONE) return 0;
      if (cause >= <u32>CAUSE_OVERLOADED) {
        writeThrottle(breaker, stripe, word, cause, time);
        return DID_TRANSITION;
      }
    } else {
      if (share < 1) return 0;
      state = STATE_CLOSED;
      cause = CAUSE_RAMP_ENDED;
    }
  } else if (returning) {
    // No step where the policy has no ramp any more: it opens.
    const step = Math.min(rampStep(breaker, policy, time), loadF64(policy + RAMP_STEPS_OFFSET));
    if (step > 0) {
      state = STATE_RETURNING;
      rampMs = (step - 1 + INTO_STEP) * loadF64(policy + RAMP_STEP_MS_OFFSET);
    }
  }
  return transition(breaker, stripe, word, state, cause, time, rampMs) ? DID_TRANSITION : 0;
}

/**
 * Judges a closed or returning breaker without an outcome, since calls that expire or hang can
 * lower the rate. `slot`: of a call that ended without an outcome; SLOT_PLAIN: there is none.
 * Judges if the window changed, on a ramp, and always with SLOT_SHADOW. Bits: DID_TRANSITION.
 */
export function judgeExpiry(breaker: usize, stripe: usize, word: u32, slot: u32, now: f64): i32 {
  const changed = endPending(breaker, stripe, load32(breaker + POLICY_OFFSET), plainTicket(word) | slot, now);
  if (!changed && slot !== SLOT_SHADOW && stateOf(word) === STATE_CLOSED) return 0;
  return judgeClosed(breaker, stripe, word, loadF64(stripe + LATEST_OFFSET));
}

/**
 * Ends half-open if more leases have ended, or more probes have failed, than are tolerated, or if
 * enough probes have succeeded and the thread of the last one died before it closed. Bits: DID_TRANSITION if the half-open generation of `word` is
 * over, by any thread.
 */
export function judgeProbes(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const generation = generationOf(word);
  const ended = endLeases(breaker, policy, generation, now);
  if (ended !== 0) continueStreak(breaker, generation, true, ended);
  let cause: u32 = CAUSE_NONE;
  if (streakOf(breaker, generation) > load32(policy + TOLERATED_FAILURES_OFFSET)) {
    cause = ended ? CAUSE_PROBE_TIMED_OUT : CAUSE_PROBE_FAILED;
  } else if (successesOf(breaker, generation) >= load32(policy + SUCCESSES_TO_CLOSE_OFFSET)) {
    cause = CAUSE_PROBES_SUCCEEDED;
  }
  if (cause !== CAUSE_NONE) endProbes(breaker, stripe, word, cause, now);
  return peek32(breaker + WORD_OFFSET) !== word ? DID_TRANSITION : 0;
}

/**
 * Takes a half-open breaker to the state that follows from that cause. Returns the result of
 * `transition`.
 */
export function endProbes(breaker: usize, stripe: usize, word: u32, cause: u32, now: f64): bool {
  const returns = cause === CAUSE_PROBES_SUCCEEDED;
  const state = returns ? stateAfterProbes(load32(breaker + POLICY_OFFSET)) : STATE_OPEN;
  return transition(breaker, stripe, word, state, cause, now);
}

/**
 * Applies what time changes without a call: calls of a closed breaker that expire or hang, ended
 * leases of a half-open one. An open one stays open, see `check`. `slot`: see `judgeExpiry`. Bits:
 * DID_TRANSITION.
 */
export function applyTime(breaker: usize, stripe: usize, word: u32, slot: u32, now: f64): i32 {
  if (!isJudging(word)) return 0;
  if (isCounting(word)) return judgeExpiry(breaker, stripe, word, slot, now);
  return stateOf(word) === STATE_HALF_OPEN ? judgeProbes(breaker, stripe, word, now) : 0;
}
