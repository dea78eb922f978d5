import { execution, failure, prepared, refusal, success } from "../cases/record.ts";
import type { Section } from "../section.ts";

const PARTS = [
  ["success", success],
  ["failure", failure],
  ["refusal", refusal],
  ["execute", execution],
] as const;

/** What a recorder adds to a call. */
export const recording: Section = {
  name: "record",
  title: "calls while a recorder is on",
  operation: "call",
  cases: [
    ...PARTS.flatMap(([name, make]) => [
      { name: `${name}: off`, baseline: `${name}: off`, prepare: prepared(make, "off") },
      { name: `${name}: recorded`, baseline: `${name}: off`, prepare: prepared(make, "on") },
    ]),
    {
      name: "execute: recorded without durations",
      baseline: "execute: off",
      prepare: prepared(execution, "without durations"),
    },
  ],
  comparisons: [
    ...PARTS.slice(0, 3).map(([name]) => ({
      what: `a recorded ${name}, above one that is not`,
      of: `${name}: recorded`,
      above: `${name}: off`,
      by: "time" as const,
      target: 5,
    })),
    {
      what: "a recorded execute with its duration, above one that is not",
      of: "execute: recorded",
      above: "execute: off",
      by: "time",
    },
    {
      what: "a recorded execute without durations, above one that is not",
      of: "execute: recorded without durations",
      above: "execute: off",
      by: "time",
    },
  ],
};
