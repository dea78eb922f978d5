/**
 * The count window: the outcomes of the last N calls, two bits each, in one ring that all threads write.
 *
 * Order over all threads is what makes it exact, so there is one head and no stripes. A call counts by one
 * compare-and-swap of the head, which holds the sums and the outcome itself; whoever comes next first puts
 * that outcome into the ring. So a thread killed anywhere leaves nothing half done. The ring has at least
 * N places: a place is not written again while its outcome is one of the last N.
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

/** What the window holds for that generation: a head whose sums are 0 if it has seen none of its calls. */
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

/** Calls held. */
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

/** Appends an outcome that stands for `weight` calls, as that many outcomes; none once the generation is over. */
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
  // The ring has a power of two of places, at least COUNT_WORD_OUTCOMES: as many as the host gave it.
  const last = <u32>-1 >> clz((size - 1) | (COUNT_WORD_OUTCOMES - 1));
  const outcome = (failed ? <u64>COUNT_BIT_FAILURE : 0) | (slow ? <u64>COUNT_BIT_SLOW : 0);
  let left = min(weight, size);
  while (left > 0) {
    const held = peek64(window + COUNT_HEAD_OFFSET);
    const head = headFor(held, generation);
    // Looked at after the head: so that head is of no later generation, and no later one is swapped away.
    if (!isCurrent(breaker, generation)) return;
    const number = numberIn(head);
    if (number !== 0 && !settle(window, last & (number - 1), held)) continue;
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
 * Puts the latest outcome into its place in the ring, unless it is there. False: another thread was faster, look
 * again. The head is looked at again after the word of the ring: so that word is as the head says, and a thread
 * that slept here finds it changed, since every change counts in it. The first place of a word is written even
 * if nothing changes: so a thread that slept since an earlier generation finds that, too.
 */
function settle(window: usize, place: u32, head: u64): bool {
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
