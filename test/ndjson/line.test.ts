import { describe, expect, it, vi } from "vitest";
import type { Item } from "../../src/ndjson/item.ts";
import { Line, LineBlock } from "../../src/ndjson/line.ts";
import { LineReader } from "../../src/ndjson/line-reader.ts";

const utf8 = new TextEncoder();

/** The lines of a text that ends with a line feed. */
function linesOf(text: string): Line[] {
  const items: Item[] = [];
  new LineReader().feed(utf8.encode(text), items);
  return items as Line[];
}

describe("Line", () => {
  it("is not parsed before its data is read, and once in all", () => {
    const parse = vi.spyOn(JSON, "parse");
    try {
      const [line] = linesOf('{"a":1}\n[2]\n');
      expect(line!.text).toBe('{"a":1}');
      expect(parse).not.toHaveBeenCalled();
      expect(line!.data).toBe(line!.data);
      expect(parse).toHaveBeenCalledTimes(1);
    } finally {
      parse.mockRestore();
    }
  });

  it("has the bytes of its text in its chunk, without the end of the line", () => {
    const chunk = utf8.encode('{"a":1}\r\n "ä" \n7\n');
    const items: Item[] = [];
    new LineReader().feed(chunk, items);
    const raws = items.map((item) => ("raw" in item ? item.raw! : undefined)!);
    for (const { bytes } of raws) expect(bytes).toBe(chunk);
    const texts = raws.map(({ bytes, start, end }) => new TextDecoder().decode(bytes.subarray(start, end)));
    expect(texts).toEqual(['{"a":1}', ' "ä" ', "7"]);
    expect(items.map((item) => "text" in item && item.text)).toEqual(texts);
  });

  it("has its own text also beside a line that is not UTF-8", () => {
    const items: Item[] = [];
    const bytes = Buffer.concat([utf8.encode('"ä"\r\n'), Uint8Array.of(0xff, 10), utf8.encode("[2]\n")]);
    new LineReader().feed(bytes, items);
    expect(items.map((item) => ("text" in item ? item.text : "malformed"))).toEqual([
      '"ä"',
      "malformed",
      "[2]",
    ]);
  });

  it("keeps digits that JavaScript cannot hold, and duplicate keys, in its text", () => {
    const [line] = linesOf('{"id":9007199254740993,"id":1e400}\n');
    expect(line!.data).toEqual({ id: Number.POSITIVE_INFINITY });
    expect(line!.text).toBe('{"id":9007199254740993,"id":1e400}');
  });
});

describe("LineBlock", () => {
  it("is used where the data of more than half of its lines was read", () => {
    const bytes = utf8.encode("1\n2\n3\n");
    const block = new LineBlock(bytes, 0, 5, 3);
    const lines = [0, 1, 2].map((index) => new Line(block, index, 2 * index, 2 * index + 1));
    expect([lines[0]!.data, block.isUsed]).toEqual([1, false]);
    expect([lines[1]!.data, block.isUsed]).toEqual([2, true]);
  });
});
