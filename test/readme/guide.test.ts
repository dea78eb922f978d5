import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { blocksOf, compileAll } from "./programs.ts";

const GUIDE = readFileSync(join(import.meta.dirname, "../../docs/guide.md"), "utf8");

describe("the guide", () => {
  it("has programs that compile and run", async () => {
    const programs = blocksOf(GUIDE, "ts");
    expect(programs.length).toBeGreaterThan(3);
    const files = compileAll("guide", programs);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    for (const file of files) await import(/* @vite-ignore */ file);
    expect(log.mock.calls).toEqual([
      ["hung_calls", 20],
      ["mode", Number.POSITIVE_INFINITY],
      ["mail"],
      [1, true],
      ["rates", "closed", 1, 1, undefined],
    ]);
  });
});
