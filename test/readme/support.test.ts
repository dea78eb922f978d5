import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MANIFEST } from "../architecture/packed.ts";
import { tableOf } from "./table.ts";

const README = readFileSync("README.md", "utf8");
const SUPPORT = readFileSync("docs/support.md", "utf8");

describe("docs/support.md", () => {
  it("has the versions of Node that README says are tested, and their ends in the same words", () => {
    const rows = tableOf(SUPPORT, "Node");
    const versions = rows.map(([version]) => version);
    const tested = /^\| Node \| ([^|]+) \|/m.exec(README)![1]!.trim().split(", ");
    expect(versions).toEqual(tested.map((version) => version.split(".")[0]));
    for (const [version, end] of rows) {
      const date = /^\d{4}-\d\d-\d\d/.exec(end!)![0];
      expect(README).toMatch(new RegExp(`\\b${version} (ended|ends)? ?on ${date}`));
    }
  });

  it("has the range of package.json", () => {
    expect(SUPPORT).toContain(`\`${MANIFEST.engines.node}\``);
  });
});
