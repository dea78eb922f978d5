import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { blocksOf, compileAll, outputsOf } from "./programs.ts";
import { tableOf } from "./table.ts";

const ROOT = join(import.meta.dirname, "../..");
const TEXT = readFileSync(join(ROOT, "docs/entries.md"), "utf8");

describe("docs/entries.md", () => {
  it("lists the entries of the package", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { exports: object };
    const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
    const listed = tableOf(TEXT, "entry").map(([name]) => name!.replace(/^bluesmoke/, "."));
    expect(listed.sort()).toEqual(entries.sort());
  });

  it("has programs that compile, and that do what they say with the built package", () => {
    const programs = blocksOf(TEXT, "js");
    compileAll("entries", programs);
    expect(outputsOf("entries", programs)).toEqual([
      "open\n",
      "payments opened, for every thread\n",
      "open true\nclosed\n",
    ]);
  });
});
