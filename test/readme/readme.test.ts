import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { compile } from "../../src/trickle/index.ts";
import { blocksOf, compileAll } from "./programs.ts";
import { tableOf } from "./table.ts";

const ROOT = join(import.meta.dirname, "../..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

const blocks = (language: string) => blocksOf(README, language);

const table = (first: string) => tableOf(README, first);

describe("README", () => {
  it("shows the memory as assembly/layout.ts does", () => {
    const source = readFileSync(join(ROOT, "assembly/layout.ts"), "utf8");
    const comment = source.slice(0, source.indexOf(" */\n")).split("\n");
    const first = comment.findIndex((line) => /^ \* +byte/.test(line));
    const picture = comment
      .slice(first)
      .map((line) => line.slice(3).trimEnd())
      .filter((line) => line !== "");
    expect(blocks("text").at(-1)!.trimEnd().split("\n")).toEqual(picture);
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
    const folder = join(ROOT, "build/readme-programs");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const printed = programs.map((program, n) => {
      writeFileSync(join(folder, `${n}.mjs`), program); // inside the package: its own name leads to its entries
      return execFileSync(process.execPath, [`${n}.mjs`], { cwd: folder, encoding: "utf8", timeout: 20_000 });
    });
    expect(printed).toEqual(["", "open\n", "payments opened, for every thread\n", "open true\nclosed\n"]);
  });

  it("lists the entries of the package", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { exports: object };
    const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
    const listed = table("entry").map(([name]) => name!.replace(/^bluesmoke/, "."));
    expect(listed.sort()).toEqual(entries.sort());
  });

  it("has a pipeline that compiles without a warning, and the same as examples/pipeline.trickle", () => {
    const [pipeline] = blocks("trickle");
    expect(compile(pipeline!).warnings).toEqual([]);
    expect(readFileSync(join(ROOT, "examples/pipeline.trickle"), "utf8")).toBe(pipeline);
  });

  it("points to files that exist", () => {
    const links = [...README.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(4);
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
  });

  it("gives two commands that package.json knows", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
    expect(scripts).toHaveProperty("start");
    expect(scripts).toHaveProperty("test");
    expect(README).toMatch(/^npm ci && npm start$/m);
    expect(README).toMatch(/^npm ci && npm test$/m);
  });
});
