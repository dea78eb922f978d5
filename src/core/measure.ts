/** What `measure` of the module writes, read. */
import {
  MEASURE_CALLS_OFFSET,
  MEASURE_CONSECUTIVE_OFFSET,
  MEASURE_COUNT_CALLS_OFFSET,
  MEASURE_COUNT_FAILURES_OFFSET,
  MEASURE_COUNT_SLOW_OFFSET,
  MEASURE_FAILURES_OFFSET,
  MEASURE_HUNG_OFFSET,
  MEASURE_LATE_OFFSET,
  MEASURE_LEVEL_OFFSET,
  MEASURE_PENDING_OFFSET,
  MEASURE_REFUSED_OFFSET,
  MEASURE_SLOW_OFFSET,
} from "../../assembly/layout.ts";

/** See MEASURE_ in assembly/layout.ts. */
export interface Measure {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly pending: number;
  readonly hung: number;
  readonly late: number;
  readonly refused: number;
  readonly level: number;
  readonly countCalls: number;
  readonly countFailures: number;
  readonly countSlow: number;
  readonly consecutiveFailures: number;
}

/** Reads it at that address. */
export function readMeasure(u32: Uint32Array, address: number): Measure {
  const at = (offset: number) => u32[(address + offset) >>> 2]!;
  return {
    calls: at(MEASURE_CALLS_OFFSET),
    failures: at(MEASURE_FAILURES_OFFSET),
    slow: at(MEASURE_SLOW_OFFSET),
    pending: at(MEASURE_PENDING_OFFSET),
    hung: at(MEASURE_HUNG_OFFSET),
    late: at(MEASURE_LATE_OFFSET),
    refused: at(MEASURE_REFUSED_OFFSET),
    level: at(MEASURE_LEVEL_OFFSET),
    countCalls: at(MEASURE_COUNT_CALLS_OFFSET),
    countFailures: at(MEASURE_COUNT_FAILURES_OFFSET),
    countSlow: at(MEASURE_COUNT_SLOW_OFFSET),
    consecutiveFailures: at(MEASURE_CONSECUTIVE_OFFSET),
  };
}

/** Whether there is nothing that a new breaker would not have: no calls in a window or under way, no row, no level. */
export function isBlank(u32: Uint32Array, address: number): boolean {
  const at = address >>> 2;
  const calls = u32[at + (MEASURE_CALLS_OFFSET >>> 2)]! | u32[at + (MEASURE_COUNT_CALLS_OFFSET >>> 2)]!;
  const pending = u32[at + (MEASURE_PENDING_OFFSET >>> 2)]!;
  const past = u32[at + (MEASURE_CONSECUTIVE_OFFSET >>> 2)]! | u32[at + (MEASURE_LEVEL_OFFSET >>> 2)]!;
  return (calls | pending | past) === 0;
}
