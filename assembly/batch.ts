/** Many calls of many breakers in one call from the host, over columns in linear memory. */
import { acquire } from "./acquire";
import { load8, load32, loadF64, peek32, store8, store32 } from "./cell";
import {
  BREAKER_REMAINDER,
  CACHE_LINE_SIZE,
  MAXIMUM_WEIGHT,
  OUTCOME_FAILURE,
  OUTCOME_NONE,
  OUTCOME_RELEASE,
  OUTCOME_SUCCESS,
  POLICY_OFFSET,
  TICKET_DID_TRANSITION,
  WORD_OFFSET,
} from "./layout";
import { fail, release, succeed } from "./report";
import { stripeOf } from "./window";
import { plainTicket } from "./word";

/**
 * Index of the first entry that names no breaker below `end` (by its alignment) or has a weight out of range;
 * `count` if there is none. `weights` may be 0.
 */
export function firstBad(breakers: usize, weights: usize, count: u32, end: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const breaker = load32(breakers + (i << 2));
    if ((breaker & (CACHE_LINE_SIZE - 1)) !== BREAKER_REMAINDER || breaker >= end) return i;
    if (weights !== 0 && load32(weights + (i << 2)) - 1 >= <u32>MAXIMUM_WEIGHT) return i;
  }
  return count;
}

/**
 * Acquires for `count` entries. `breakers`: u32 addresses. `tickets`: u32, written: 0 where refused.
 * `outcomes`: u8, set to OUTCOME_NONE. Returns how many were admitted, with TICKET_DID_TRANSITION beside it.
 */
export function acquireBatch(
  breakers: usize,
  tickets: usize,
  outcomes: usize,
  count: u32,
  index: u32,
  now: f64,
): i32 {
  let admitted: i32 = 0;
  let did: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const breaker: usize = load32(breakers + (i << 2));
    const stripe = stripeOf(breaker, load32(breaker + POLICY_OFFSET), index);
    const result = acquire(breaker, stripe, now);
    const ticket = result & ~TICKET_DID_TRANSITION;
    did |= result & TICKET_DID_TRANSITION;
    store32(tickets + (i << 2), ticket);
    store8(outcomes + i, OUTCOME_NONE);
    if (ticket !== 0) admitted++;
  }
  return admitted | did;
}

/**
 * Reports `count` entries; OUTCOME_NONE skips one. `tickets`: u32; 0 means a call of now, admitted by nobody:
 * it counts while the breaker is closed and is late otherwise. `weights` (u32) and `durations` (f64 ms) may
 * be 0: one call each, of unknown duration. Returns the bits of all reports.
 */
export function reportBatch(
  breakers: usize,
  tickets: usize,
  outcomes: usize,
  weights: usize,
  durations: usize,
  count: u32,
  index: u32,
  now: f64,
): i32 {
  let bits: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const outcome = load8(outcomes + i);
    if (outcome === OUTCOME_NONE) continue;
    const breaker: usize = load32(breakers + (i << 2));
    const stripe = stripeOf(breaker, load32(breaker + POLICY_OFFSET), index);
    const given = load32(tickets + (i << 2));
    const ticket = given === 0 ? plainTicket(peek32(breaker + WORD_OFFSET)) : given;
    const weight = weights === 0 ? 1 : load32(weights + (i << 2));
    const duration = durations === 0 ? NaN : loadF64(durations + (i << 3));
    if (outcome === OUTCOME_SUCCESS) bits |= succeed(breaker, stripe, ticket, now, duration, weight);
    else if (outcome === OUTCOME_FAILURE) bits |= fail(breaker, stripe, ticket, now, duration, weight);
    else if (outcome === OUTCOME_RELEASE) bits |= release(breaker, stripe, ticket, now);
  }
  return bits;
}
