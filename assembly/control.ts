/** What a person or a host does to a breaker, beside calls: look at it, switch it, reset it, hold it open, configure it. */
import { peek32 } from "./cell";
import {
  CAUSE_MODE,
  CAUSE_RESET,
  DID_TRANSITION,
  MODE_FORCED_OPEN,
  MODE_SHIFT,
  SLOT_PLAIN,
  SLOT_UNJUDGED,
  STATE_CLOSED,
  STATE_OPEN,
  WORD_OFFSET,
} from "./layout";
import { advance } from "./stripe";
import { adopt, extend, transition } from "./transition";
import { look } from "./verdict";
import { rouse } from "./window";
import { isJudging, modeOf, stateOf } from "./word";

/** Another thread is writing a transition of this breaker: nothing was done, call again. */
const BUSY: i32 = -1;

/** Looks without admitting or reporting: expired buckets, ended leases. Returns bits: DID_TRANSITION. */
export function check(breaker: usize, stripe: usize, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  return look(breaker, stripe, word, SLOT_PLAIN, advance(stripe, now));
}

/** Switches to a MODE_: starts over with empty windows at level 0. Returns bits, 0 if it is in that mode, or BUSY. */
export function switchTo(breaker: usize, stripe: usize, mode: u32, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  if (modeOf(word) === mode) return 0;
  return startOver(breaker, stripe, word, mode, CAUSE_MODE, now);
}

/** Starts over in the same mode. Returns bits or BUSY. */
export function reset(breaker: usize, stripe: usize, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  return startOver(breaker, stripe, word, modeOf(word), CAUSE_RESET, now);
}

function startOver(breaker: usize, stripe: usize, word: u32, mode: u32, cause: u32, now: f64): i32 {
  const state: u32 = mode === MODE_FORCED_OPEN ? STATE_OPEN : STATE_CLOSED;
  const to = state | (mode << MODE_SHIFT);
  return transition(breaker, stripe, word, to, cause, advance(stripe, now)) ? DID_TRANSITION : BUSY;
}

/** An open breaker stays open at least until `until` ms. Returns 0, or BUSY. */
export function hold(breaker: usize, stripe: usize, until: f64, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  advance(stripe, now);
  if (!isJudging(word) || stateOf(word) !== STATE_OPEN) return 0;
  return extend(breaker, stripe, word, until) ? 0 : BUSY;
}

/**
 * Gives the breaker a policy that differs from its own in neither windows nor leases. All that it holds stays, and is
 * judged anew: what was right by the old policy may be wrong by this one. Returns bits or BUSY.
 */
export function configure(breaker: usize, stripe: usize, policy: usize, at: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const now = advance(stripe, at);
  if (!adopt(breaker, stripe, word, policy)) return BUSY;
  rouse(breaker, policy);
  return look(breaker, stripe, word, SLOT_UNJUDGED, now);
}
