/** Asking to pass. */
import { add32, load32, loadF64, peek32, peekF64, storeF64 } from "./cell";
import {
  CAUSE_DELAY_ENDED,
  DEADLINE_OFFSET,
  END_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  MODE_DISABLED,
  MODE_FORCED_OPEN,
  MODE_SHADOW,
  POLICY_OFFSET,
  REFUSED_OFFSET,
  SLOT_UNJUDGED,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  STATE_RETURNING,
  TICKET_DID_TRANSITION,
  TICKET_OFFSET,
  TICKET_SHIFT,
  WORD_OFFSET,
} from "./layout";
import { freeLease, takeLease } from "./probe";
import { isChosen } from "./ramp";
import { transition } from "./transition";
import { judgeExpiry, judgeProbes } from "./verdict";
import { advance, issue } from "./window";
import { generationOf, isCounting, isOwned, isUnchanged, modeOf, plainTicket, stateOf } from "./word";

/** A ticket, or 0 when refused; TICKET_DID_TRANSITION is set beside it when the journal grew. */
export function acquire(breaker: usize, stripe: usize, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const ticket = load32(stripe + TICKET_OFFSET);
  // One `if` inside another: a branch each, where `&&` costs V8 a value and a test of it besides.
  // Closed, enabled, unowned, no call can hang, and the stripe counts this generation and the bucket of this time.
  if (word === ticket << TICKET_SHIFT) {
    if (now < loadF64(stripe + END_OFFSET)) {
      if (now >= loadF64(stripe + LATEST_OFFSET)) {
        storeF64(stripe + LATEST_OFFSET, now);
        return ticket;
      }
    }
  } else if (word << (32 - GENERATION_SHIFT) === STATE_OPEN << (32 - GENERATION_SHIFT)) {
    // Open, enabled, unowned, and the delay has not ended.
    if (now < peekF64(breaker + DEADLINE_OFFSET)) {
      if (now >= loadF64(stripe + LATEST_OFFSET)) {
        storeF64(stripe + LATEST_OFFSET, now);
        add32(stripe + REFUSED_OFFSET, 1);
        return 0;
      }
    }
  }
  return acquireByState(breaker, stripe, now);
}

/** A ticket if that takes neither time nor a look at the window: closed, enabled, unowned. Otherwise 0. Not where calls can hang. */
export function admit(breaker: usize): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const ticket = plainTicket(word);
  return ticket << TICKET_SHIFT === word ? ticket : 0;
}

/** The long way, a function of its own, so that the short one needs no room on the stack. */
function acquireByState(breaker: usize, stripe: usize, at: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const now = advance(stripe, at);
  if (modeOf(word) === MODE_DISABLED) return plainTicket(word);
  if (modeOf(word) === MODE_FORCED_OPEN) return refuse(breaker, stripe, 0);
  if (isCounting(word)) return acquireCounted(breaker, stripe, word, now);
  let next = word;
  let did: i32 = 0;
  if (stateOf(word) === STATE_OPEN) {
    if (now < peekF64(breaker + DEADLINE_OFFSET)) return refuse(breaker, stripe, 0);
    if (transition(breaker, stripe, word, STATE_HALF_OPEN, modeOf(word), CAUSE_DELAY_ENDED, now))
      did = TICKET_DID_TRANSITION;
    next = peek32(breaker + WORD_OFFSET);
  }
  // An owner is just leaving this state.
  if (stateOf(next) !== STATE_HALF_OPEN || isOwned(next)) return refuse(breaker, stripe, did);
  return acquireProbe(breaker, stripe, next, now, did);
}

/** Closed or returning. */
function acquireCounted(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
  let did: i32 = 0;
  if (judgeExpiry(breaker, stripe, word, plainTicket(word), now)) {
    const next = peek32(breaker + WORD_OFFSET);
    if (stateOf(next) !== STATE_CLOSED) return refuse(breaker, stripe, TICKET_DID_TRANSITION); // it has opened
    judgeExpiry(breaker, stripe, next, plainTicket(next), now); // its ramp has ended: the window is another one
    did = TICKET_DID_TRANSITION;
  } else if (stateOf(word) === STATE_RETURNING && !isChosen(breaker, word, now)) {
    return refuse(breaker, stripe, 0);
  }
  return issue(stripe) | did;
}

function acquireProbe(breaker: usize, stripe: usize, word: u32, now: f64, did: i32): i32 {
  if (judgeProbes(breaker, stripe, word, now)) return refuse(breaker, stripe, TICKET_DID_TRANSITION);
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const slot = takeLease(breaker, policy, word, now);
  if (slot !== 0) {
    if (isUnchanged(breaker, word)) return plainTicket(word) | slot | did;
    freeLease(breaker, policy, generationOf(word), slot); // nobody is out with it, whatever becomes of the owner
  }
  return refuse(breaker, stripe, did);
}

/** In shadow mode a refusal is counted, and the call passes all the same. */
function refuse(breaker: usize, stripe: usize, did: i32): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  add32(stripe + REFUSED_OFFSET, 1);
  return modeOf(word) === MODE_SHADOW ? plainTicket(word) | SLOT_UNJUDGED | did : did;
}
