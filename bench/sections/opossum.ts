import { closed, failingIn, heard, type Library, nsOfNew, refused, replacedBy } from "../cases/opossum.ts";
import type { Case, Comparison, Section } from "../section.ts";

/** "3 times as fast", as a ratio of times. */
const A_THIRD = 1 / 3;

/** What is done, and whether the target holds for it. */
const KINDS: readonly {
  readonly what: string;
  readonly prepare: (library: Library) => ReturnType<typeof heard>;
  readonly hasTarget?: boolean;
}[] = [
  {
    what: "fire, closed, default options",
    prepare: (library) => closed(library, "default"),
    hasTarget: true,
  },
  { what: "fire, closed, lean", prepare: (library) => closed(library, "lean"), hasTarget: true },
  { what: "fire, closed, lean, a listener to successes", prepare: heard },
  { what: "fire, refused", prepare: refused, hasTarget: true },
  { what: "fire, refused, with a fallback", prepare: replacedBy },
  { what: "fire, failing", prepare: failingIn },
];

function nameOf(what: string, library: Library): string {
  return `${what}: ${library === "bluesmoke" ? "bluesmoke/opossum" : library}`;
}

const CASES: readonly Case[] = KINDS.flatMap(({ what, prepare }) => [
  {
    name: nameOf(what, "opossum"),
    baseline: nameOf(what, "opossum"),
    peer: "opossum",
    prepare: () => prepare("opossum"),
  },
  { name: nameOf(what, "bluesmoke"), baseline: nameOf(what, "opossum"), prepare: () => prepare("bluesmoke") },
]);

const COMPARISONS: readonly Comparison[] = KINDS.map(({ what, hasTarget }) => ({
  what: `${what}: bluesmoke/opossum to opossum`,
  of: nameOf(what, "bluesmoke"),
  to: nameOf(what, "opossum"),
  by: "time",
  ...(hasTarget && { target: A_THIRD }),
}));

/** The drop-in beside what it stands for. */
export const opossum: Section = {
  name: "opossum",
  title: "fire of bluesmoke/opossum and of opossum",
  operation: "call",
  cases: CASES,
  comparisons: COMPARISONS,
  readings: [
    { name: "a new breaker: opossum", unit: "ns", peer: "opossum", take: () => nsOfNew("opossum") },
    { name: "a new breaker: bluesmoke/opossum", unit: "ns", take: () => nsOfNew("bluesmoke") },
  ],
};
