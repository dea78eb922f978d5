import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../bench/report.ts";
import { contentsOf, drawingsOf, unescaped } from "./page.ts";
import { bench, PATIENCE_MS, type Run } from "./program.ts";

interface Case {
  readonly name: string;
  readonly ns: number;
  readonly rounds: readonly number[];
  readonly baseline: string | null;
  readonly ratio: number | null;
}

interface Comparison {
  readonly what: string;
  readonly target: number | null;
  readonly met: boolean | null;
}

interface Reading {
  readonly name: string;
  readonly value: number;
  readonly target: number | null;
  readonly met: boolean | null;
}

interface Section {
  readonly name: string;
  readonly cases: readonly Case[];
  readonly comparisons: readonly Comparison[];
  readonly readings: readonly Reading[];
  readonly scoreboard?: unknown;
  readonly missing: readonly string[];
  readonly broken: readonly unknown[];
}

const PAGE = join(import.meta.dirname, "../../build/bench/page.html");

let run: Run;

beforeAll(async () => {
  run = await bench("--short", "--json", "--html", PAGE);
}, PATIENCE_MS);

describe("a short run of the benchmark", () => {
  let sections: readonly Section[];

  beforeAll(() => {
    sections = run.stdout === "" ? [] : JSON.parse(run.stdout).sections;
  });

  it("ends well, with nothing but JSON on stdout and its progress on stderr", () => {
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      format: 2,
      short: true,
      machine: { node: process.versions.node },
    });
    expect(run.stderr).toContain("core");
  });

  it("measures every case that needs no other package, and none of them is broken", () => {
    expect(sections.map((section) => section.name)).toEqual([
      "boundary",
      "core",
      "detectors",
      "verdict",
      "batch",
      "threads",
      "pipeline",
      "http",
      "opossum",
      "execute",
      "timeouts",
      "tickets",
      "lookup",
      "push",
      "memory",
      "registries",
      "startup",
      "goodput",
      "fleet",
      "metrics",
      "record",
      "layout",
      "size",
    ]);
    for (const { name, cases, readings, scoreboard, missing, broken } of sections) {
      expect(broken, name).toEqual([]);
      if (scoreboard === undefined) expect(cases.length + readings.length, name).toBeGreaterThan(1);
      expect(
        missing.every((one) => /cockatiel|opossum/.test(one)),
        name,
      ).toBe(true);
      for (const one of cases) expect(one.ns, one.name).toBeGreaterThan(0);
    }
  });

  it("reads what takes no clock, and judges it where there is a target", () => {
    const readings = sections.flatMap((section) => section.readings);
    for (const { name, value, target, met } of readings) {
      // Bytes a call are a difference of two sizes of the heap: a short run that allocates nothing may read below 0.
      expect(value, name).toBeGreaterThanOrEqual(name.startsWith("heap") ? -1_000 : 0);
      expect(met, name).toBe(target === null ? null : value <= target);
    }
    const targets = readings.filter(({ target }) => target !== null).map(({ name }) => name);
    expect(targets).toContain("core, release");
    expect(targets).toContain("timers and other active handles");
  });

  it("gives every case its ratio to a case of the same section", () => {
    for (const { cases } of sections) {
      for (const one of cases) {
        const base = cases.find(({ name }) => name === one.baseline);
        expect(one.ratio, one.name).toBeCloseTo(one.ns / base!.ns, 6); // one round: nothing to take a median of
      }
    }
  });

  it("judges the targets of the core and the pipeline", () => {
    const judged = sections.flatMap((section) => section.comparisons);
    expect(judged.length).toBeGreaterThan(8);
    for (const { what, target, met } of judged.filter((one) => one.target !== null)) {
      expect(target, what).toBeGreaterThan(0);
      expect(typeof met, what).toBe("boolean");
    }
    const targets = judged.filter((one) => one.target !== null).map(({ what }) => what);
    expect(targets).toContain("ask, refused: tryAcquire");
    expect(targets).toContain("added to a failing call: bluesmoke");
    expect(targets).toContain("events/s in → breaker → out, an ack each");
  });

  it("lists all targets as goals, each met or missed", () => {
    const { goals } = JSON.parse(run.stdout) as Report;
    const judged = sections.flatMap(({ comparisons, readings }) =>
      [...comparisons, ...readings].filter((one) => one.target !== null),
    );
    expect(goals).toHaveLength(judged.length);
    expect(goals.map(({ met }) => met)).toEqual(judged.map(({ met }) => met));
    const named = goals.map(({ section, what }) => `${section}: ${what}`);
    expect(named).toContain("timeouts: timeout: bluesmoke to opossum");
    expect(named).toContain("lookup: 100,000 names, registry.get: to a Map");
    expect(named).toContain("startup: bluesmoke --version to node");
  });
});

