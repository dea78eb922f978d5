import {
  activeHandles,
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
    { name: "resident, whole process", unit: "MB", target: 400, take: resident, ofBuild: true },
    { name: "resident, a process without a registry", unit: "MB", take: residentBefore },
    { name: "created in", unit: "s", target: 3, take: creation, ofBuild: true },
    { name: "got by name at random", unit: "ns each", take: lookup, ofBuild: true },
    { name: "evicted in", unit: "s", take: eviction, ofBuild: true },
    { name: "created again in", unit: "s", take: recreation, ofBuild: true },
    { name: "timers and other active handles", unit: "", target: 0, take: activeHandles },
    { name: "processor time in an idle second", unit: "ms", target: 5, take: idleTime },
  ],
};
