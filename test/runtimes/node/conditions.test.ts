import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { expectConformance, type Reports } from "../facts.ts";
import { FOLDER } from "../installer.ts";
import { inRuntime } from "../runtime.ts";
import { askScript } from "../script.ts";

/** Which entry Node takes under a condition besides its own. */
const IN_NODE = [
  ["workerd", "workerd.js"],
  ["edge-light", "edge.js"],
  ["browser", "shared.js"],
  ["deno", "shared.js"],
  ["bun", "shared.js"],
] as const;

/** Which entry those take that build for a runtime, by the conditions that they set. */
const IN_BUNDLES = [
  ["browsers", ["module", "browser"], "main.js"],
  ["web workers", ["worker", "browser"], "main.js"],
  ["workerd", ["workerd", "worker", "browser"], "workerd.js"],
  ["Vercel's edge runtime", ["edge-light", "worker", "browser"], "edge.js"],
  ["Node", ["module", "node"], "shared.js"],
  ["Deno", ["deno", "node"], "shared.js"],
  ["Bun", ["bun", "node"], "shared.js"],
  ["anything else", [], "main.js"],
] as const;

inRuntime("node", () => {
  it.each(IN_NODE)(
    "takes its entry for the condition %s, which gives the model's answers",
    async (condition, entry) => {
      const said = await askScript<{ entry: string; report: Reports[string] }>("node", "node/condition.mjs", {
        flags: ["--import", "./node/wasm.mjs", `--conditions=${condition}`],
        folder: FOLDER,
      });
      expect(said.entry).toBe(entry);
      expectConformance({ [condition]: said.report }, [condition]);
    },
  );
});

describe("a bundle", () => {
  it.each(IN_BUNDLES)("for %s holds one way of delivering the module", async (_, conditions, entry) => {
    const { metafile } = await build({
      stdin: { contents: 'export { CircuitBreaker } from "bluesmoke";', resolveDir: FOLDER },
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: [...conditions],
      external: ["*.wasm", "*.wasm?module"],
      logLevel: "error",
    });
    const inputs = Object.keys(metafile.inputs);
    const entries = inputs.flatMap((path) => /entry\/(main|shared|workerd|edge)\.js$/.exec(path)?.[1] ?? []);
    expect(entries).toContain(entry.replace(".js", ""));
    const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
    const used = parts.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
    const builds = used.flatMap((path) => /dist\/build\/(\w+)\.js$/.exec(path)?.[1] ?? []);
    // What is not asked for is not there: the build for threads, and the text of a module that is imported.
    expect(builds).toEqual(entry === "main.js" || entry === "shared.js" ? ["release"] : []);
  });
});
