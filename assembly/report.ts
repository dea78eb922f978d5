/** Reports of admitted calls, one for each ticket. */
import { load32, loadF64, peek32, storeF64 } from "./cell";
import { append } from "./count";
import { continueStreak, streakOf } from "./detector";
import {
  CAUSE_PROBE_FAILED,
  CAUSE_PROBES_SUCCEEDED,
  CONSECUTIVE_OFFSET,
  COUNT_SLOW_CALL_MS_OFFSET,
  COUNT_WINDOW_OFFSET,
  CURRENT_OFFSET,
  CURRENT_STREAK,
  DETECTOR_CONSECUTIVE,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  DID_LATE,
  DID_TRANSITION,
  END_OFFSET,
  LATE_OFFSET,
  LATEST_OFFSET,
  POLICY_OFFSET,
  SLOT_MASK,
  SLOT_PLAIN,
  SLOT_SHADOW,
  SLOW_CALL_MS_OFFSET,
  STATE_HALF_OPEN,
  SUCCESSES_TO_CLOSE_OFFSET,
  TICKET_OFFSET,
  TICKET_SHIFT,
  TOLERATED_FAILURES_OFFSET,
  TOTAL_SUCCEEDED_OFFSET,
  WORD_OFFSET,
} from "./layout";
import { applyTime, endProbes, judgeClosed, judgeProbes } from "./machine";
import { addSuccess, freeLease } from "./probe";
import { advance } from "./stripe";
import { raise, raiseTotals } from "./totals";
import { add, addOutcome, endPending, skipJudgement, skipsJudgement } from "./window";
import { generationOf, isCounting, isJudging, isStale, stateOf } from "./word";

/**
 * A success that stands for `weight` calls and took `duration` ms (NaN: unknown, never slow).
 * Returns bits: DID_TRANSITION, DID_LATE.
 */
export function succeed(
  breaker: usize,
  stripe: usize,
  ticket: u32,
  now: f64,
  duration: f64,
  weight: u32,
): i32 {
  const current = load32(stripe + CURRENT_OFFSET);
  // Nested `if`: V8 compiles each to one branch, and `&&` to a value and a test of it.
  if (peek32(breaker + WORD_OFFSET) === ticket << TICKET_SHIFT) {
    if (load32(stripe + TICKET_OFFSET) === ticket) {
      if (now < loadF64(stripe + END_OFFSET)) {
        if (now >= loadF64(stripe + LATEST_OFFSET)) {
          if (skipsJudgement(stripe, current)) {
            if (!isSlow(breaker, duration)) {
              storeF64(stripe + LATEST_OFFSET, now);
              add(stripe, current, weight);
              return 0;
            }
          } else if (current & CURRENT_STREAK) {
            if (peek32(breaker + CONSECUTIVE_OFFSET) === 0) {
              storeF64(stripe + LATEST_OFFSET, now);
              raise(stripe + TOTAL_SUCCEEDED_OFFSET, weight);
              return 0;
            }
          }
        }
      }
    }
  }
  return report(breaker, stripe, ticket, false, now, duration, weight);
}

function isSlow(breaker: usize, duration: f64): bool {
  if (!(duration >= 0)) return false; // NaN: unknown
  return duration > loadF64(load32(breaker + POLICY_OFFSET) + SLOW_CALL_MS_OFFSET);
}

/** A failure that stands for `weight` calls. Returns bits: DID_TRANSITION, DID_LATE. */
export function fail(breaker: usize, stripe: usize, ticket: u32, now: f64, duration: f64, weight: u32): i32 {
  return report(breaker, stripe, ticket, true, now, duration, weight);
}

