/** The targets of a run in one list. */
import type { SectionResult } from "./result.ts";

/** One target, and whether it is met. */
export interface Goal {
  readonly section: string;
  readonly what: string;
  readonly value: number;
  /** "times", "ns", "/s", or the unit of a reading. */
  readonly unit: string;
  /** "time": the value is to be at most the target; "rate": at least. */
  readonly by: "time" | "rate";
  readonly target: number;
  readonly met: boolean;
}

/** In the order of the sections. */
export function goalsOf(sections: readonly SectionResult[]): readonly Goal[] {
  return sections.flatMap(({ name: section, comparisons, readings }) => [
    ...comparisons.flatMap(({ what, value, unit, by, target, met }) =>
      target === null || met === null ? [] : [{ section, what, value, unit, by, target, met }],
    ),
    ...readings.flatMap(({ name: what, value, unit, target, met }) =>
      target === null || met === null
        ? []
        : [{ section, what, value, unit, by: "time" as const, target, met }],
    ),
  ]);
}
