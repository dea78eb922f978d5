import { DIRECT, GUARDED, PASSTHROUGH, pushing, readline, shipping, splitting } from "../cases/pipeline.ts";
import type { Section } from "../section.ts";

const THROUGH = "push, in → passthrough → out";
const BREAKER = "push, in → breaker → out";
const BARE = "NDJSON file, bare loop of split and JSON.parse";
const SHIPPED = "NDJSON file, in → breaker → out";

/** Events through graphs into a sink that counts and acknowledges. */
export const pipeline: Section = {
  name: "pipeline",
  title: "events into a sink that only counts",
  operation: "event",
  cases: [
    { name: THROUGH, prepare: () => pushing(PASSTHROUGH) },
    { name: "push, in → out", prepare: () => pushing(DIRECT) },
    { name: BREAKER, prepare: () => pushing(GUARDED) },
    { name: BARE, baseline: BARE, prepare: splitting },
    { name: "NDJSON file, loop over node:readline", baseline: BARE, prepare: readline },
    { name: "NDJSON file, in → out", baseline: BARE, prepare: (scale) => shipping(DIRECT, scale) },
    { name: SHIPPED, baseline: BARE, prepare: (scale) => shipping(GUARDED, scale) },
  ],
  comparisons: [
    { what: "events/s from a file: pipeline to bare loop", of: SHIPPED, to: BARE, by: "rate", target: 0.7 },
    { what: "events/s pushed: breaker to passthrough", of: BREAKER, to: THROUGH, by: "rate", target: 1 / 3 },
  ],
};
