import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { blocksOf } from "./programs.ts";

const ROOT = join(import.meta.dirname, "../..");

it("docs/memory.md shows the memory as assembly/layout.ts does", () => {
  const source = readFileSync(join(ROOT, "assembly/layout.ts"), "utf8");
  const comment = source.slice(0, source.indexOf(" */\n")).split("\n");
  const first = comment.findIndex((line) => /^ \* +byte/.test(line));
  const picture = comment
    .slice(first)
    .map((line) => line.slice(3).trimEnd())
    .filter((line) => line !== "");
  const text = readFileSync(join(ROOT, "docs/memory.md"), "utf8");
  expect(blocksOf(text, "text").at(-1)!.trimEnd().split("\n")).toEqual(picture);
});
