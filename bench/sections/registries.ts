import { collecting } from "../cases/collect.ts";
import {
  bytesOfKeptObjects,
  bytesOfRegistries,
  creatingRegistries,
  exporting,
  heapOfBreakers,
  memoryOfBreakers,
  optionSets,
} from "../cases/registries.ts";
import type { Section } from "../section.ts";

/** Registries, and many breakers as a whole. */
export const registries: Section = {
  name: "registries",
  title: "registries as a whole",
  operation: "registry",
  cases: [],
  comparisons: [],
  readings: [
    { name: "4,000 distinct sets of options", unit: "s", ofBuild: true, take: optionSets },
    { name: "export of 1,000,000 breakers", unit: "s", ofBuild: true, take: exporting },
    {
      name: "collect of 100,000 breakers that are all busy",
      unit: "ms",
      target: 10,
      take: (scale) => collecting(scale, 0),
    },
    {
      name: "the same, half a window later",
      unit: "ms",
      target: 10,
      take: (scale) => collecting(scale, 5_000),
    },
    { name: "a registry with one breaker", unit: "µs", ofBuild: true, take: creatingRegistries },
    { name: "memory of a registry with one breaker", unit: "kB", ofBuild: true, take: bytesOfRegistries },
    {
      name: "memory of 1,000,000 breakers, no object kept",
      unit: "MB",
      ofBuild: true,
      buildBound: 1.2,
      take: memoryOfBreakers,
    },
    {
      name: "heap of a breaker whose object is not kept",
      unit: "bytes",
      ofBuild: true,
      buildBound: Number.POSITIVE_INFINITY,
      take: heapOfBreakers,
    },
    {
      name: "heap of a kept object, more",
      unit: "bytes",
      ofBuild: true,
      buildBound: Number.POSITIVE_INFINITY,
      take: bytesOfKeptObjects,
    },
  ],
};
