import { textFirst, textMedian, textSlowest } from "../cases/metrics.ts";
import type { Section } from "../section.ts";

/** How long the event loop is blocked by one collection, with the default of 1,000 series. */
export const metrics: Section = {
  name: "metrics",
  title: "one collection of 100,000 breakers",
  operation: "collection",
  cases: [],
  comparisons: [],
  readings: [
    { name: "metricsText, median of 50", unit: "ms", target: 20, take: textMedian },
    { name: "metricsText, slowest of 50", unit: "ms", target: 20, take: textSlowest },
    { name: "metricsText, the first", unit: "ms", take: textFirst },
  ],
};
