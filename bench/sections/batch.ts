import {
  askAndReportBatch,
  askAndReportByHand,
  reportBatch,
  reportBatchRaw,
  reportByHand,
  type Spread,
} from "../cases/batch.ts";
import type { Case, Comparison, Section } from "../section.ts";

const SPREADS: readonly (readonly [Spread, string])[] = [
  [1, "one breaker"],
  [16, "16 breakers"],
  [100_000, "100,000 at random"],
];

function casesOf([spread, situation]: (typeof SPREADS)[number]): readonly Case[] {
  const baseline = `report, ${situation}, by hand`;
  return [
    { name: baseline, baseline, prepare: (scale) => reportByHand(spread, scale) },
    { name: `report, ${situation}, Wasm`, baseline, prepare: (scale) => reportBatchRaw(spread, scale) },
    { name: `report, ${situation}, registry`, baseline, prepare: (scale) => reportBatch(spread, scale) },
  ];
}

function comparisonOf([, situation]: (typeof SPREADS)[number]): Comparison {
  const what = `report, ${situation}`;
  return {
    what: `${what}: Wasm to by hand`,
    of: `${what}, Wasm`,
    to: `${what}, by hand`,
    by: "time",
    target: 1,
  };
}

const BOTH = "admit + report, 16 breakers";

/** Columns in linear memory. */
export const batch: Section = {
  name: "batch",
  title: "many outcomes in one call",
  operation: "outcome",
  cases: [
    ...SPREADS.flatMap(casesOf),
    {
      name: `${BOTH}, by hand`,
      baseline: `${BOTH}, by hand`,
      prepare: (scale) => askAndReportByHand(16, scale),
    },
    {
      name: `${BOTH}, registry`,
      baseline: `${BOTH}, by hand`,
      prepare: (scale) => askAndReportBatch(16, scale),
    },
  ],
  comparisons: SPREADS.map(comparisonOf),
};
