/**
 * The count window: the outcomes of the last N calls, two bits each, in one ring that all threads write.
 *
 * Order over all threads is what makes it exact, so there is one cursor and no stripes; with threads each
 * outcome costs a few compare-and-swaps. The sums are counted anew whenever the ring has gone round, so a
 * thread killed between two of its stores leaves no lasting error.
 */
import { clear, load32, peek32, publish32, swap32 } from "./cell";
import {
  COUNT_BIT_FAILURE,
  COUNT_BIT_SLOW,
  COUNT_CALLS_OFFSET,
  COUNT_CURSOR_OFFSET,
  COUNT_FAILURES_OFFSET,
  COUNT_FILLED_OFFSET,
  COUNT_GENERATION_OFFSET,
  COUNT_RING_OFFSET,
  COUNT_SLOW_OFFSET,
} from "./layout";

const FAILURE_BITS: u32 = 0x55555555;

/** Appends an outcome that stands for `weight` calls. */
export function append(
  ring: usize,
  policy: usize,
  generation: u32,
  failed: bool,
  slow: bool,
  weight: u32,
): void {
  const size = load32(policy + COUNT_CALLS_OFFSET);
  begin(ring, size, generation);
  const bits = (failed ? <u32>COUNT_BIT_FAILURE : 0) | (slow ? <u32>COUNT_BIT_SLOW : 0);
  for (let left = min(weight, size); left > 0; left--) appendOne(ring, size, bits);
}

/** One of the sums, or 0 when the ring holds another generation. */
export function sumIn(ring: usize, generation: u32, field: u32): u32 {
  return peek32(ring + COUNT_GENERATION_OFFSET) === generation ? peek32(ring + field) : 0;
}

/** Empties a ring of an earlier generation: the thread that wins the swap does it. */
function begin(ring: usize, size: u32, generation: u32): void {
  const held = peek32(ring + COUNT_GENERATION_OFFSET);
  if (held === generation) return;
  if (!swap32(ring + COUNT_GENERATION_OFFSET, held, generation)) return;
  clear(ring + COUNT_CURSOR_OFFSET, COUNT_RING_OFFSET - COUNT_CURSOR_OFFSET + (((size + 15) >> 4) << 2));
}

function appendOne(ring: usize, size: u32, bits: u32): void {
  const position = claim(ring, size);
  const word = ring + COUNT_RING_OFFSET + ((position >> 4) << 2);
  const shift = (position & 15) << 1;
  let held = peek32(word);
  while (!swap32(word, held, (held & ~(3 << shift)) | (bits << shift))) held = peek32(word);
  const evicted = (held >> shift) & 3;
  change(ring + COUNT_FAILURES_OFFSET, (bits & COUNT_BIT_FAILURE) - (evicted & COUNT_BIT_FAILURE));
  change(ring + COUNT_SLOW_OFFSET, (bits >> 1) - (evicted >> 1));
  if (peek32(ring + COUNT_FILLED_OFFSET) < size) change(ring + COUNT_FILLED_OFFSET, 1);
  if (position === size - 1) recount(ring, size);
}

/** Takes the next position of the ring. */
function claim(ring: usize, size: u32): u32 {
  while (true) {
    const position = peek32(ring + COUNT_CURSOR_OFFSET);
    const next = position + 1 === size ? 0 : position + 1;
    if (swap32(ring + COUNT_CURSOR_OFFSET, position, next)) return position;
  }
}

function change(address: usize, by: u32): void {
  if (by === 0) return;
  while (true) {
    const value = peek32(address);
    if (swap32(address, value, value + by)) return;
  }
}

function recount(ring: usize, size: u32): void {
  let failures: u32 = 0;
  let slow: u32 = 0;
  const end = ring + COUNT_RING_OFFSET + (((size + 15) >> 4) << 2);
  for (let word = ring + COUNT_RING_OFFSET; word < end; word += 4) {
    const held = peek32(word);
    failures += popcnt(held & FAILURE_BITS);
    slow += popcnt((held >> 1) & FAILURE_BITS);
  }
  publish32(ring + COUNT_FAILURES_OFFSET, failures);
  publish32(ring + COUNT_SLOW_OFFSET, slow);
}
