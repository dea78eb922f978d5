/** The programs of docs/testing.md, each in its runner. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { blocksOf } from "../readme/programs.ts";
import { createProject, FOLDER } from "./project.ts";

const TEXT = readFileSync(join(FOLDER, "../../docs/testing.md"), "utf8");
const VITEST = join(FOLDER, "../../node_modules/vitest/vitest.mjs");

/** The only block of that kind. */
function block(kind: string): string {
  const blocks = blocksOf(TEXT, kind);
  expect(blocks, kind).toHaveLength(1);
  return blocks[0]!;
}

/** The module under test, written with `require`. */
function toCommon(module: string): string {
  return module
    .replace(/^import (\{.*\}) from ("\S+");$/gm, "const $1 = require($2);")
    .replace(/^export const (\w+)/gm, "const $1 = exports.$1")
    .replace(/^export async function (\w+)/gm, "exports.$1 = $1;\nasync function $1");
}

it("vitest runs its program", async () => {
  const files = { "stock.mjs": block("js app"), "stock.test.mjs": block("js vitest") };
  const project = createProject("testing-vitest", { ...files, "vitest.config.mjs": "export default {};\n" });
  const { code, output } = await project.run(VITEST, "run", "--config", "vitest.config.mjs");
  expect(output).toMatch(/Tests .*3 passed/);
  expect(code).toBe(0);
});

it("jest runs its program", async () => {
  const project = createProject("testing-jest", {
    "stock.cjs": toCommon(block("js app")),
    "stock.test.js": block("js jest"),
  });
  const { code, output } = await project.run("node_modules/jest/bin/jest.js");
  expect(output).toContain("Tests:       3 passed, 3 total");
  expect(code).toBe(0);
});

it.each([
  ["node:test", 3],
  ["sinon", 2],
])("Node runs the program with %s", async (kind, count) => {
  const files = { "stock.mjs": block("js app"), "stock.test.mjs": block(`js ${kind}`) };
  const project = createProject(`testing-${kind.replace(":", "-")}`, files);
  const { code, output } = await project.run("--test", "stock.test.mjs");
  expect(output).toMatch(new RegExp(`^(?:#|ℹ) pass ${count}$`, "m"));
  expect(code).toBe(0);
});
