import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { entryFile, loadLibrary } from "../../bench/library.ts";
import { BUILD_SECTIONS } from "../../bench/sections/builds.ts";
import { compareBuilds, PATIENCE_MS } from "./program.ts";

const ROOT = join(import.meta.dirname, "../..");
const EMPTY = mkdtempSync(join(tmpdir(), "bluesmoke-empty-"));
writeFileSync(join(EMPTY, "package.json"), JSON.stringify({ version: "0.0.0", exports: {}, bin: {} }));

/** Packages that only look like builds: of version 0.1, whose functions get a signal, and of the call object. */
function fakeBuild(main: string, threads: string): string {
  const root = mkdtempSync(join(tmpdir(), "bluesmoke-fake-"));
  const exports = {
    ".": { types: "./none.d.ts", node: { import: "./main.mjs" } },
    "./threads": "./threads.mjs",
  };
  writeFileSync(
    join(root, "package.json"),
    JSON.stringify({ version: "9.9.9", exports, bin: { b: "./b.mjs" } }),
  );
  writeFileSync(join(root, "main.mjs"), main);
  writeFileSync(join(root, "threads.mjs"), threads);
  return root;
}
const FIRST = fakeBuild(
  `export class CircuitBreakerRegistry {
    static shared({ threads }) { return "shared by " + threads; }
    get() { return { execute: (fn, options) => fn("signal", options) }; }
    export() { return "exported"; }
    evictIdle(nowMs) { return nowMs; }
  }`,
  "",
);
const CURRENT = fakeBuild(
  `export class CircuitBreakerRegistry {
    get() { return { execute: (fn, options) => fn({ signal: "signal" }, options) }; }
  }
  export const exportState = () => "exported";
  export const evictIdle = (registry, nowMs) => nowMs;`,
  'export const createSharedRegistry = ({ threads }) => "shared by " + threads;',
);

afterAll(() => {
  for (const root of [EMPTY, FIRST, CURRENT]) rmSync(root, { recursive: true });
});

describe("the comparison of two builds", () => {
  it("prints the ratio of each chosen case with its bound", { timeout: PATIENCE_MS }, async () => {
    const { code, stdout, stderr } = await compareBuilds(
      ROOT,
      ROOT,
      "tickets: success: executeSync",
      "registries: a registry with one breaker",
      "--short",
      "--json",
    );
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ format: 1, short: true, old: ROOT, new: ROOT });
    expect(report.cases).toMatchObject([
      { section: "tickets", case: "success: executeSync", unit: "ns", bound: 1.05 },
      { section: "registries", case: "a registry with one breaker", unit: "µs", bound: 1.05 },
    ]);
    for (const one of report.cases) {
      expect(one.ratio).toBeCloseTo(one.new / one.old, 6); // one round: nothing to take a median of
      expect(one.met).toBe(one.ratio <= one.bound);
    }
  });

  it("is broken where a build has no entry, naming the case and the build", {
    timeout: PATIENCE_MS,
  }, async () => {
    const { code, stderr } = await compareBuilds(ROOT, EMPTY, "tickets: snapshot", "--short");
    expect(code).toBe(1);
    expect(stderr).toContain("broken: tickets: snapshot, new: ");
    expect(stderr).toContain("build it with npm run build");
  });

  it("lists its cases", async () => {
    const { code, stdout } = await compareBuilds("--list");
    expect(code).toBe(0);
    expect(stdout).toContain("timeouts: timeout: bluesmoke, signal read\n");
    expect(stdout).not.toContain("opossum");
  });

  it.each([
    [["one"], "two paths are required: OLD NEW"],
    [[ROOT, join(EMPTY, "nowhere")], "there is no package.json in "],
    [[ROOT, ROOT, "no such case"], 'no case contains "no such case"; --list prints the cases'],
    [["--fast"], "--fast"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await compareBuilds(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
  });
});

describe("the adapter of the benchmark", () => {
  it("loads this build, whose calls get a signal", async () => {
    const library = await loadLibrary({});
    const registry = library.registry();
    const breaker = registry.get("endpoint");
    const seen: AbortSignal[] = [];
    const use = async (signal: AbortSignal) => seen.push(signal);
    await library.reading(breaker, use)();
    await library.reading(breaker, use, { timeoutMs: 1_000 })();
    await library.ignoring(breaker, async () => 1)();
    expect(seen.map((signal) => signal instanceof AbortSignal && !signal.aborted)).toEqual([true, true]);
    expect(breaker.snapshot().calls).toBe(3);
    expect(library.exportState(registry)).toBeDefined();
  });

  it.each([
    ["0.1", FIRST],
    ["the call object", CURRENT],
  ])("has the same interface for a build of %s", async (_, build) => {
    const library = await loadLibrary({ build });
    const registry = library.registry();
    const breaker = registry.get("endpoint");
    const use = ((signal: unknown) => signal) as never;
    expect(await library.reading(breaker, use)()).toBe("signal");
    expect(await library.reading(breaker, use, { timeoutMs: 1 })()).toBe("signal");
    expect(await library.ignoring(breaker, async () => 1)()).toBe(1);
    expect(library.exportState(registry)).toBe("exported");
    expect(library.evictIdle(registry, 7)).toBe(7);
    expect(await library.sharedRegistry()).toBe("shared by 2");
    expect(library.version).toBe("9.9.9");
    expect(library.command).toBe(join(build, "b.mjs"));
  });

  it("resolves entries as Node does", () => {
    expect(entryFile(ROOT, ".")).toMatch(/dist.*\.js$/);
    expect(() => entryFile(ROOT, "./none")).toThrow('has no "./none": build it with npm run build');
  });

  it("gives every case a name of its own in its section", () => {
    for (const { name, cases, readings = [] } of BUILD_SECTIONS) {
      const names = [...cases, ...readings].map((one) => one.name);
      expect(new Set(names).size, name).toBe(names.length);
    }
  });
});
