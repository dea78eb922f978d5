/**
 * The count window: the outcomes of the last N calls, two bits each, in one ring that all threads
 * write.
 *
 * It is exact by one order over all threads, so there is one head and no stripes. A call counts by
 * one compare-and-swap of the head, which holds the sums and the outcome; the next call first
 * copies that outcome to the ring. So a thread killed at any instruction leaves nothing half done.
 * The ring has at least N places, so a place is not reused while its outcome is one of the last N.
 */
import { load32, peek64, swap64 } from "./cell";
import {
  COUNT_BIT_FAILURE,
  COUNT_BIT_SLOW,
  COUNT_CALLS_OFFSET,
  COUNT_CHANGES_SHIFT,
  COUNT_FAILURES_SHIFT,
  COUNT_GENERATION_SHIFT,
  COUNT_HEAD_OFFSET,
  COUNT_NUMBER_BITS,
  COUNT_NUMBER_SHIFT,
  COUNT_OUTCOME_BITS,
  COUNT_RING_OFFSET,
  COUNT_SLOW_SHIFT,
  COUNT_SUM_BITS,
  COUNT_WORD_OUTCOMES,
  COUNT_WORD_SIZE,
} from "./layout";
import { isCurrent } from "./word";

const OUTCOME_MASK: u64 = (1 << COUNT_OUTCOME_BITS) - 1;
const NUMBER_MASK: u32 = (1 << COUNT_NUMBER_BITS) - 1;

/** The head for that generation: one whose sums are 0 if the window holds no call of it. */
export function headOf(window: usize, generation: u32): u64 {
  return headFor(peek64(window + COUNT_HEAD_OFFSET), generation);
}

function headFor(head: u64, generation: u32): u64 {
  const empty = (<u64>generation) << COUNT_GENERATION_SHIFT; // keeps the low bits of the generation
  return (head ^ empty) >> COUNT_GENERATION_SHIFT === 0 ? head : empty;
}

function numberIn(head: u64): u32 {
  return <u32>(head >> COUNT_NUMBER_SHIFT) & NUMBER_MASK;
}

/** Calls in the window. */
export function callsIn(head: u64, policy: usize): u32 {
  return min(numberIn(head), load32(policy + COUNT_CALLS_OFFSET));
}

export function failuresIn(head: u64): u32 {
  return sumIn(head, COUNT_FAILURES_SHIFT);
}

export function slowIn(head: u64): u32 {
  return sumIn(head, COUNT_SLOW_SHIFT);
}

function sumIn(head: u64, shift: u64): u32 {
  return <u32>(head >> shift) & ((1 << COUNT_SUM_BITS) - 1);
}

/**
 * Appends an outcome that stands for `weight` calls, as that many outcomes; none once the
 * generation is over.
 */
export function append(
  breaker: usize,
  window: usize,
  policy: usize,
  generation: u32,
  failed: bool,
  slow: bool,
  weight: u32,
): void {
  const size = load32(policy + COUNT_CALLS_OFFSET);
  // The ring has a power of two of places, at least COUNT_WORD_OUTCOMES, as in the host.
  const last = <u32>-1 >> clz((size - 1) | (COUNT_WORD_OUTCOMES - 1));
  const outcome = (failed ? <u64>COUNT_BIT_FAILURE : 0) | (slow ? <u64>COUNT_BIT_SLOW : 0);
  let left = min(weight, size);
  while (left > 0) {
    const held = peek64(window + COUNT_HEAD_OFFSET);
    const head = headFor(held, generation);
    // Read after the head, so that no head of a later generation is replaced.
    if (!isCurrent(breaker, generation)) return;
    const number = numberIn(head);
    if (number !== 0 && !writeLatest(window, last & (number - 1), held)) continue;
    const evicted = number < size ? 0 : outcomeAt(window, last & (number - size));
    if (swap64(window + COUNT_HEAD_OFFSET, held, headAfter(head, number, outcome, evicted))) left--;
  }
}

function headAfter(head: u64, number: u32, outcome: u64, evicted: u64): u64 {
  let next = (head & ~OUTCOME_MASK) + outcome + ((<u64>1) << COUNT_NUMBER_SHIFT);
  if (number === NUMBER_MASK) next -= (<u64>1) << (COUNT_NUMBER_SHIFT + COUNT_NUMBER_BITS - 1);
  if (outcome === evicted) return next;
  const failures = (outcome & COUNT_BIT_FAILURE) - (evicted & COUNT_BIT_FAILURE);
  const slow = (outcome >> 1) - (evicted >> 1);
  return next + (failures << COUNT_FAILURES_SHIFT) + (slow << COUNT_SLOW_SHIFT);
}

/**
 * Writes the latest outcome to its place in the ring, unless it is there. False if another thread
 * changed the head or the word of the ring: then read both again.
 *
 * The head is read again after the word, so that the two belong together. Every change raises a
 * count in the word, so a swap by a thread that was paused fails. The first place of a word is
 * written even if nothing changes, so that this holds for a thread paused since an earlier
 * generation.
 */
function writeLatest(window: usize, place: u32, head: u64): bool {
  const cell = cellOf(window, place);
  const shift = shiftOf(place);
  const word = peek64(cell);
  const change = ((word >> shift) ^ head) & OUTCOME_MASK;
  if (change === 0 && (!ASC_FEATURE_THREADS || shift !== 0)) return true;
  if (ASC_FEATURE_THREADS && peek64(window + COUNT_HEAD_OFFSET) !== head) return false;
  return swap64(cell, word, (word ^ (change << shift)) + ((<u64>1) << COUNT_CHANGES_SHIFT));
}

function outcomeAt(window: usize, place: u32): u64 {
  return (peek64(cellOf(window, place)) >> shiftOf(place)) & OUTCOME_MASK;
}

function cellOf(window: usize, place: u32): usize {
  return window + COUNT_RING_OFFSET + (place / COUNT_WORD_OUTCOMES) * COUNT_WORD_SIZE;
}

function shiftOf(place: u32): u64 {
  return (place & (COUNT_WORD_OUTCOMES - 1)) * COUNT_OUTCOME_BITS;
}
