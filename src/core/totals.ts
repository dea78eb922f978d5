/** Totals of a breaker as plain numbers: what it has counted over its life. See assembly/totals.ts. */
import {
  CALLS_OFFSET,
  FAILURES_OFFSET,
  LATE_OFFSET,
  OPENED_OFFSET,
  REFUSED_FORCED_OFFSET,
  REFUSED_OFFSET,
  SLOW_OFFSET,
  TOTAL_FAILED_OFFSET,
  TOTAL_OPEN,
  TOTAL_SLOW_OFFSET,
  TOTAL_SUCCEEDED_OFFSET,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

/** In the order of the TOTALS_ offsets. */
export interface TotalCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly slow: number;
  /** While open, half-open or on a ramp. */
  readonly refusedOpen: number;
  readonly refusedForcedOpen: number;
  readonly late: number;
  readonly opened: number;
}

/** The totals that the core has written to that address. */
export function readTotals(f64: Float64Array, address: number): TotalCounts {
  let at = address >>> 3;
  return {
    succeeded: f64[at++]!,
    failed: f64[at++]!,
    slow: f64[at++]!,
    refusedOpen: f64[at++]!,
    refusedForcedOpen: f64[at++]!,
    late: f64[at++]!,
    opened: f64[at]!,
  };
}

/** Reads the totals of a breaker in some stripes; no other thread may be writing them. */
export function totalsIn(
  { u32, f64 }: LinearMemory,
  breaker: number,
  stripes: readonly number[],
): TotalCounts {
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
    late: cell(LATE_OFFSET),
    opened: f64[(breaker + OPENED_OFFSET) >>> 3]!,
  };
}

/** Writes totals to a stripe whose window is written already, and whose totals are 0 as are those of all other stripes. */
export function writeTotals(
  { u32, f64 }: LinearMemory,
  breaker: number,
  stripe: number,
  totals: TotalCounts,
): void {
  const count = (offset: number) => u32[(stripe + offset) >>> 2]!;
  const set = (offset: number, value: number) => {
    f64[(stripe + offset) >>> 3] = value;
  };
  const failures = count(FAILURES_OFFSET);
  set(TOTAL_SUCCEEDED_OFFSET, totals.succeeded - (count(CALLS_OFFSET) - failures) + TOTAL_OPEN);
  set(TOTAL_FAILED_OFFSET, totals.failed - failures + TOTAL_OPEN);
  set(TOTAL_SLOW_OFFSET, totals.slow - count(SLOW_OFFSET) + TOTAL_OPEN);
  set(REFUSED_OFFSET, totals.refusedOpen);
  set(REFUSED_FORCED_OFFSET, totals.refusedForcedOpen);
  set(LATE_OFFSET, totals.late);
  f64[(breaker + OPENED_OFFSET) >>> 3] = totals.opened;
}
