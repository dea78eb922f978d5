import { bytesByBreaker, bytesOfOne, bytesWithName } from "../cases/linear-memory.ts";
import type { Section } from "../section.ts";

/** Linear memory of breakers. */
export const layout: Section = {
  name: "layout",
  title: "breakers in linear memory",
  operation: "breaker",
  cases: [],
  comparisons: [],
  readings: [
    {
      name: "linear memory of a breaker, 10 buckets, 1 stripe",
      unit: "bytes",
      target: 320,
      take: bytesOfOne,
    },
    { name: "linear memory by breaker, with what growth leaves", unit: "bytes", take: bytesByBreaker },
    { name: "the same for threads, with name and name table", unit: "bytes", take: bytesWithName },
  ],
};