describe("the page of a run", () => {
  let page: string;
  let report: Report;

  beforeAll(() => {
    page = readFileSync(PAGE, "utf8");
    report = JSON.parse(run.stdout) as Report;
  });

  it("needs no other file and no network", () => {
    const [json, library, charts] = contentsOf(page, "script");
    expect(contentsOf(page, "script")).toHaveLength(3);
    const markup = page.replace(json!, "").replace(library!, "").replace(charts!, "");
    expect(markup).not.toMatch(
      /\b(?:src|href|srcset|action|poster)\s*=|<(?:link|iframe|img|base|object|embed)\b/i,
    );
    expect(contentsOf(page, "style").join("")).not.toMatch(/@import|url\(/i);
    expect(`${library}${charts}`).not.toMatch(
      /\bfetch\(|XMLHttpRequest|importScripts|\bimport\(|sourceMappingURL/,
    );
    expect(library!.length).toBeGreaterThan(100_000);
  });

  it("has every case, reading and target in its tables, and the results themselves", () => {
    const cells = contentsOf(page, "td").map(unescaped);
    for (const { cases, readings, comparisons } of report.sections) {
      for (const { name } of [...cases, ...readings]) expect(cells).toContain(name);
      for (const { what } of comparisons) expect(cells).toContain(what);
    }
    expect(JSON.parse(contentsOf(page, "script")[0]!)).toEqual(report);
  });

  it("draws every case with the quartiles of its rounds", () => {
    const drawings = drawingsOf(page);
    const drawn = drawings.flatMap(({ data: { labels, datasets } }) =>
      labels.map((name, n) => ({ name, ns: datasets[0].data[n], range: datasets[0].ranges[n] })),
    );
    const measured = report.sections.flatMap(({ cases }) => cases);
    expect(measured.length).toBeGreaterThan(10);
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(drawn.sort(byName)).toEqual(
      measured.map(({ name, ns }) => ({ name, ns, range: [ns, ns] })).sort(byName), // a short run has one round
    );
  });

  it("says where, with what and by which command was measured, in light and in dark", () => {
    const { machine, command } = report;
    const text = unescaped(page);
    for (const word of [command, machine.cpu, `Node ${machine.node}`, "A short run"])
      expect(text).toContain(word);
    for (const [peer, version] of Object.entries(machine.peers)) {
      expect(text).toContain(`${peer} ${version ?? "(missing)"}`);
    }
    expect(page).toContain("prefers-color-scheme: dark");
  });
});

describe("the command line of the benchmark", () => {
  it("runs a single section", { timeout: PATIENCE_MS }, async () => {
    const { code, stdout } = await bench("--short", "--filter", "boundary");
    expect(code).toBe(0);
    expect(stdout).toContain("performance.now()");
    expect(stdout).not.toContain("by hand");
  });

  it("refuses a section that there is not, naming those that there are", async () => {
    const { code, stderr } = await bench("--filter", "boundery");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /"boundery"; sections are: boundary, core, detectors, verdict, .*, layout, size\n/,
    );
    expect(stderr).not.toContain("    at ");
  });

  it("refuses an option that there is not", async () => {
    const { code, stderr } = await bench("--fast");
    expect(code).toBe(2);
    expect(stderr).toContain("--fast");
    expect(stderr).not.toContain("    at ");
  });

  it("explains itself", async () => {
    const { code, stdout } = await bench("--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/--filter SECTION.*--short.*--json.*--html FILE/s);
  });
});
