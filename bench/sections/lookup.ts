import { byMap, byRegistry } from "../cases/lookup.ts";
import type { Case, Comparison, Section } from "../section.ts";

const COUNTS = [1, 10, 100, 1_000, 10_000, 100_000];

function nameOf(who: string, count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "name" : "names"}, ${who}`;
}

function casesOf(count: number): readonly Case[] {
  const baseline = nameOf("Map", count);
  return [
    { name: baseline, baseline, prepare: (scale) => byMap(count, scale) },
    {
      name: nameOf("registry.get", count),
      baseline,
      ofBuild: true,
      prepare: (scale) => byRegistry(count, scale),
    },
  ];
}

function comparisonOf(count: number): Comparison {
  const what = `${nameOf("registry.get", count)}: to a Map`;
  return { what, of: nameOf("registry.get", count), to: nameOf("Map", count), by: "time", target: 1.5 };
}

/** Breakers by name. */
export const lookup: Section = {
  name: "lookup",
  title: "a breaker by its name, at random",
  operation: "lookup",
  cases: COUNTS.flatMap(casesOf),
  comparisons: COUNTS.map(comparisonOf),
};
