/** Checks of what the scripts in the runtimes report. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { read } from "../conformance/player.mjs";

/** What `conform.mjs` returns. */
export type Reports = Readonly<
  Record<string, { readonly steps: number; readonly differences: readonly string[] }>
>;

/** Results of scenarios by name: true, or what went wrong. */
export type Results = Readonly<Record<string, unknown>>;

/** What the scripts called `facts.mjs` report. */
export interface Facts {
  readonly version: string;
  readonly reports: Reports;
  readonly scenarios: Results;
}

/** The conformance script as a text, for runtimes that read no files. */
export const SCRIPT = readFileSync(new URL("../conformance/script.json", import.meta.url), "utf8");

const STEPS = read(SCRIPT).cases.reduce((sum, { steps }) => sum + steps.length, 0);
/** How many there are in scenarios.mjs. */
const SCENARIOS = 16;
/** How many there are in http.mjs. */
export const REQUESTS = 23;

/** Fails unless exactly those flavours played the whole script without a difference. */
export function expectConformance(reports: Reports, flavours: readonly string[]): void {
  const good = { steps: STEPS, differences: [] };
  expect(reports).toEqual(Object.fromEntries(flavours.map((flavour) => [flavour, good])));
}

/** Fails unless every one of so many results is true. */
export function expectAll(results: Results, count = SCENARIOS): void {
  expect(Object.entries(results).filter(([, result]) => result !== true)).toEqual([]);
  expect(Object.keys(results)).toHaveLength(count);
}
