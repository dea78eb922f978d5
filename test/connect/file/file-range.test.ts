import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countLines, cutFile, RangeBytes } from "../../../src/connect/file/file-range.ts";
import type { LineRange } from "../../../src/ndjson/ranges.ts";
import { makeFile, makeFolder } from "../support/folder.ts";

async function textOf(path: string, range: LineRange): Promise<string> {
  const reader = await RangeBytes.open(path, range);
  const chunks: Buffer[] = [];
  for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) chunks.push(chunk);
  await reader.close();
  return Buffer.concat(chunks).toString();
}

describe("a file that is cut at lines", () => {
  it("has every line in exactly one range", async () => {
    const path = join(await makeFolder(), "lines");
    const line = fc.oneof(fc.constant(""), fc.string({ maxLength: 30 }), fc.constant("x".repeat(70_000)));
    const lines = fc.array(
      line.map((text) => text.replaceAll("\n", " ")),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), fc.integer({ min: 1, max: 9 }), async (all, ends, parts) => {
        const text = all.join("\n") + (ends ? "\n" : "");
        await writeFile(path, text);
        const ranges = await cutFile(path, parts);
        expect(ranges.length).toBeGreaterThan(0);
        expect(ranges.length).toBeLessThanOrEqual(parts);
        const texts = await Promise.all(ranges.map((range) => textOf(path, range)));
        expect(texts.join("")).toBe(text);
        for (const part of texts.slice(0, -1)) expect(part.at(-1)).toBe("\n");
        const counts = await Promise.all(ranges.map((range) => countLines(path, range)));
        const whole = text === "" ? [] : text.replace(/\n$/, "").split("\n");
        expect(counts.reduce((sum, { lines }) => sum + lines, 0)).toBe(whole.length);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it("has ranges of about the same size", async () => {
    const path = await makeFile("lines", `${"x".repeat(99)}\n`.repeat(1_000));
    const sizes = (await cutFile(path, 4)).map(({ start, end }) => end - start);
    expect(sizes).toEqual([25_000, 25_000, 25_000, 25_000]);
  });

  it("keeps its ranges while it grows", async () => {
    const path = await makeFile("lines", "1\n2\n");
    const [range] = await cutFile(path, 1);
    await writeFile(path, "3\n", { flag: "a" });
    expect(await textOf(path, range!)).toBe("1\n2\n");
  });

  it("has blank lines that are no events", async () => {
    const path = await makeFile("lines", "1\n\n \t\r\n2\r\n 3");
    expect(await countLines(path, { start: 0, end: 100 })).toEqual({ lines: 5, events: 3 });
  });

  it("must be there", async () => {
    await expect(cutFile("/nowhere/lines", 2)).rejects.toThrow(
      "/nowhere/lines: cannot be read: no such file",
    );
  });
});
