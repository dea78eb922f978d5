import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { compile } from "../../src/trickle/index.ts";
import { blocksOf, compileAll, outputsOf } from "./programs.ts";

const ROOT = join(import.meta.dirname, "../..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

const blocks = (language: string) => blocksOf(README, language);

describe("README", () => {
  it("has at most 150 lines", () => {
    expect(README.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("has programs that compile and run", async () => {
    const programs = blocks("ts");
    expect(programs).toHaveLength(2);
    const files = compileAll("readme", programs);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (const file of files) await import(/* @vite-ignore */ file);
    expect(warn).not.toHaveBeenCalled();
  });

  it("has programs for Node that compile, and that do what they say with the built package", () => {
    const programs = blocks("js");
    compileAll("readme-node", programs);
    expect(outputsOf("readme-node", programs)).toEqual([""]);
  });

  it("has a pipeline that compiles without a warning, and the same as examples/pipeline.trickle", () => {
    const [pipeline] = blocks("trickle");
    expect(compile(pipeline!).warnings).toEqual([]);
    expect(readFileSync(join(ROOT, "examples/pipeline.trickle"), "utf8")).toBe(pipeline);
  });

  it("gives two commands that package.json knows", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
    expect(scripts).toHaveProperty("start");
    expect(scripts).toHaveProperty("test");
    expect(README).toMatch(/^npm ci && npm start$/m);
    expect(README).toMatch(/^npm ci && npm test$/m);
  });
});
