import { growth } from "../cases/endurance.ts";
import { readline, shipping, splitting } from "../cases/pipeline.ts";
import { DIRECT, GUARDED } from "../cases/push.ts";
import type { Section } from "../section.ts";

const BARE = "NDJSON file, bare loop of split and JSON.parse";
const SHIPPED = "NDJSON file, in → breaker → out";

/** Events through graphs into a sink that counts and acknowledges. */
export const pipeline: Section = {
  name: "pipeline",
  title: "events into a sink that only counts",
  operation: "event",
  cases: [
    { name: BARE, baseline: BARE, prepare: splitting },
    { name: "NDJSON file, loop over node:readline", baseline: BARE, prepare: readline },
    { name: "NDJSON file, in → out", baseline: BARE, prepare: (scale) => shipping(DIRECT, scale) },
    { name: SHIPPED, baseline: BARE, prepare: (scale) => shipping(GUARDED, scale) },
  ],
  comparisons: [
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
