/** Totals of a breaker as plain numbers: what it has counted over its life. See assembly/totals.ts. */
import {
  CALLS_OFFSET,
  FAILURES_OFFSET,
  LATE_OFFSET,
  OPENED_OFFSET,
  OVERLOAD_BUSY_OFFSET,
  OVERLOAD_THROTTLED_OFFSET,
  REFUSED_FORCED_OFFSET,
  REFUSED_OFFSET,
  SCALE_OFFSET,
  SLOW_OFFSET,
  TOTAL_FAILED_OFFSET,
  TOTAL_OPEN,
  TOTAL_SLOW_OFFSET,
  TOTAL_SUCCEEDED_OFFSET,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";
import { overloadBlockOf } from "./throttle-state.ts";

/** What a breaker has counted since it was made, in the order of the TOTALS_ offsets; `totalsAt` of measure.ts reads them. */
export interface TotalCounts {
  /** Calls that succeeded. */
  readonly succeeded: number;
  /** Calls that failed. */
  readonly failed: number;
  /** Slow calls, whether they succeeded or failed. */
  readonly slow: number;
  /** Calls refused while open, half-open or on a ramp. */
  readonly refusedOpen: number;
  /** Calls refused while forced open. */
  readonly refusedForcedOpen: number;
  /** Calls refused by the throttle of `overload`. */
  readonly refusedThrottled: number;
  /** Calls refused because `maximumPending` calls were pending. */
  readonly refusedBusy: number;
  /** Reports that came too late to count. */
  readonly late: number;
  /** Times that the breaker opened. */
  readonly opened: number;
}

/** Reads the totals of a breaker in some stripes; no other thread may be writing them. */
export function totalsIn(memory: LinearMemory, breaker: number, stripes: readonly number[]): TotalCounts {
  const { u32, f64 } = memory;
  const block = overloadBlockOf(memory, breaker);
  const sum = (readOf: (stripe: number) => number) =>
    stripes.reduce((total, stripe) => total + readOf(stripe), 0);
  const cell = (offset: number) => sum((stripe) => f64[(stripe + offset) >>> 3]!);
  const count = (stripe: number, offset: number) => u32[(stripe + offset) >>> 2]!;
  const total = (offset: number, sumFor: (stripe: number) => number) =>
    sum((stripe) => {
      const held = f64[(stripe + offset) >>> 3]!;
      const base = Math.floor(held);
      return base === held ? base : base + sumFor(stripe);
    });
  return {
    succeeded: total(
      TOTAL_SUCCEEDED_OFFSET,
      (stripe) => count(stripe, CALLS_OFFSET) - count(stripe, FAILURES_OFFSET),
    ),
    failed: total(TOTAL_FAILED_OFFSET, (stripe) => count(stripe, FAILURES_OFFSET)),
    slow: total(TOTAL_SLOW_OFFSET, (stripe) => count(stripe, SLOW_OFFSET)),
    refusedOpen: cell(REFUSED_OFFSET),
    refusedForcedOpen: cell(REFUSED_FORCED_OFFSET),
    refusedThrottled: block && readU64(u32, block + OVERLOAD_THROTTLED_OFFSET),
    refusedBusy: block && readU64(u32, block + OVERLOAD_BUSY_OFFSET),
    late: cell(LATE_OFFSET),
    opened: f64[(breaker + OPENED_OFFSET) >>> 3]!,
  };
}

/**
 * Writes totals to a stripe whose window is written already, and whose totals are 0 as are those of all other stripes.
 * Without an overload block, calls that were refused for such limits are among `refusedOpen`.
 */
export function writeTotals(
  memory: LinearMemory,
  breaker: number,
  stripe: number,
  totals: TotalCounts,
): void {
  const { u32, f64 } = memory;
  const count = (offset: number) => u32[(stripe + offset) >>> 2]!;
  const set = (offset: number, value: number) => {
    f64[(stripe + offset) >>> 3] = value;
  };
  const isScaled = count(SCALE_OFFSET) !== 0; // then its sums are no part of the totals
  const failures = count(FAILURES_OFFSET);
  const open = (total: number, sum: number) => (isScaled ? total : total - sum + TOTAL_OPEN);
  set(TOTAL_SUCCEEDED_OFFSET, open(totals.succeeded, count(CALLS_OFFSET) - failures));
  set(TOTAL_FAILED_OFFSET, open(totals.failed, failures));
  set(TOTAL_SLOW_OFFSET, open(totals.slow, count(SLOW_OFFSET)));
  const block = overloadBlockOf(memory, breaker);
  const { refusedOpen, refusedThrottled, refusedBusy } = totals;
  set(REFUSED_OFFSET, block ? refusedOpen : refusedOpen + refusedThrottled + refusedBusy);
  if (block) {
    writeU64(u32, block + OVERLOAD_THROTTLED_OFFSET, refusedThrottled);
    writeU64(u32, block + OVERLOAD_BUSY_OFFSET, refusedBusy);
  }
  set(REFUSED_FORCED_OFFSET, totals.refusedForcedOpen);
  set(LATE_OFFSET, totals.late);
  f64[(breaker + OPENED_OFFSET) >>> 3] = totals.opened;
}

function readU64(u32: Uint32Array, address: number): number {
  return u32[address >>> 2]! + u32[(address + 4) >>> 2]! * 2 ** 32;
}

function writeU64(u32: Uint32Array, address: number, value: number): void {
  u32[address >>> 2] = value % 2 ** 32;
  u32[(address + 4) >>> 2] = value / 2 ** 32;
}
