/**
 * Totals: what a breaker has counted over its life. They only rise.
 *
 * A call counts in the sums of the window (window.ts), so that the hot path counts it once. A total
 * is its cell, and the sum beside it while the cell has TOTAL_OPEN. Before the sums change in any
 * other way than by a call, `closeTotals` moves them into the cells; `openTotals` takes them out
 * again. Each store of a cell leaves its total as it was, so a thread that dies at any instruction
 * loses no more than the call that it was counting. What counts in no window raises the cells.
 *
 * Only the thread of the stripe writes them; every thread reads them.
 */
import { load32, loadF64, peek32, peek64, peekF64, publishF64, storeF64 } from "./cell";
import {
  CALLS_OFFSET,
  LATE_OFFSET,
  OPENED_OFFSET,
  OVERLOAD_BUSY_OFFSET,
  OVERLOAD_OFFSET,
  OVERLOAD_THROTTLED_OFFSET,
  REFUSED_FORCED_OFFSET,
  REFUSED_OFFSET,
  SLOW_OFFSET,
  TOTAL_FAILED_OFFSET,
  TOTAL_OPEN,
  TOTAL_SLOW_OFFSET,
  TOTAL_SUCCEEDED_OFFSET,
  TOTALS_FAILED_OFFSET,
  TOTALS_LATE_OFFSET,
  TOTALS_OPENED_OFFSET,
  TOTALS_REFUSED_BUSY_OFFSET,
  TOTALS_REFUSED_FORCED_OFFSET,
  TOTALS_REFUSED_OFFSET,
  TOTALS_REFUSED_THROTTLED_OFFSET,
  TOTALS_SLOW_OFFSET,
  TOTALS_SUCCEEDED_OFFSET,
} from "./layout";
import { hasStripe, stripeOf } from "./stripe";

/** From here on the cells alone are the totals. */
export function closeTotals(stripe: usize): void {
  closeTotal(stripe, TOTAL_SUCCEEDED_OFFSET);
  closeTotal(stripe, TOTAL_FAILED_OFFSET);
  closeTotal(stripe, TOTAL_SLOW_OFFSET);
}

function closeTotal(stripe: usize, cell: u32): void {
  publishF64(stripe + cell, totalIn(stripe, cell));
}

/** From here on the sums belong to the totals. They must be closed. */
export function openTotals(stripe: usize): void {
  openTotal(stripe, TOTAL_SUCCEEDED_OFFSET);
  openTotal(stripe, TOTAL_FAILED_OFFSET);
  openTotal(stripe, TOTAL_SLOW_OFFSET);
}

function openTotal(stripe: usize, cell: u32): void {
  publishF64(stripe + cell, loadF64(stripe + cell) - sumFor(stripe, cell) + TOTAL_OPEN);
}

/** Counts calls of one outcome that no window counts. */
export function raiseTotals(stripe: usize, failed: bool, slow: bool, weight: u32): void {
  raise(stripe + (failed ? TOTAL_FAILED_OFFSET : TOTAL_SUCCEEDED_OFFSET), weight);
  if (slow) raise(stripe + TOTAL_SLOW_OFFSET, weight);
}

/** Raises one cell. */
export function raise(address: usize, by: u32): void {
  storeF64(address, loadF64(address) + by);
}

/** Adds the totals of a breaker to TOTALS_SIZE bytes. Returns the sum of all that it added. */
export function addTotals(breaker: usize, policy: usize, out: usize): f64 {
  let all = addTo(out + TOTALS_OPENED_OFFSET, peekF64(breaker + OPENED_OFFSET));
  let index: u32 = 0;
  do {
    const stripe = stripeOf(breaker, policy, index);
    all += addTo(out + TOTALS_SUCCEEDED_OFFSET, totalIn(stripe, TOTAL_SUCCEEDED_OFFSET));
    all += addTo(out + TOTALS_FAILED_OFFSET, totalIn(stripe, TOTAL_FAILED_OFFSET));
    all += addTo(out + TOTALS_SLOW_OFFSET, totalIn(stripe, TOTAL_SLOW_OFFSET));
    all += addTo(out + TOTALS_REFUSED_OFFSET, peekF64(stripe + REFUSED_OFFSET));
    all += addTo(out + TOTALS_REFUSED_FORCED_OFFSET, peekF64(stripe + REFUSED_FORCED_OFFSET));
    all += addTo(out + TOTALS_LATE_OFFSET, peekF64(stripe + LATE_OFFSET));
  } while (hasStripe(policy, ++index));
  const overload = load32(policy + OVERLOAD_OFFSET);
  if (overload === 0) return all;
  const block = breaker + overload;
  all += addTo(out + TOTALS_REFUSED_THROTTLED_OFFSET, <f64>peek64(block + OVERLOAD_THROTTLED_OFFSET));
  return all + addTo(out + TOTALS_REFUSED_BUSY_OFFSET, <f64>peek64(block + OVERLOAD_BUSY_OFFSET));
}

function addTo(address: usize, value: f64): f64 {
  if (value !== 0) storeF64(address, loadF64(address) + value); // most are 0
  return value;
}

/** The total of a cell. The cell is read again after the sums, so that the two belong together. */
function totalIn(stripe: usize, cell: u32): f64 {
  while (true) {
    const held = peekF64(stripe + cell);
    const base = Math.floor(held);
    if (base === held) return held;
    const sum = sumFor(stripe, cell);
    if (!ASC_FEATURE_THREADS || peekF64(stripe + cell) === held) return base + sum;
  }
}

/** The sum that belongs to a cell. Calls and failures are read at once. */
function sumFor(stripe: usize, cell: u32): f64 {
  if (cell === TOTAL_SLOW_OFFSET) return <f64>peek32(stripe + SLOW_OFFSET);
  const outcomes = peek64(stripe + CALLS_OFFSET);
  const failures = <u32>(outcomes >> 32);
  return <f64>(cell === TOTAL_FAILED_OFFSET ? failures : <u32>outcomes - failures);
}
