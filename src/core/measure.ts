/** Reading what `measure` of the module writes. */
import { MEASURE_CALLS_OFFSET } from "../../assembly/layout.ts";

export type Measure = ReturnType<typeof readMeasure>;

/** The measure at that address: the cells in their order, see MEASURE_ in assembly/layout.ts. */
export function readMeasure(u32: Uint32Array, address: number) {
  let at = (address + MEASURE_CALLS_OFFSET) >>> 2;
  return {
    calls: u32[at++]!,
    failures: u32[at++]!,
    slow: u32[at++]!,
    pending: u32[at++]!,
    hung: u32[at++]!,
    late: u32[at++]!,
    refused: u32[at++]!,
    level: u32[at++]!,
    countCalls: u32[at++]!,
    countFailures: u32[at++]!,
    countSlow: u32[at++]!,
    consecutiveFailures: u32[at]!,
  };
}

/** Whether a breaker holds nothing that a new one does not: no calls in a window or pending, no streak, no level. */
export function isBlank({ calls, countCalls, pending, consecutiveFailures, level }: Measure): boolean {
  return (calls | countCalls | pending | consecutiveFailures | level) === 0;
}
