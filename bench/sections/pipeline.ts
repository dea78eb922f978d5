import { growth } from "../cases/endurance.ts";
import { finding, parsing, using, type Width } from "../cases/lines.ts";
import { readline, shipping, splitting } from "../cases/pipeline.ts";
import { DIRECT, GUARDED } from "../cases/push.ts";
import type { Case, Section } from "../section.ts";

const BARE = "NDJSON file, bare loop of split and JSON.parse";
const SHIPPED = "NDJSON file, in → breaker → out";

const WIDTHS: Readonly<Record<Width, string>> = { narrow: "50-byte lines", wide: "1 kB lines" };

/** What each case of `linesCases` is called. */
function named(width: Width, what: string): string {
  return `${WIDTHS[width]}, ${what}`;
}

function linesCases(width: Width): readonly Case[] {
  const baseline = named(width, "split and JSON.parse");
  const cases: Record<string, Case["prepare"]> = {
    "split and JSON.parse": (scale) => parsing(width, scale),
    "validating scan": (scale) => finding(width, scale),
    "no scan": (scale) => finding(width, scale, { validate: false }),
    "each parsed later": (scale) => using(width, scale),
  };
  return Object.entries(cases).map(([what, prepare]) => ({ name: named(width, what), baseline, prepare }));
}

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
    ...linesCases("narrow"),
    ...linesCases("wide"),
  ],
  comparisons: [
    { what: "events/s from a file: pipeline to bare loop", of: SHIPPED, to: BARE, by: "rate", target: 0.7 },
    ...(["narrow", "wide"] as const).map((width) => ({
      what: `lines/s, ${WIDTHS[width]}: validating scan to JSON.parse`,
      of: named(width, "validating scan"),
      to: named(width, "split and JSON.parse"),
      by: "rate" as const,
      target: 2,
    })),
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
