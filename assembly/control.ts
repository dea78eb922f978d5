/**
 * What an operator or the host does to a breaker beside calls: check, switch, reset, trip, hold
 * open, configure.
 *
 * All but `check` take `seen`, see `isSeen`, and return BUSY when nothing was done, or no more than
 * `check` does: then the caller finds the breaker again, reads the journal, and calls once more.
 */
import { load32, loadF64, peek32, publish32, publish64, publishF64 } from "./cell";
import {
  CAUSE_DELAY_ENDED,
  CAUSE_MODE,
  CAUSE_RESET,
  CAUSE_TRIPPED,
  CONSECUTIVE_OFFSET,
  DEADLINE_OFFSET,
  DETECTOR_CONSECUTIVE,
  DETECTORS_OFFSET,
  DID_TRANSITION,
  LATEST_OFFSET,
  MODE_FORCED_OPEN,
  MODE_SHIFT,
  POLICY_OFFSET,
  SLOT_PLAIN,
  SLOT_SHADOW,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  WORD_OFFSET,
} from "./layout";
import { applyTime } from "./machine";
import { disown, isSeen, ownSeen } from "./owner";
import { advance, turnBack } from "./stripe";
import { transition, writeTransition } from "./transition";
import { judgeNextReports } from "./window";
import { isCounting, isJudging, modeOf, stateOf } from "./word";

/** The breaker is owned by another thread, or its registry has freed or configured a breaker. */
const BUSY: i32 = -1;

/**
 * Applies what time changes without a call: expired buckets, ended leases, the end of the delay of
 * an open breaker, which becomes half-open. Takes no probe. Returns bits: DID_TRANSITION.
 */
export function check(breaker: usize, stripe: usize, at: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const now = advance(breaker, stripe, at);
  if (!isJudging(word) || stateOf(word) !== STATE_OPEN)
    return applyTime(breaker, stripe, word, SLOT_PLAIN, now);
  if (now < loadF64(breaker + DEADLINE_OFFSET)) return 0;
  return transition(breaker, stripe, word, STATE_HALF_OPEN, CAUSE_DELAY_ENDED, now) ? DID_TRANSITION : 0;
}

/**
 * Switches to a MODE_ with empty windows at level 0. Returns bits, 0 if it is in that mode, or
 * BUSY.
 */
export function switchTo(breaker: usize, stripe: usize, mode: u32, at: f64, seen: u32): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  if (!isSeen(breaker, seen)) return BUSY;
  if (modeOf(word) === mode) return 0;
  if (!ownSeen(breaker, stripe, word, seen)) return BUSY;
  return startOver(breaker, stripe, word, mode, CAUSE_MODE, advance(breaker, stripe, at));
}

/**
 * Starts over in the same mode, with empty windows at level 0. An earlier time than the latest seen
 * becomes the latest seen of all stripes: the way out after a time that was wrong. Returns bits or
 * BUSY.
 */
export function reset(breaker: usize, stripe: usize, at: f64, seen: u32): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  if (!ownSeen(breaker, stripe, word, seen)) return BUSY;
  return startOver(breaker, stripe, word, modeOf(word), CAUSE_RESET, turnBack(breaker, stripe, at));
}

function startOver(breaker: usize, stripe: usize, word: u32, mode: u32, cause: u32, now: f64): i32 {
  const state: u32 = mode === MODE_FORCED_OPEN ? STATE_OPEN : STATE_CLOSED;
  writeTransition(breaker, stripe, word, state | (mode << MODE_SHIFT), cause, now, 0);
  return DID_TRANSITION;
}

/**
 * Applies time as `check` does, then opens as a verdict does, for at least `holdMs`. An open
 * breaker stays open for at least `holdMs` more. Does nothing while disabled or forced open.
 * Returns bits or BUSY.
 */
export function trip(breaker: usize, stripe: usize, holdMs: f64, at: f64, seen: u32): i32 {
  if (!isSeen(breaker, seen)) return BUSY;
  const bits = check(breaker, stripe, at);
  const word = peek32(breaker + WORD_OFFSET);
  if (!isJudging(word)) return bits;
  if (!ownSeen(breaker, stripe, word, seen)) return BUSY;
  const now = loadF64(stripe + LATEST_OFFSET);
  if (stateOf(word) === STATE_OPEN) {
    extendDeadline(breaker, now + holdMs);
    disown(breaker, stripe, word);
    return bits;
  }
  writeTransition(breaker, stripe, word, STATE_OPEN, CAUSE_TRIPPED, now, holdMs);
  return DID_TRANSITION;
}

/**
 * Lets an open breaker stay open at least until `until` ms; another one stays as it is. Returns 0
 * or BUSY.
 */
export function hold(breaker: usize, stripe: usize, until: f64, at: f64, seen: u32): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  if (!isSeen(breaker, seen)) return BUSY;
  const now = advance(breaker, stripe, at);
  if (!isJudging(word) || stateOf(word) !== STATE_OPEN) return 0;
  if (!ownSeen(breaker, stripe, word, seen)) return BUSY;
  extendDeadline(breaker, at > now ? until - (at - now) : until);
  disown(breaker, stripe, word);
  return 0;
}

function extendDeadline(breaker: usize, until: f64): void {
  if (until > loadF64(breaker + DEADLINE_OFFSET)) publishF64(breaker + DEADLINE_OFFSET, until);
}

/**
 * Gives the breaker a policy with the same windows and leases. All counts stay and are judged anew
 * by the new policy. Returns bits or BUSY.
 */
export function configure(breaker: usize, stripe: usize, policy: usize, at: f64, seen: u32): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  if (!ownSeen(breaker, stripe, word, seen)) return BUSY;
  const now = advance(breaker, stripe, at);
  const old: usize = load32(breaker + POLICY_OFFSET);
  // Only a streak that both policies judge goes on. While half-open failed probes are counted there.
  const both = load32(old + DETECTORS_OFFSET) & load32(policy + DETECTORS_OFFSET);
  if (!(both & DETECTOR_CONSECUTIVE) && isCounting(word)) publish64(breaker + CONSECUTIVE_OFFSET, 0);
  publish32(breaker + POLICY_OFFSET, <u32>policy);
  disown(breaker, stripe, word);
  judgeNextReports(breaker, policy);
  return applyTime(breaker, stripe, word, SLOT_SHADOW, now);
}
