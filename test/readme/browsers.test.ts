import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { blocksOf, compileAll } from "./programs.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/browsers.md"), "utf8");

it("docs/browsers.md has programs that compile and run", async () => {
  const programs = blocksOf(PAGE, "ts");
  expect(programs.length).toBe(1);
  for (const file of compileAll("browsers", programs)) await import(/* @vite-ignore */ file);
});
