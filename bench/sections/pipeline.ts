import { growth } from "../cases/endurance.ts";
import { DIRECT, GUARDED, PASSTHROUGH, pushing, readline, shipping, splitting } from "../cases/pipeline.ts";
import type { Section } from "../section.ts";

const THROUGH = "push, in → passthrough → out";
const PUSHED = "push, in → breaker → out";
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
    { name: PUSHED, prepare: () => pushing(GUARDED) },
    { name: BARE, baseline: BARE, prepare: splitting },
    { name: "NDJSON file, loop over node:readline", baseline: BARE, prepare: readline },
    { name: "NDJSON file, in → out", baseline: BARE, prepare: (scale) => shipping(DIRECT, scale) },
    { name: SHIPPED, baseline: BARE, prepare: (scale) => shipping(GUARDED, scale) },
  ],
  comparisons: [
    { what: "events/s in → breaker → out, an ack each", of: PUSHED, by: "rate", target: 5_000_000 },
    {
      what: "events/s in → breaker → out: to passthrough",
      of: PUSHED,
      to: THROUGH,
      by: "rate",
      target: 1 / 3,
    },
    { what: "events/s from a file: pipeline to bare loop", of: SHIPPED, to: BARE, by: "rate", target: 0.7 },
  ],
  readings: [
    {
      name: "memory more after 10,000,000 events than after 1,000,000",
      unit: "kB",
      target: 256,
      take: growth,
    },
  ],
};
