import {
  activeHandles,
  bytesOfOne,
  bytesWithName,
  creation,
  eviction,
  idleTime,
  lookup,
  recreation,
  resident,
  residentBefore,
} from "../cases/capacity.ts";
import type { Section } from "../section.ts";

/** A million breakers by name in one registry. */
export const memory: Section = {
  name: "memory",
  title: "1,000,000 breakers by name",
  operation: "breaker",
  cases: [],
  comparisons: [],
  readings: [
    {
      name: "linear memory of a breaker, 10 buckets, 1 stripe",
      unit: "bytes",
      target: 256,
      take: bytesOfOne,
    },
    { name: "linear memory by breaker, with name and directory", unit: "bytes", take: bytesWithName },
    { name: "resident, whole process", unit: "MB", target: 400, take: resident },
    { name: "resident, a process without a registry", unit: "MB", take: residentBefore },
    { name: "created in", unit: "s", target: 3, take: creation },
    { name: "got by name at random", unit: "ns each", take: lookup },
    { name: "evicted in", unit: "s", take: eviction },
    { name: "created again in", unit: "s", take: recreation },
    { name: "timers and other active handles", unit: "", target: 0, take: activeHandles },
    { name: "processor time in an idle second", unit: "ms", target: 5, take: idleTime },
  ],
};
