import { join } from "node:path";
import { expect, it } from "vitest";
import { start } from "../process.ts";
import { inRuntime } from "../runtime.ts";

const PROGRAM = join(import.meta.dirname, "../../../bench/run.mjs");

interface Section {
  readonly name: string;
  readonly cases: readonly { readonly name: string; readonly ns: number; readonly ratio: number | null }[];
  readonly broken: readonly unknown[];
}

interface Report {
  readonly short: boolean;
  readonly machine: { readonly browser: string };
  readonly sections: readonly Section[];
}

inRuntime("chromium", ({ version }) => {
  it("a short run of the benchmark measures every case that needs no Node", {
    timeout: 120_000,
  }, async () => {
    const parameters = [PROGRAM, "--browser", "--short", "--json"];
    const { short, machine, sections } = JSON.parse(
      await start(process.execPath, parameters, { limitMs: 100_000 }),
    ) as Report;
    expect(short).toBe(true);
    expect(machine.browser).toBe(`Chromium ${version}`);
    expect(sections.map(({ name }) => name)).toEqual(["boundary", "core", "batch", "threads"]);
    for (const { name, cases, broken } of sections) {
      expect(broken, name).toEqual([]);
      expect(cases.length, name).toBeGreaterThan(3);
      for (const one of cases) {
        expect(one.ns, one.name).toBeGreaterThan(0);
        expect(one.ratio, one.name).toBeGreaterThan(0);
      }
    }
    expect(sections.flatMap(({ cases }) => cases).length).toBeGreaterThan(35);
  });

  it("sections that need Node are refused on a page, naming those that there are", async () => {
    const run = start(process.execPath, [PROGRAM, "--browser", "--filter", "execute"]);
    await expect(run).rejects.toThrow(/no section "execute"; sections are: boundary, core, batch, threads/);
  });
});
