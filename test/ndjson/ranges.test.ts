import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineRange, type ReadAt, rangesOf } from "../../src/ndjson/ranges.ts";

/** A file whose reads return at most `most` bytes. */
function fileOf(
  text: string,
  most = Number.POSITIVE_INFINITY,
): { readAt: ReadAt; size: number; reads: number[] } {
  const bytes = new TextEncoder().encode(text);
  const reads: number[] = [];
  return {
    size: bytes.length,
    reads,
    async readAt(offset, size) {
      reads.push(offset);
      return bytes.slice(offset, offset + Math.min(size, most));
    },
  };
}

async function partsOf(text: string, count: number, most?: number): Promise<string[]> {
  const { readAt, size } = fileOf(text, most);
  const bytes = Buffer.from(text);
  return (await rangesOf(readAt, size, count)).map(({ start, end }) => bytes.toString("utf8", start, end));
}

describe("rangesOf", () => {
  it("cuts a file behind the line that the border is in", async () => {
    expect(await partsOf("11\n22\n33\n44\n", 2)).toEqual(["11\n22\n", "33\n44\n"]);
    expect(await partsOf("1111\n22\n33\n", 2)).toEqual(["1111\n22\n", "33\n"]);
    expect(await partsOf("1\n2\n3", 3)).toEqual(["1\n", "2\n", "3"]);
  });

  it("makes fewer ranges where lines are long, and none of an empty file", async () => {
    expect(await partsOf("11111111\n2", 4)).toEqual(["11111111\n", "2"]);
    expect(await partsOf("one line", 4)).toEqual(["one line"]);
    expect(await partsOf("", 4)).toEqual([]);
    expect(await partsOf("\n", 4)).toEqual(["\n"]);
  });

  it("reads nothing for one range", async () => {
    const { readAt, size, reads } = fileOf("1\n2\n");
    expect(await rangesOf(readAt, size, 1)).toEqual([{ start: 0, end: 4 }]);
    expect(reads).toEqual([]);
  });

  it("ends where a file ends that was cut meanwhile", async () => {
    const gone: ReadAt = async () => new Uint8Array(0);
    expect(await rangesOf(gone, 100, 2)).toEqual([{ start: 0, end: 100 }]);
  });

  it("has each line in one range, in order, for any file, count and size of reads", async () => {
    const line = fc.string({ unit: fc.constantFrom("a", "ä", "😀", "\r"), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 7 }),
        async (lines, isOpen, count, most) => {
          const text = lines.join("\n") + (isOpen ? "" : "\n");
          const { readAt, size } = fileOf(text, most);
          const ranges: readonly LineRange[] = await rangesOf(readAt, size, count);
          const bytes = Buffer.from(text);
          const parts = ranges.map(({ start, end }) => bytes.subarray(start, end));
          expect(Buffer.concat(parts).toString()).toBe(text);
          expect(parts.length).toBeLessThanOrEqual(count);
          for (const part of parts.slice(0, -1)) expect(part.at(-1)).toBe(10);
          const longest = Math.max(0, ...lines.map((one) => Buffer.byteLength(one))) + 1;
          for (const part of parts) expect(part.length).toBeLessThanOrEqual(size / count + longest + 1);
        },
      ),
    );
  });
});
