import { spawn } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const PROGRAM = join(import.meta.dirname, "../../bench/run.mjs");
/** It takes some seconds; on a busy machine more. */
const PATIENCE_MS = 120_000;

interface Case {
  readonly name: string;
  readonly ns: number;
  readonly rounds: readonly number[];
  readonly baseline: string | null;
  readonly ratio: number | null;
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
  readonly comparisons: readonly { readonly what: string; readonly target: number; readonly met: boolean }[];
  readonly readings: readonly Reading[];
  readonly missing: readonly string[];
  readonly broken: readonly unknown[];
}

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...options: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...options], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe("a short run of the benchmark", () => {
  let run: Run;
  let sections: readonly Section[];

  beforeAll(async () => {
    run = await bench("--short", "--json");
    sections = run.stdout === "" ? [] : JSON.parse(run.stdout).sections;
  }, PATIENCE_MS);

  it("ends well, with nothing but JSON on stdout and its progress on stderr", () => {
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      format: 1,
      short: true,
      machine: { node: process.versions.node },
    });
    expect(run.stderr).toContain("core");
  });

  it("measures every case that needs no other package, and none of them is broken", () => {
    expect(sections.map((section) => section.name)).toEqual([
      "boundary",
      "core",
      "verdict",
      "batch",
      "threads",
      "execute",
      "pipeline",
      "memory",
      "size",
    ]);
    for (const { name, cases, readings, missing, broken } of sections) {
      expect(broken, name).toEqual([]);
      expect(cases.length + readings.length, name).toBeGreaterThan(2);
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
      expect(value, name).toBeGreaterThanOrEqual(0);
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
    for (const { what, target, met } of judged) {
      expect(target, what).toBeGreaterThan(0);
      expect(typeof met, what).toBe("boolean");
    }
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
    expect(stderr).toMatch(/"boundery"; sections are: boundary, core, verdict, .*, memory, size\n/);
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
    expect(stdout).toMatch(/--filter SECTION.*--short.*--json/s);
  });
});
