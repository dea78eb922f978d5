import { DETECTORS, oneWith } from "../cases/detectors.ts";
import type { Section } from "../section.ts";

const NAMES = Object.keys(DETECTORS);
const BASELINE = NAMES[0]!; // a time window

/** What a call costs by the detectors of its breaker. */
export const detectors: Section = {
  name: "detectors",
  title: "a decision and its outcome, by detector",
  operation: "call",
  cases: NAMES.map((name) => ({ name, baseline: BASELINE, prepare: () => oneWith(DETECTORS[name]!) })),
  comparisons: NAMES.slice(1).map((name) => ({
    what: `${name}: to a time window`,
    of: name,
    to: BASELINE,
    by: "time",
    target: 2,
  })),
};
