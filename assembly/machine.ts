/** The state machine: which transition follows from detectors, probes and time. */
import { fence, load32, loadF64, peek32 } from "./cell";
import { judge } from "./detector";
import {
  CAUSE_NONE,
  CAUSE_PROBE_TIMED_OUT,
  CAUSE_PROBES_SUCCEEDED,
  CAUSE_RAMP_ENDED,
  DEADLINE_OFFSET,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  DID_TRANSITION,
  LATEST_OFFSET,
  POLICY_OFFSET,
  SLOT_SHADOW,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  STATE_RETURNING,
  SUCCESSES_TO_CLOSE_OFFSET,
  WORD_OFFSET,
} from "./layout";
import { hasEndedLease, successesOf } from "./probe";
import { shareAt, stateAfterProbes } from "./ramp";
import { advance, latestAt } from "./stripe";
import { transition } from "./transition";
import { endPending, slide } from "./window";
import { generationOf, isCounting, isJudging, plainTicket, stateOf } from "./word";

/**
 * Opens a closed or returning breaker if a detector says so, or closes it at the end of its ramp.
 * Bits: DID_TRANSITION if this call wrote the transition.
 */
export function judgeClosed(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
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
  if (cause === CAUSE_NONE) {
    if (!returning || share < 1) return 0;
    state = STATE_CLOSED;
    cause = CAUSE_RAMP_ENDED;
  }
  return transition(breaker, stripe, word, state, cause, time) ? DID_TRANSITION : 0;
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
 * Ends half-open if a lease has ended, or if enough probes have succeeded and the thread of the
 * last one died before it closed. Bits: DID_TRANSITION if the half-open generation of `word` is
 * over, by any thread.
 */
export function judgeProbes(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const generation = generationOf(word);
  const isLate = hasEndedLease(breaker, policy, generation, now);
  if (isLate || successesOf(breaker, generation) >= load32(policy + SUCCESSES_TO_CLOSE_OFFSET)) {
    endProbes(breaker, stripe, word, isLate ? CAUSE_PROBE_TIMED_OUT : CAUSE_PROBES_SUCCEEDED, now);
  }
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
