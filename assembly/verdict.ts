/** The verdict and what follows from it: the only callers of `transition` that judge. */
import { load32, meet, peek32 } from "./cell";
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
  POLICY_OFFSET,
  SLOT_UNJUDGED,
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
import { settle, slide } from "./window";
import { generationOf, isCounting, isJudging, plainTicket, stateOf } from "./word";

/**
 * Opens a closed or returning breaker if a detector says so, or closes it at the end of its ramp. Bits: DID_TRANSITION if
 * this call wrote that.
 */
export function judgeClosed(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
  meet(breaker + DEADLINE_OFFSET); // of two threads that count at once, at least one sees both counts
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
    // If another thread is in a later bucket, its sums were of that time: judge again as of then.
    time = advance(stripe, latestAt(breaker, policy, time));
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
 * Time alone can lower the rate, by calls that expire or hang: settles the slot of a closed breaker's call that
 * ended without a result (SLOT_PLAIN: no call), and judges if the window changed, or may have to end a ramp, or the slot is SLOT_UNJUDGED.
 * Bits: DID_TRANSITION.
 */
export function judgeExpiry(breaker: usize, stripe: usize, word: u32, slot: u32, now: f64): i32 {
  const changed = settle(stripe, load32(breaker + POLICY_OFFSET), plainTicket(word) | slot, now);
  if (!changed && slot !== SLOT_UNJUDGED && stateOf(word) === STATE_CLOSED) return 0;
  return judgeClosed(breaker, stripe, word, now);
}

/**
 * Ends half-open if a lease has ended, or if enough probes have succeeded and the thread that saw it died
 * before it could close. Bits: DID_TRANSITION if the half-open generation of `word` is over, by whomever.
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

/** Takes a half-open breaker to the state that follows from that cause. Returns what `transition` does. */
export function endProbes(breaker: usize, stripe: usize, word: u32, cause: u32, now: f64): bool {
  const returns = cause === CAUSE_PROBES_SUCCEEDED;
  const state = returns ? stateAfterProbes(load32(breaker + POLICY_OFFSET)) : STATE_OPEN;
  return transition(breaker, stripe, word, state, cause, now);
}

/**
 * What time alone changes: calls of a closed breaker that expire or hang, ended leases of a half-open one. `slot`: see
 * `judgeExpiry`. Bits: DID_TRANSITION.
 */
export function look(breaker: usize, stripe: usize, word: u32, slot: u32, now: f64): i32 {
  if (!isJudging(word)) return 0;
  if (isCounting(word)) return judgeExpiry(breaker, stripe, word, slot, now);
  return stateOf(word) === STATE_HALF_OPEN ? judgeProbes(breaker, stripe, word, now) : 0;
}
