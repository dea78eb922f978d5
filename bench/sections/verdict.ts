import { judging, judgingOfOpossum } from "../cases/verdict.ts";
import type { Case, Comparison, Section } from "../section.ts";

const SIZES = [100, 10_000, 1_000_000];
/** What the measuring adds stays few beside so many. */
const CALLS_OF_OPOSSUM = 100_000;

function named(who: string, calls: number): string {
  return `${who}, ${calls.toLocaleString("en-US")} calls in the window`;
}

const ours = (calls: number): string => named("Wasm", calls);

function ourCase(calls: number): Case {
  return { name: ours(calls), prepare: (scale) => judging(calls, scale) };
}

const OPOSSUM: Case = {
  name: named("opossum, lean", CALLS_OF_OPOSSUM),
  peer: "opossum",
  prepare: (scale) => judgingOfOpossum(CALLS_OF_OPOSSUM, scale),
};

function flat(more: number, fewer: number): Comparison {
  const what = `${more.toLocaleString("en-US")} calls in the window to ${fewer.toLocaleString("en-US")}`;
  return { what, of: ours(more), to: ours(fewer), by: "time", target: 1.1 };
}

/** A verdict must not become dearer with the calls that it is about. */
export const verdict: Section = {
  name: "verdict",
  title: "every second call fails and is judged",
  operation: "call",
  cases: [...SIZES.map(ourCase), OPOSSUM],
  comparisons: [flat(10_000, 100), flat(1_000_000, 100), flat(1_000_000, 10_000)],
};
