/**
 * The ramp: after its probes a breaker admits a share of its calls that grows with time, before it
 * closes. All else is as while closed: calls count, and detectors judge them. A verdict goes back to
 * the share before, with empty windows; at the first share it opens.
 */
import { isZero, load32, loadF64, peekF64 } from "./cell";
import {
  DEADLINE_OFFSET,
  DELAY_COUNT_OFFSET,
  DELAYS_OFFSET,
  POLICY_OFFSET,
  RAMP_STEP_MS_OFFSET,
  RAMP_STEPS_OFFSET,
  STATE_CLOSED,
  STATE_RETURNING,
} from "./layout";
import { addSuccess } from "./probe";
import { generationOf } from "./word";

/** The state after enough successful probes. */
export function stateAfterProbes(policy: usize): u32 {
  return isZero(policy + RAMP_STEPS_OFFSET) ? STATE_CLOSED : STATE_RETURNING;
}

/** Steps of that many ms since DEADLINE, which is when the breaker closed or began its ramp. */
export function stepsSince(breaker: usize, step: f64, now: f64): f64 {
  return Math.floor(Math.max(now - peekF64(breaker + DEADLINE_OFFSET), 0) / step); // another thread's time may be ahead
}

/** The share of calls that a returning breaker admits at `now`, 0..1; 1: its ramp is over. */
export function shareAt(breaker: usize, policy: usize, now: f64): f64 {
  return shareOfStep(policy, rampStep(breaker, policy, now));
}

/** The step of the ramp at `now`, from 0 on. NaN for an imported breaker on a ramp whose new policy has none. */
export function rampStep(breaker: usize, policy: usize, now: f64): f64 {
  return stepsSince(breaker, loadF64(policy + RAMP_STEP_MS_OFFSET), now);
}

/** The share of a ramp of which so many ms, whole steps, are over. */
export function rampShare(policy: usize, ms: f64): f64 {
  return shareOfStep(policy, nearest(ms / loadF64(policy + RAMP_STEP_MS_OFFSET)));
}

function shareOfStep(policy: usize, step: f64): f64 {
  if (!(step < loadF64(policy + RAMP_STEPS_OFFSET))) return 1;
  return loadF64(policy + DELAYS_OFFSET + ((load32(policy + DELAY_COUNT_OFFSET) + <u32>step) << 3));
}

/**
 * Whether the next call passes. Passing calls are evenly spread, start with the first, and are the
 * same in a replay. All threads share one count, which starts again after 1,024 calls; the last of
 * these never passes.
 */
export function isChosen(breaker: usize, word: u32, now: f64): bool {
  const share = shareAt(breaker, load32(breaker + POLICY_OFFSET), now);
  const call = <f64>addSuccess(breaker, generationOf(word));
  return Math.ceil(call * share) > Math.ceil((call - 1) * share);
}
