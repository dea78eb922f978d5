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
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  STATE_RETURNING,
  SUCCESSES_TO_CLOSE_OFFSET,
  WORD_OFFSET,
} from "./layout";
import { hasEndedLease, successesOf } from "./probe";
import { shareAt, stateAfterProbes } from "./ramp";
import { transition } from "./transition";
import { advance, latestAt, settle, slide } from "./window";
import { generationOf, isCounting, isJudging, modeOf, plainTicket, stateOf } from "./word";

/**
 * Opens a closed or returning breaker if a detector says so, or closes it at the end of its ramp; whether this call
 * wrote the transition.
 */
export function judgeClosed(breaker: usize, stripe: usize, word: u32, now: f64): bool {
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
    if (!returning || share < 1) return false;
    state = STATE_CLOSED;
    cause = CAUSE_RAMP_ENDED;
  }
  return transition(breaker, stripe, word, state, modeOf(word), cause, time);
}

/**
 * Time alone can lower the rate, by calls that expire or hang: settles the ticket of a closed breaker's call that
 * ended without a result (or its plain ticket: no call), and judges if the window changed, or may have to end a ramp.
 */
export function judgeExpiry(breaker: usize, stripe: usize, word: u32, ticket: u32, now: f64): bool {
  const changed = settle(stripe, load32(breaker + POLICY_OFFSET), ticket, now);
  if (!changed && stateOf(word) === STATE_CLOSED) return false;
  return judgeClosed(breaker, stripe, word, now);
}

/**
 * Ends half-open if a lease has ended, or if enough probes have succeeded and the thread that saw it died
 * before it could close. Returns whether the half-open generation of `word` is over.
 */
export function judgeProbes(breaker: usize, stripe: usize, word: u32, now: f64): bool {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const generation = generationOf(word);
  const isLate = hasEndedLease(breaker, policy, generation, now);
  if (isLate || successesOf(breaker, generation) >= load32(policy + SUCCESSES_TO_CLOSE_OFFSET)) {
    const state: u32 = isLate ? STATE_OPEN : stateAfterProbes(policy);
    const cause: u32 = isLate ? CAUSE_PROBE_TIMED_OUT : CAUSE_PROBES_SUCCEEDED;
    transition(breaker, stripe, word, state, modeOf(word), cause, now);
  }
  return peek32(breaker + WORD_OFFSET) !== word;
}

/**
 * What time alone changes: calls of a closed breaker that expire or hang, ended leases of a half-open one. `ticket`: see
 * `judgeExpiry`. Bits: DID_TRANSITION.
 */
export function look(breaker: usize, stripe: usize, word: u32, ticket: u32, now: f64): i32 {
  if (!isJudging(word)) return 0;
  let did: bool = false;
  if (isCounting(word)) did = judgeExpiry(breaker, stripe, word, ticket, now);
  else if (stateOf(word) === STATE_HALF_OPEN) did = judgeProbes(breaker, stripe, word, now);
  return did ? DID_TRANSITION : 0;
}
