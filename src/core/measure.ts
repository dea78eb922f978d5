/** Reading what `measure` of the module writes. */
import { MEASURE_CALLS_OFFSET, MEASURE_TOTALS_OFFSET } from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";
import { readTotals } from "./totals.ts";

export type Measure = ReturnType<typeof readMeasure>;

/** The measure at that address: the cells in their order, see MEASURE_ in assembly/layout.ts. */
export function readMeasure({ u32, f64 }: Pick<LinearMemory, "u32" | "f64">, address: number) {
  let at = (address + MEASURE_CALLS_OFFSET) >>> 2;
  return {
    calls: u32[at++]!,
    failures: u32[at++]!,
    slow: u32[at++]!,
    pending: u32[at++]!,
    hung: u32[at++]!,
    level: u32[at++]!,
    countCalls: u32[at++]!,
    countFailures: u32[at++]!,
    countSlow: u32[at++]!,
    consecutiveFailures: u32[at]!,
    totals: readTotals(f64, address + MEASURE_TOTALS_OFFSET),
  };
}

/** Whether a breaker holds nothing that a new one does not: no calls in a window or pending, no streak, no level. */
export function isBlank({ calls, countCalls, pending, consecutiveFailures, level }: Measure): boolean {
  return (calls | countCalls | pending | consecutiveFailures | level) === 0;
}
