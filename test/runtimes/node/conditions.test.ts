import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { expectConformance, type Reports } from "../facts.ts";
import { FOLDER } from "../installer.ts";
import { modulesIn } from "../packed.ts";
import { inRuntime } from "../runtime.ts";
import { askScript } from "../script.ts";

/** Which entry Node takes under a condition besides its own. */
const IN_NODE = [
  ["workerd", "workerd.js"],
  ["edge-light", "edge.js"],
  ["browser", "main.js"],
  ["deno", "main.js"],
  ["bun", "main.js"],
  ["module-sync", "main.js"],
] as const;

/** Which entry those take that build for a runtime, by the conditions that they set. */
const IN_BUNDLES = [
  ["browsers", ["module", "browser"], "main.js"],
  ["web workers", ["worker", "browser"], "main.js"],
  ["workerd", ["workerd", "worker", "browser"], "workerd.js"],
  ["Vercel's edge runtime", ["edge-light", "worker", "browser"], "edge.js"],
  ["Node", ["module", "node"], "main.js"],
  ["Deno", ["deno", "node"], "main.js"],
  ["Bun", ["bun", "node"], "main.js"],
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
    const { metafile, outputFiles } = await build({
      stdin: {
        contents: 'import { CircuitBreaker } from "bluesmoke"; new CircuitBreaker("a");',
        resolveDir: FOLDER,
      },
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
    expect(inputs.flatMap((path) => /esm\/([\w-]+\.js)$/.exec(path)?.[1] ?? [])).toEqual([entry]);
    // Neither the build for threads nor, beside a module that is imported, its text.
    const modules = modulesIn(outputFiles[0]!.text); // one entry makes one file
    expect(modules).toBe(entry === "main.js" ? 1 : 0);
  });
});
