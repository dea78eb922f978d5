import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHUNK_SIZE } from "../../src/connect/file/byte-reader.ts";
import { ArrayReader } from "../../src/ndjson/array-reader.ts";
import type { Item } from "../../src/ndjson/item.ts";
import { MemoryPeak } from "../connect/support/memory.ts";
import { dataOf, read, readAt } from "./reading.ts";

function elements(text: string | Buffer, limit?: number): object[] {
  return read(new ArrayReader(limit), text);
}

function malformed(items: readonly object[]): unknown[] {
  return items.filter((item) => "malformed" in item).map((item) => item.malformed);
}

describe("ArrayReader", () => {
  it("makes an event of each element of a real data set in one line", () => {
    const bytes = readFileSync(
      new URL("../../node_modules/vega-datasets/data/flights-200k.json", import.meta.url),
    );
    const cuts = Array.from({ length: bytes.length / CHUNK_SIZE }, (_, i) => (i + 1) * CHUNK_SIZE);
    const data = dataOf(readAt(new ArrayReader(), bytes, cuts));
    expect(data).toHaveLength(200_000);
    expect(JSON.stringify(data) === JSON.stringify(JSON.parse(bytes.toString()))).toBe(true);
  });

  it("agrees with JSON.parse, for any array, any layout and any borders of the chunks", () => {
    const layout = fc.constantFrom(undefined, 1, "\t");
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue({ maxDepth: 3 })),
        layout,
        fc.array(fc.nat()),
        (values, indent, cuts) => {
          const text = `\ufeff ${JSON.stringify(values, null, indent)}\n`;
          const bytes = Buffer.from(text);
          const borders = cuts.map((cut) => cut % (bytes.length + 1));
          expect(dataOf(readAt(new ArrayReader(), bytes, borders))).toEqual(JSON.parse(text.trim()));
        },
      ),
    );
  });

  it("is not led astray by brackets, commas, quotes and backslashes in strings", () => {
    const values = ['],[{}"\\', '\\"', { "a,]": ["}{"] }, "\\\\"];
    const bytes = Buffer.from(JSON.stringify(values));
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(dataOf(readAt(new ArrayReader(), bytes, [cut]))).toEqual(values);
    }
  });

  it("finds nothing in an empty array", () => {
    for (const text of ["[]", " [ \n ] \n"]) {
      for (let cut = 0; cut <= text.length; cut++) {
        expect(readAt(new ArrayReader(), Buffer.from(text), [cut])).toEqual([]);
      }
    }
  });

  it("reports a malformed element with its number and offset and goes on, wherever the borders lie", () => {
    const text = Buffer.from('[1, {"a":x}, 3,\n"😀"]');
    const expected = [
      { data: 1, text: "1" },
      { malformed: { element: 2, byte: 3, error: expect.stringContaining("JSON"), text: ' {"a":x}' } },
      { data: 3, text: "3" },
      { data: "😀", text: '"😀"' },
    ];
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        expect(readAt(new ArrayReader(), text, [first, second])).toEqual(expected);
      }
    }
  });

  it("reports a missing element, also where a chunk ends behind the comma", () => {
    for (const text of ["[,1]", "[1,,2]", "[1,]"]) {
      for (let cut = 0; cut <= text.length; cut++) {
        const items = readAt(new ArrayReader(), Buffer.from(text), [cut]);
        expect(malformed(items)).toHaveLength(1);
      }
    }
  });

  it("never joins pieces that are not JSON by themselves", () => {
    expect(malformed(elements('[{"a":1],{"b":2}]')).length).toBeGreaterThan(0);
    expect(malformed(elements('[{"a":[1},2]}]')).length).toBeGreaterThan(0);
    expect(malformed(elements("[1}, 2]"))).toHaveLength(1);
  });

  it("reports a file that ends inside the array", () => {
    const ends = { error: "the file ends inside the array" };
    expect(malformed(elements('[1,{"a":'))).toMatchObject([{ ...ends, element: 2, byte: 3, text: '{"a":' }]);
    expect(malformed(elements("[1,2"))).toMatchObject([{ ...ends, element: 2 }]);
    expect(malformed(elements("["))).toMatchObject([{ ...ends, element: 1 }]);
  });

  it("reports text after the array once, and reads no further", () => {
    const reader = new ArrayReader();
    const items = readAt(reader, Buffer.from("[1]\n[2]\n[3]\n"), [8]);
    expect(items).toEqual([
      { data: 1, text: "1" },
      {
        malformed: {
          element: 2,
          byte: 4,
          error: "text after the end of the array: nothing is read from here on",
          text: "[2]\n",
        },
      },
    ]);
    expect(reader.done).toBe(true);
  });

  it("reports a file that is no array", () => {
    expect(elements(' {"a":1}')).toMatchObject([{ malformed: { byte: 1, error: "not an array" } }]);
  });

  it("refuses bytes that are no UTF-8 instead of changing them, and only their element", () => {
    const items = elements(Buffer.concat([Buffer.from('[1,"'), Buffer.from([0xc3]), Buffer.from('",3]')]));
    expect(items).toMatchObject([
      { data: 1 },
      { malformed: { element: 2, error: "not valid UTF-8" } },
      { data: 3 },
    ]);
  });

  it("keeps the text of each element, as one line, wherever the borders lie", () => {
    const text = Buffer.from('[9007199254740993,\r\n  {"a": 1e400,\n\t"a":  "ä\\n"} , "\\u0061"\n]');
    const expected = ["9007199254740993", '{"a": 1e400,"a":  "ä\\n"}', '"\\u0061"'];
    for (let cut = 0; cut <= text.length; cut++) {
      const items = readAt(new ArrayReader(), text, [cut]);
      expect(items.map((item) => "text" in item && item.text)).toEqual(expected);
    }
  });

  it("refuses an element over the limit, wherever the borders lie, and goes on", () => {
    const text = Buffer.from(`[1,"${"x".repeat(30)}","yyyyyyyy",4,"${"z".repeat(30)}"]`);
    const expected = [
      { data: 1, text: "1" },
      {
        malformed: {
          element: 2,
          byte: 3,
          error: "longer than 10 bytes",
          text: `"${"x".repeat(30)}"`,
          bytes: 32,
        },
      },
      { data: "yyyyyyyy", text: '"yyyyyyyy"' },
      { data: 4, text: "4" },
      {
        malformed: {
          element: 5,
          byte: 49,
          error: "longer than 10 bytes",
          text: `"${"z".repeat(30)}"`,
          bytes: 32,
        },
      },
    ];
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        expect(readAt(new ArrayReader(10), text, [first, second])).toEqual(expected);
      }
    }
  });

  it("knows where an element began that follows one over the limit and never ends", () => {
    const text = Buffer.from(`["${"x".repeat(30)}",[1`);
    for (let first = 0; first <= text.length; first++) {
      const items = readAt(new ArrayReader(10), text, [first, text.length - 1]);
      expect(items).toMatchObject([
        { malformed: { byte: 1 } },
        { malformed: { element: 2, byte: 34, text: "[1" } },
      ]);
    }
  });

  it("skips an element of 200 MB in constant memory", () => {
    const reader = new ArrayReader();
    const items: Item[] = [];
    const chunk = Buffer.alloc(CHUNK_SIZE, "x");
    const peak = new MemoryPeak();
    reader.feed(Buffer.from('["'), items);
    for (let fed = 0; fed < 200_000_000; fed += chunk.length) {
      reader.feed(chunk, items);
      peak.look();
    }
    reader.feed(Buffer.from('",2]'), items);
    expect(items).toMatchObject([{ malformed: { element: 1, text: `"${"x".repeat(199)}` } }, { data: 2 }]);
    expect(peak.megabytes).toBeLessThan(5);
  });
});