/** Returns a ticket without an outcome: neutral in every state. Returns bits: DID_TRANSITION. */
export function release(breaker: usize, stripe: usize, ticket: u32, now: f64): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const time = advance(breaker, stripe, now);
  const slot = ticket & SLOT_MASK;
  if (isStale(word, ticket)) return applyTime(breaker, stripe, word, SLOT_PLAIN, time);
  // A call that only shadow mode let pass takes nothing along: SLOT_SHADOW itself would judge anew.
  const did = applyTime(breaker, stripe, word, slot === SLOT_SHADOW ? SLOT_PLAIN : slot, time);
  // Does nothing unless the slot is a probe's; those exist only while half-open.
  if (!did) freeLease(breaker, load32(breaker + POLICY_OFFSET), generationOf(word), slot);
  return did;
}

/** Any outcome that stands for `weight` calls. Returns bits: DID_TRANSITION, DID_LATE. */
export function report(
  breaker: usize,
  stripe: usize,
  ticket: u32,
  failed: bool,
  at: f64,
  duration: f64,
  weight: u32,
): i32 {
  const word = peek32(breaker + WORD_OFFSET);
  const now = advance(breaker, stripe, at);
  const slot = ticket & SLOT_MASK;
  if (slot === SLOT_SHADOW) return applyTime(breaker, stripe, word, SLOT_PLAIN, now);
  const stale = isStale(word, ticket);
  if (!stale && !isJudging(word)) return 0;
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const slow = duration > loadF64(policy + SLOW_CALL_MS_OFFSET);
  if (stale || !isCounting(word)) {
    let bits: i32 = DID_LATE;
    if (stale) bits |= applyTime(breaker, stripe, word, SLOT_PLAIN, now);
    else if (stateOf(word) === STATE_HALF_OPEN) bits = reportProbe(breaker, stripe, word, slot, failed, now);
    if (bits & DID_LATE) raise(stripe + LATE_OFFSET, weight);
    else raiseTotals(stripe, failed, slow, weight);
    return bits;
  }
  endPending(breaker, stripe, policy, ticket, now); // before it counts, so that no thread reads it as pending and ended
  count(breaker, stripe, policy, generationOf(word), failed, slow, duration, weight);
  skipJudgement(stripe, policy, streakOf(breaker, generationOf(word)));
  return judgeClosed(breaker, stripe, word, loadF64(stripe + LATEST_OFFSET), failed, weight);
}

/** Counts an outcome for each detector of the policy, and in the totals. */
function count(
  breaker: usize,
  stripe: usize,
  policy: usize,
  generation: u32,
  failed: bool,
  slow: bool,
  duration: f64,
  weight: u32,
): void {
  const detectors = load32(policy + DETECTORS_OFFSET);
  if (!(detectors & DETECTOR_TIME_WINDOW && addOutcome(stripe, policy, failed, slow, weight))) {
    raiseTotals(stripe, failed, slow, weight);
  }
  if (detectors & DETECTOR_COUNT_WINDOW) {
    const window = breaker + load32(policy + COUNT_WINDOW_OFFSET);
    const isSlow = duration > loadF64(policy + COUNT_SLOW_CALL_MS_OFFSET);
    append(breaker, window, policy, generation, failed, isSlow, weight);
  }
  if (detectors & DETECTOR_CONSECUTIVE) continueStreak(breaker, generation, failed, weight);
}

/** The outcome of a probe. The caller counts late ones. */
function reportProbe(breaker: usize, stripe: usize, word: u32, slot: u32, failed: bool, now: f64): i32 {
  if (judgeProbes(breaker, stripe, word, now)) return DID_LATE | DID_TRANSITION;
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const generation = generationOf(word);
  if (!freeLease(breaker, policy, generation, slot)) return DID_LATE;
  let ends: bool;
  if (failed) {
    continueStreak(breaker, generation, true, 1); // failed probes are counted where failures in a row are
    ends = streakOf(breaker, generation) > load32(policy + TOLERATED_FAILURES_OFFSET);
  } else ends = addSuccess(breaker, generation) >= load32(policy + SUCCESSES_TO_CLOSE_OFFSET);
  if (!ends) return 0;
  const cause: u32 = failed ? CAUSE_PROBE_FAILED : CAUSE_PROBES_SUCCEEDED;
  return endProbes(breaker, stripe, word, cause, now) ? DID_TRANSITION : DID_LATE;
}
