/** Reading what `measure` of the module writes. */
import {
  MEASURE_CALLS_OFFSET,
  MEASURE_SHARE_OFFSET,
  MEASURE_TOTALS_OFFSET,
  SHARE_ONE,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

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
    totals: totalsAt(f64, address + MEASURE_TOTALS_OFFSET),
    /** Share of calls that a throttle lets pass, 0..1. */
    share: u32[(address + MEASURE_SHARE_OFFSET) >>> 2]! / SHARE_ONE,
  };
}

/** The totals at that address, as users see them: the cells in their order, see TOTALS_ in assembly/layout.ts. */
export function totalsAt(f64: Float64Array, address: number) {
  let at = address >>> 3;
  const succeeded = f64[at++]!;
  const failed = f64[at++]!;
  const slow = f64[at++]!;
  const open = f64[at++]!;
  const forced_open = f64[at++]!;
  const throttled = f64[at++]!;
  const busy = f64[at++]!;
  const refused = open + forced_open + throttled + busy;
  const late = f64[at++]!;
  const refusedBy = { open, forced_open, throttled, busy };
  return { succeeded, failed, slow, refused, refusedBy, late, opened: f64[at]! };
}

/** Whether a breaker holds nothing that a new one does not: no calls in a window or pending, no streak, no level. */
export function isBlank({ calls, countCalls, pending, consecutiveFailures, level }: Measure): boolean {
  return (calls | countCalls | pending | consecutiveFailures | level) === 0;
}
