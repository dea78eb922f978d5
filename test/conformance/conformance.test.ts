/**
 * The script that every runtime is told (test/runtimes) against the model that it comes from, and against the sources.
 * `UPDATE_GOLDEN=1 npx vitest run test/conformance` chooses its cases and writes it anew.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as library from "../../src/entry/main.ts";
import { FLAVOURS } from "../flavours.ts";
import { NAMES } from "./names.ts";
import { play, read } from "./player.mjs";
import { type Script, withExports, write } from "./script.ts";
import { chooseSeeds, scriptOf, thingsOf, WANTED } from "./selection.ts";

const FILE = new URL("script.json", import.meta.url);
/** So that it stays a file that can be looked at, and that every runtime reads at once. */
const MOST_BYTES = 360_000;

/** What a registry of the release build exports stands for the bytes that all of them must give. */
function regenerate(seeds: readonly number[]): string {
  const release = FLAVOURS.find(({ name }) => name === "release")!; // one of those that are always built
  return write(withExports(scriptOf(seeds), library, (options) => release.createRegistry(options)));
}

if (process.env.UPDATE_GOLDEN === "1") {
  const { seeds, missing } = chooseSeeds();
  if (missing.length > 0) throw new Error(`no random case shows: ${missing.join("; ")}`);
  writeFileSync(FILE, regenerate(seeds));
}

const text = readFileSync(FILE, "utf8");
const script = read(text);
const seeds = script.cases.map(({ from }) => from).filter((from) => from >= 0);

describe("the script of conformance", () => {
  it("is what the model gives today", () => {
    expect(regenerate(seeds)).toBe(text);
    expect(statSync(FILE).size).toBeLessThan(MOST_BYTES);
  });

  it("shows everything that random cases of the core must meet, and every kind of name", () => {
    const shown = new Set(seeds.flatMap((seed) => [...thingsOf(seed)]));
    expect(WANTED.length).toBeGreaterThan(100);
    expect(WANTED.filter((thing) => !shown.has(thing))).toEqual([]);
    const names = new Set(script.cases.flatMap(({ breakers }) => breakers.map(({ name }) => name)));
    expect(NAMES.filter((name) => !names.has(name))).toEqual([]);
  });

  it.each(FLAVOURS)("is played by the $name core without a difference", (flavour) => {
    const { steps, differences } = play(script, library, (options) => flavour.createRegistry(options));
    expect(differences).toEqual([]);
    expect(steps).toBe(stepsOf(script));
  });
});

describe("the player of the script", () => {
  const flavour = FLAVOURS[0]!; // there are four

  /** Every place in the script where something is expected, changed by as little as there is. */
  it.each([
    ["a ticket", /("gives":)(\d+)/],
    ["a snapshot", /("shows":\{"0":\{"state":"closed","mode":"enabled","calls":)(\d)/],
    ["an event", /("tells":\{"\d":\[\["\w+","\w+","\w+","\w+","\w+",[\d.]+,)(\d+)/],
    ["an export", /("json":".*?\\"version\\":)(\d+)/],
  ])("sees %s that is another", (_, place) => {
    const changed = text.replace(place, (_all, head: string, value: string) => head + (Number(value) + 1));
    expect(changed).not.toBe(text);
    const { differences } = play(read(changed), library, (options) => flavour.createRegistry(options));
    expect(differences.length).toBeGreaterThan(0);
  });

  it("sees the last bit of a number", () => {
    const rate = /"successRate":(0\.\d{15,})/.exec(text)![1]!; // a third or the like
    const next = String(Number(rate) + Number.EPSILON / 4);
    expect(next).not.toBe(rate);
    const changed = text.replace(`"successRate":${rate}`, `"successRate":${next}`);
    const { differences } = play(read(changed), library, (options) => flavour.createRegistry(options));
    expect(differences.join("\n")).toContain(rate);
  });
});

function stepsOf({ cases }: Script): number {
  return cases.reduce((sum, { steps }) => sum + steps.length, 0);
}
