/** Admission of calls. */
import { load32, loadF64, peek32, peekF64, storeF64 } from "./cell";
import {
  CAUSE_DELAY_ENDED,
  DEADLINE_OFFSET,
  END_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  MAXIMUM_JUMP,
  MODE_DISABLED,
  MODE_FORCED_OPEN,
  MODE_SHADOW,
  POLICY_OFFSET,
  REFUSED_FORCED_OFFSET,
  REFUSED_OFFSET,
  SLOT_PLAIN,
  SLOT_SHADOW,
  STATE_CLOSED,
  STATE_HALF_OPEN,
  STATE_OPEN,
  STATE_RETURNING,
  TICKET_DID_TRANSITION,
  TICKET_OFFSET,
  TICKET_SHIFT,
  WORD_OFFSET,
} from "./layout";
import { judgeExpiry, judgeProbes } from "./machine";
import { freeLease, takeLease } from "./probe";
import { isChosen } from "./ramp";
import { advance } from "./stripe";
import { raise } from "./totals";
import { transition } from "./transition";
import { issue } from "./window";
import { generationOf, isCounting, isOwned, isUnchanged, modeOf, plainTicket, stateOf } from "./word";

/** A ticket, or 0 when refused; TICKET_DID_TRANSITION is set beside it when the journal grew. */
export function acquire(breaker: usize, stripe: usize, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const ticket = load32(stripe + TICKET_OFFSET);
  // Nested `if`: V8 compiles each to one branch, and `&&` to a value and a test of it. Closed,
  // enabled, unowned, calls cannot hang, and the stripe counts this generation and the bucket of
  // `now`.
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
      const latest = loadF64(stripe + LATEST_OFFSET);
      if (now >= latest && now - latest <= MAXIMUM_JUMP) {
        storeF64(stripe + LATEST_OFFSET, now);
        raise(stripe + REFUSED_OFFSET, 1);
        return 0;
      }
    }
  }
  return acquireByState(breaker, stripe, now);
}

/**
 * A ticket if the breaker is closed, enabled and unowned, else 0. Reads no time. Only for policies
 * where calls cannot hang.
 */
export function admit(breaker: usize): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const ticket = plainTicket(word);
  return ticket << TICKET_SHIFT === word ? ticket : 0;
}

/** The slow path, for any state. */
function acquireByState(breaker: usize, stripe: usize, at: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const now = advance(breaker, stripe, at);
  if (modeOf(word) === MODE_DISABLED) return plainTicket(word);
  let result: i32 = 0;
  const isForced = modeOf(word) === MODE_FORCED_OPEN;
  if (!isForced) {
    if (isCounting(word)) result = acquireCounted(breaker, stripe, word, now);
    else result = acquireProbe(breaker, stripe, word, now);
  }
  if ((result & ~TICKET_DID_TRANSITION) !== 0) return result;
  raise(stripe + (isForced ? REFUSED_FORCED_OFFSET : REFUSED_OFFSET), 1);
  // In shadow mode a refusal is counted, and the call passes.
  const last = peek32(breaker + WORD_OFFSET);
  return modeOf(last) === MODE_SHADOW ? plainTicket(last) | SLOT_SHADOW | result : result;
}

/** Open or half-open. Returns no ticket where the call is refused. */
function acquireProbe(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
  let next = word;
  let did: i32 = 0;
  if (stateOf(word) === STATE_OPEN) {
    if (now < peekF64(breaker + DEADLINE_OFFSET)) return 0;
    if (transition(breaker, stripe, word, STATE_HALF_OPEN, CAUSE_DELAY_ENDED, now))
      did = TICKET_DID_TRANSITION;
    next = peek32(breaker + WORD_OFFSET);
  }
  // Its owner is about to leave this state.
  if (stateOf(next) !== STATE_HALF_OPEN || isOwned(next)) return did;
  if (judgeProbes(breaker, stripe, next, now)) return TICKET_DID_TRANSITION;
  return did | issueProbe(breaker, next, now);
}

/** Closed or returning. Returns no ticket where the call is refused. */
function acquireCounted(breaker: usize, stripe: usize, word: u32, now: f64): i32 {
  if (judgeExpiry(breaker, stripe, word, SLOT_PLAIN, now)) {
    const next = peek32(breaker + WORD_OFFSET);
    if (stateOf(next) !== STATE_CLOSED) return TICKET_DID_TRANSITION; // opened
    // Its ramp has ended: another generation, another window.
    return acquireCounted(breaker, stripe, next, now) | TICKET_DID_TRANSITION;
  }
  return stateOf(word) === STATE_RETURNING && !isChosen(breaker, word, now) ? 0 : issue(stripe);
}

/** The ticket of a probe, or 0 if all are out. */
function issueProbe(breaker: usize, word: u32, now: f64): i32 {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const slot = takeLease(breaker, policy, word, now);
  if (slot !== 0) {
    if (isUnchanged(breaker, word)) return plainTicket(word) | slot;
    freeLease(breaker, policy, generationOf(word), slot); // no call has it
  }
  return 0;
}
