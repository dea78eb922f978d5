import {
  DIRECT,
  GUARDED,
  PASSTHROUGH,
  pushing,
  pushingBatches,
  READING,
  shippingFile,
} from "../cases/push.ts";
import type { Section } from "../section.ts";

const THROUGH = "push, in → passthrough → out";
const PUSHED = "push, in → breaker → out";

const BATCHES_THROUGH = "push, in → passthrough → out, 100 acks in one answer";
const BATCHES_PUSHED = "push, in → breaker → out, 100 acks in one answer";

const FILE = "file, in → breaker → out";

/** Events from memory and from a file through graphs, into a sink that counts and acknowledges. */
export const push: Section = {
  name: "push",
  title: "events from memory, or a file of NDJSON, into a sink that only counts",
  operation: "event",
  cases: [
    { name: THROUGH, ofBuild: true, prepare: (scale) => pushing(PASSTHROUGH, scale) },
    { name: "push, in → out", ofBuild: true, prepare: (scale) => pushing(DIRECT, scale) },
    { name: PUSHED, ofBuild: true, prepare: (scale) => pushing(GUARDED, scale) },
    { name: BATCHES_THROUGH, baseline: BATCHES_THROUGH, prepare: () => pushingBatches(PASSTHROUGH) },
    { name: BATCHES_PUSHED, baseline: BATCHES_THROUGH, prepare: () => pushingBatches(GUARDED) },
    {
      name: FILE,
      baseline: FILE,
      ofBuild: true,
      buildBound: 1 / 1.6,
      prepare: (scale) => shippingFile(GUARDED, scale),
    },
    {
      name: `${FILE}, where reads the data`,
      baseline: FILE,
      ofBuild: true,
      prepare: (scale) => shippingFile(READING, scale),
    },
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
    {
      what: "events/s in → breaker → out, 100 acks in one answer: to passthrough",
      of: BATCHES_PUSHED,
      to: BATCHES_THROUGH,
      by: "rate",
      target: 0.7,
    },
  ],
};
