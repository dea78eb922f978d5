/**
 * Many calls of many breakers in one call from the host, over columns in linear memory.
 *
 * The fast paths of `acquire` and `succeed` are repeated here without shared functions: a function
 * with two callers is not inlined, and a call costs as much as the rest of an entry.
 */
import { acquireOne, releaseOne, reportOne } from "./batch-calls";
import { add32, load8, load32, loadF64, peek32, store8, store32, storeF64 } from "./cell";
import {
  BREAKER_REMAINDER,
  BUCKET_CALLS_OFFSET,
  CACHE_LINE_LOG2,
  CACHE_LINE_SIZE,
  CALLS_OFFSET,
  CURRENT_OFFSET,
  CURRENT_SKIP_JUDGEMENT,
  END_OFFSET,
  LATEST_OFFSET,
  MAXIMUM_CALLS,
  MAXIMUM_WEIGHT,
  OUTCOME_FAILURE,
  OUTCOME_NONE,
  OUTCOME_RELEASE,
  OUTCOME_SUCCESS,
  POLICY_OFFSET,
  SLOW_CALL_MS_OFFSET,
  TICKET_DID_TRANSITION,
  TICKET_OFFSET,
  TICKET_SHIFT,
  WORD_OFFSET,
} from "./layout";
import { stripeOf } from "./stripe";
import { plainTicket } from "./word";

/** Entries whose breakers are prefetched at once; a power of two. */
const PREFETCH_COUNT: u32 = 64;

/**
 * Index of the first entry that names no breaker below `end` (by its alignment) or has a weight out
 * of range; `count` if there is none. `weights` may be 0.
 */
export function firstBad(breakers: usize, weights: usize, count: u32, end: u32): u32 {
  const lines = (end - BREAKER_REMAINDER + CACHE_LINE_SIZE - 1) >> CACHE_LINE_LOG2;
  let good: u32 = 0;
  // The rotation moves a remainder to the upper bits: one comparison for alignment and range.
  while (
    good < count &&
    rotr<u32>(load32(breakers + (good << 2)) - BREAKER_REMAINDER, CACHE_LINE_LOG2) < lines
  ) {
    good++;
  }
  if (weights === 0) return good;
  let i: u32 = 0;
  while (i < good && load32(weights + (i << 2)) - 1 < <u32>MAXIMUM_WEIGHT) i++;
  return i;
}

/**
 * Reads the words of the next breakers of a column, so that the processor loads their cache lines
 * in parallel. A loop that also does the work keeps few loads in flight.
 */
function prefetch(breakers: usize, count: u32): void {
  const end = breakers + (min(count, PREFETCH_COUNT) << 2);
  for (let at = breakers; at < end; at += 4) load32(load32(at) + WORD_OFFSET);
}

/** The stripe of the writer with that index, for any policy. */
function stripeIn(breaker: usize, index: u32): usize {
  return stripeOf(breaker, ASC_FEATURE_THREADS ? load32(breaker + POLICY_OFFSET) : 0, index);
}

/**
 * Acquires for `count` entries. `breakers`: u32 addresses. `tickets`: u32, written: 0 where
 * refused. `outcomes`: u8, set to OUTCOME_NONE. Returns how many were admitted, with
 * TICKET_DID_TRANSITION beside it.
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
    if ((i & (PREFETCH_COUNT - 1)) === 0) prefetch(breakers + (i << 2), count - i);
    const breaker: usize = load32(breakers + (i << 2));
    const stripe = stripeIn(breaker, index);
    store8(outcomes + i, OUTCOME_NONE);
    const ticket = load32(stripe + TICKET_OFFSET);
    if (peek32(breaker + WORD_OFFSET) === ticket << TICKET_SHIFT) {
      if (now < loadF64(stripe + END_OFFSET)) {
        if (now >= loadF64(stripe + LATEST_OFFSET)) {
          storeF64(stripe + LATEST_OFFSET, now);
          store32(tickets + (i << 2), ticket);
          admitted++;
          continue;
        }
      }
    }
    const result = acquireOne(breaker, stripe, now);
    did |= result & TICKET_DID_TRANSITION;
    store32(tickets + (i << 2), result & ~TICKET_DID_TRANSITION);
    if ((result & ~TICKET_DID_TRANSITION) !== 0) admitted++;
  }
  return admitted | did;
}

/**
 * Reports `count` entries; OUTCOME_NONE skips one. `tickets`: u32; 0: a call that asked for no
 * ticket; it counts while the breaker is closed and is late otherwise. `weights` (u32) and
 * `durations` (f64 ms) may be 0: one call each, of unknown duration. Returns the bits of all
 * reports.
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
    if ((i & (PREFETCH_COUNT - 1)) === 0) prefetch(breakers + (i << 2), count - i);
    const outcome = load8(outcomes + i);
    if (outcome === OUTCOME_NONE) continue;
    const breaker: usize = load32(breakers + (i << 2));
    const stripe = stripeIn(breaker, index);
    const word = peek32(breaker + WORD_OFFSET);
    const given = load32(tickets + (i << 2));
    const ticket = given === 0 ? plainTicket(word) : given;
    const weight = weights === 0 ? 1 : load32(weights + (i << 2));
    if (outcome === OUTCOME_SUCCESS && word === ticket << TICKET_SHIFT) {
      const current = load32(stripe + CURRENT_OFFSET);
      const calls = load32(stripe + CALLS_OFFSET);
      if (load32(stripe + TICKET_OFFSET) === ticket) {
        if (now < loadF64(stripe + END_OFFSET)) {
          if (now >= loadF64(stripe + LATEST_OFFSET)) {
            if ((current & CURRENT_SKIP_JUDGEMENT) !== 0 && calls < <u32>MAXIMUM_CALLS) {
              if (durations === 0 || !isSlow(breaker, loadF64(durations + (i << 3)))) {
                storeF64(stripe + LATEST_OFFSET, now);
                if (ASC_FEATURE_THREADS)
                  add32(stripe + (current ^ CURRENT_SKIP_JUDGEMENT) + BUCKET_CALLS_OFFSET, weight);
                store32(stripe + CALLS_OFFSET, calls + weight);
                continue;
              }
            }
          }
        }
      }
    }
    const duration = durations === 0 ? NaN : loadF64(durations + (i << 3));
    if (outcome === OUTCOME_RELEASE) bits |= releaseOne(breaker, stripe, ticket, now);
    else if (outcome <= <u32>OUTCOME_FAILURE) {
      bits |= reportOne(breaker, stripe, ticket, outcome === OUTCOME_FAILURE, now, duration, weight);
    }
  }
  return bits;
}

function isSlow(breaker: usize, duration: f64): bool {
  return duration > loadF64(load32(breaker + POLICY_OFFSET) + SLOW_CALL_MS_OFFSET); // NaN: unknown
}
