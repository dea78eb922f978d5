/** Asking to pass. */
import { add32, load32, loadF64, peek32, peekF64, storeF64 } from "./cell";
import {
  CAUSE_DELAY_ENDED,
  DEADLINE_OFFSET,
  END_OFFSET,
  LATEST_OFFSET,
  MODE_DISABLED,
  MODE_FORCED_OPEN,
  MODE_SHADOW,
  POLICY_OFFSET,
  REFUSED_OFFSET,
  SLOT_UNJUDGED,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  TICKET_DID_TRANSITION,
  TICKET_OFFSET,
  TICKET_SHIFT,
  WORD_OFFSET,
} from "./layout";
import { freeLease, takeLease } from "./probe";
import { transition } from "./transition";
import { judgeExpiry, judgeProbes } from "./verdict";
import { advance } from "./window";
import { generationOf, isUnchanged, modeOf, ownerOf, plainTicket, stateOf } from "./word";

/** A ticket, or 0 when refused; TICKET_DID_TRANSITION is set beside it when the journal grew. */
export function acquire(breaker: usize, stripe: usize, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const ticket = load32(stripe + TICKET_OFFSET);
  // Closed, enabled, unowned, and the stripe counts this generation and the bucket of this time.
  if (
    word === ticket << TICKET_SHIFT &&
    now < loadF64(stripe + END_OFFSET) &&
    now >= loadF64(stripe + LATEST_OFFSET)
  ) {
    storeF64(stripe + LATEST_OFFSET, now);
    return ticket;
  }
  return acquireByState(breaker, stripe, word, advance(stripe, now));
}

/** A ticket if that takes neither time nor a look at the window: closed, enabled, unowned. Otherwise 0. */
export function admit(breaker: usize): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const ticket = plainTicket(word);
  return ticket << TICKET_SHIFT === word ? ticket : 0;
}

function acquireByState(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
  if (modeOf(word) === MODE_DISABLED) return plainTicket(word);
  if (modeOf(word) === MODE_FORCED_OPEN) return refuse(breaker, stripe, 0);
  if (stateOf(word) === STATE_CLOSED) {
    const opened = judgeExpiry(breaker, stripe, word, now);
    return opened ? refuse(breaker, stripe, TICKET_DID_TRANSITION) : plainTicket(word);
  }
  if (ownerOf(word) !== 0) return refuse(breaker, stripe, 0); // another thread is just leaving this state
  if (stateOf(word) === STATE_HALF_OPEN) return acquireProbe(breaker, stripe, word, now, 0);
  if (now < peekF64(breaker + DEADLINE_OFFSET)) return refuse(breaker, stripe, 0);
  const did = transition(breaker, stripe, word, STATE_HALF_OPEN, modeOf(word), CAUSE_DELAY_ENDED, now);
  const next = peek32(breaker + WORD_OFFSET);
  const bits = did ? TICKET_DID_TRANSITION : 0;
  if (stateOf(next) !== STATE_HALF_OPEN || ownerOf(next) !== 0) return refuse(breaker, stripe, bits);
  return acquireProbe(breaker, stripe, next, now, bits);
}

function acquireProbe(breaker: usize, stripe: usize, word: u32, now: f64, did: i32): i32 {
  if (judgeProbes(breaker, stripe, word, now)) return refuse(breaker, stripe, TICKET_DID_TRANSITION);
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const slot = takeLease(breaker, policy, word, now);
  if (slot === 0) return refuse(breaker, stripe, did);
  if (isUnchanged(breaker, word)) return plainTicket(word) | slot | did;
  freeLease(breaker, policy, generationOf(word), slot); // nobody is out with it, whatever becomes of the owner
  return refuse(breaker, stripe, did);
}

/** In shadow mode a refusal is counted, and the call passes all the same. */
function refuse(breaker: usize, stripe: usize, did: i32): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  add32(stripe + REFUSED_OFFSET, 1);
  return modeOf(word) === MODE_SHADOW ? plainTicket(word) | SLOT_UNJUDGED | did : did;
}
