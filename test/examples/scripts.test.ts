import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const EXAMPLES = join(import.meta.dirname, "../../examples");

/** What an example prints, line by line. */
async function linesOf(name: string): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(EXAMPLES, name)]);
  expect(stderr).toBe("");
  return stdout.trimEnd().split("\n");
}

describe("the example", () => {
  it("deploy.mjs opens its breaker, closes it, and accounts for every order", async () => {
    const lines = await linesOf("deploy.mjs");
    expect(lines).toContain("shop: opened");
    expect(lines).toContain("shop: closed");
    const [, booked, failed, kept] =
      /^100 orders: (\d+) booked, (\d+) failed, (\d+) kept/.exec(lines.at(-1) ?? "") ?? [];
    expect(Number(booked) + Number(failed) + Number(kept)).toBe(100);
    expect(Number(failed)).toBeGreaterThanOrEqual(3);
  });

  it("transform.mjs shows the flights that are late", async () => {
    expect(await linesOf("transform.mjs")).toEqual(['{"minutes":45}', '{"minutes":90}']);
  });
});
