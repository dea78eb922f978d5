import { DIRECT, GUARDED, PASSTHROUGH, pushing } from "../cases/push.ts";
import type { Section } from "../section.ts";

const THROUGH = "push, in → passthrough → out";
const PUSHED = "push, in → breaker → out";

/** Events from memory through graphs, into a sink that counts and acknowledges. */
export const push: Section = {
  name: "push",
  title: "events from memory into a sink that only counts",
  operation: "event",
  cases: [
    { name: THROUGH, ofBuild: true, prepare: (scale) => pushing(PASSTHROUGH, scale) },
    { name: "push, in → out", ofBuild: true, prepare: (scale) => pushing(DIRECT, scale) },
    { name: PUSHED, ofBuild: true, prepare: (scale) => pushing(GUARDED, scale) },
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
  ],
};
