/** What the scripts in the runtimes report, judged in one place. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { read } from "../conformance/player.mjs";

/** What `conform.mjs` returns. */
export type Reports = Readonly<
  Record<string, { readonly steps: number; readonly differences: readonly string[] }>
>;

/** What the scripts called `facts.mjs` say. */
export interface Facts {
  readonly version: string;
  readonly reports: Reports;
  readonly tour: Readonly<Record<string, unknown>>;
}

/** The script of conformance as a text, for runtimes that read no files. */
export const SCRIPT = readFileSync(new URL("../conformance/script.json", import.meta.url), "utf8");

const STEPS = read(SCRIPT).cases.reduce((sum, { steps }) => sum + steps.length, 0);
/** How many there are in tour.mjs. */
const STATIONS = 8;

/** Fails unless exactly those flavours have played the whole script without a difference. */
export function expectConformance(reports: Reports, flavours: readonly string[]): void {
  const good = { steps: STEPS, differences: [] };
  expect(reports).toEqual(Object.fromEntries(flavours.map((flavour) => [flavour, good])));
}

/** Fails unless every station of the tour was as it should be. */
export function expectTour(tour: Readonly<Record<string, unknown>>): void {
  expect(Object.entries(tour).filter(([, fact]) => fact !== true)).toEqual([]);
  expect(Object.keys(tour)).toHaveLength(STATIONS);
}
