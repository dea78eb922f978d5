import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Item, MAXIMUM_LINE_BYTES } from "../../src/ndjson/item.ts";
import { LineReader } from "../../src/ndjson/line-reader.ts";
import type { LineScanner } from "../../src/ndjson/line-scanner.ts";
import { scannersOver } from "../../src/ndjson/scanners.ts";
import { MemoryPeak } from "../connect/support/memory.ts";
import { dataOf, read, readAt, said } from "./reading.ts";

function lines(text: string | Buffer, limit?: number): object[] {
  return read(new LineReader({ maximumLineBytes: limit }), text);
}

describe("LineReader", () => {
  it("reads one value a line, whatever JSON calls a value", () => {
    expect(dataOf(lines('{"a":1}\n[2]\n"three"\n4\nnull\ntrue\n'))).toEqual([
      { a: 1 },
      [2],
      "three",
      4,
      null,
      true,
    ]);
  });

  it("reads the same wherever the borders of the chunks lie", () => {
    const text = Buffer.from(
      '\ufeff{"word":"Käse"}\r\n\r\n["😀"]\n{broken\n  \n"long enough to be refused"\n7',
    );
    const whole = readAt(new LineReader({ maximumLineBytes: 20 }), text, []);
    expect(whole).toHaveLength(5);
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        expect(readAt(new LineReader({ maximumLineBytes: 20 }), text, [first, second])).toEqual(whole);
      }
    }
  });

  it("agrees with splitting the whole text, for any values and any borders", () => {
    const values = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 20 });
    fc.assert(
      fc.property(
        values,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.constantFrom("\n", "\r\n", "\n\n"),
        (all, cuts, end) => {
          const bytes = Buffer.from(all.map((value) => JSON.stringify(value) + end).join(""));
          const borders = cuts.map((cut) => cut % (bytes.length + 1));
          const expected = all.map((value) => JSON.parse(JSON.stringify(value)));
          expect(dataOf(readAt(new LineReader(), bytes, borders))).toEqual(expected);
        },
      ),
    );
  });

  it("keeps the text of each line, without the line's end", () => {
    const texts = ["12345678901234567890", ' {"a": 0.0} ', '"\\u00e4"', "1e2"];
    expect(lines(texts.join("\r\n")).map((item) => "text" in item && item.text)).toEqual(texts);
    expect(lines(`${texts.join("\n")}\n`).map((item) => "text" in item && item.text)).toEqual(texts);
  });

  it("reads the last line without a line feed", () => {
    expect(dataOf(lines("1\n2"))).toEqual([1, 2]);
  });

  it("drops a byte order mark at the start and nowhere else", () => {
    expect(dataOf(lines("\ufeff1\n2\n"))).toEqual([1, 2]);
    expect(lines("1\n\ufeff2\n")[1]).toHaveProperty("malformed.line", 2);
  });

  it("passes over blank lines but counts them for the line number", () => {
    const items = lines("\n  \t\r\n\r\n1\n\nx\n");
    expect(items[0]).toEqual({ data: 1, text: "1" });
    expect(items[1]).toHaveProperty("malformed.line", 6);
    expect(items).toHaveLength(2);
  });

  it("takes a line of other white space for malformed, since JSON does", () => {
    expect(lines("\u00a0\n")[0]).toHaveProperty("malformed.line", 1);
  });

  it("reports malformed JSON with line, reason and its whole text, and goes on", () => {
    const broken = `{"a": ${"é".repeat(300)}`;
    const items = lines(`1\n${broken}\n3\n`);
    expect(items[1]).toEqual({
      malformed: { line: 2, error: expect.stringContaining("JSON"), text: broken },
    });
    expect(items[2]).toEqual({ data: 3, text: "3" });
  });

  it("takes a line of exactly the limit and refuses one byte more", () => {
    const fits = `"${"x".repeat(MAXIMUM_LINE_BYTES - 2)}"`;
    const items = lines(`${fits}\n"y${fits.slice(1)}\n3\n`);
    expect(items[0]).toEqual({ data: fits.slice(1, -1), text: fits });
    expect(items[1]).toEqual({
      malformed: {
        line: 2,
        error: "longer than 1048576 bytes",
        text: `"y${"x".repeat(198)}`,
        bytes: MAXIMUM_LINE_BYTES + 1,
      },
    });
    expect(items[2]).toEqual({ data: 3, text: "3" });
  });

  it("measures a line in bytes, not in characters", () => {
    expect(lines('"ääää"\n', 9)[0]).toHaveProperty("malformed.error", "longer than 9 bytes");
    expect(lines('"ääää"\n', 10)[0]).toEqual({ data: "ääää", text: '"ääää"' });
  });

  it("refuses an over-long last line without a line feed", () => {
    const reader = new LineReader({ maximumLineBytes: 10 });
    const items = readAt(reader, Buffer.from(`1\n"${"x".repeat(50)}`), [4, 9, 20]);
    expect(items[1]).toEqual({
      malformed: { line: 2, error: "longer than 10 bytes", text: `"${"x".repeat(50)}`, bytes: 51 },
    });
  });

  it("refuses bytes that are no UTF-8 instead of changing them, and only their line", () => {
    const items = lines(Buffer.concat([Buffer.from('1\n"'), Buffer.from([0xff]), Buffer.from('"\n3\n')]));
    expect(items[0]).toEqual({ data: 1, text: "1" });
    const text = { text: '"\ufffd"', base64: Buffer.from([0x22, 0xff, 0x22]).toString("base64") };
    expect(items[1]).toEqual({ malformed: { line: 2, error: "not valid UTF-8", ...text } });
    expect(items[2]).toEqual({ data: 3, text: "3" });
  });

  it("counts lines rightly behind bytes that are no UTF-8, wherever the borders lie", () => {
    const bytes = Buffer.concat([Buffer.from([0xff]), Buffer.from("\n\n\nx\n")]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const items = readAt(new LineReader(), bytes, [cut]);
      expect(items).toMatchObject([{ malformed: { line: 1 } }, { malformed: { line: 4 } }]);
    }
  });

  it("keeps keys that JavaScript gives a meaning", () => {
    const [data] = dataOf(lines('{"__proto__":{"a":1},"constructor":2}\n'));
    expect(JSON.stringify(data)).toBe('{"__proto__":{"a":1},"constructor":2}');
  });

  it("skips a line of 200 MB in constant memory", () => {
    const reader = new LineReader();
    const items: Item[] = [];
    const chunk = Buffer.alloc(65_536, "x");
    const peak = new MemoryPeak();
    for (let fed = 0; fed < 200_000_000; fed += chunk.length) {
      reader.feed(chunk, items);
      peak.look();
    }
    reader.feed(Buffer.from("\n2\n"), items);
    expect(items).toMatchObject([{ malformed: { line: 1, text: "x".repeat(200) } }, { data: 2 }]);
    expect(peak.megabytes).toBeLessThan(5);
  });

  it("reads the same where all lines before were used, and where none were", () => {
    const chunk = (n: number) => new TextEncoder().encode(`{"ä":${n}}\r\n \n{x\n"${n}"\r\n[${n}`);
    const all = (use: (item: Item) => unknown) => {
      const reader = new LineReader();
      const items: Item[] = [];
      for (let n = 0; n < 6; n++) {
        const from = items.length;
        reader.feed(chunk(n), items);
        if (n < 4) for (const item of items.slice(from)) use(item);
      }
      reader.end(items);
      return said(items);
    };
    const used = all((item) => "data" in item && item.data);
    expect(used).toEqual(all(() => undefined));
    expect(used).toHaveLength(19);
  });

  it("parses at once what follows lines of which most were used, and scans again behind others", () => {
    const { unsure, validating, passing } = scannersOver(undefined);
    const calls: string[] = [];
    const spied = (name: string, scanner: LineScanner): LineScanner => ({
      results: scanner.results,
      scan(bytes, start, end) {
        calls.push(name);
        return scanner.scan(bytes, start, end);
      },
    });
    const reader = new LineReader({
      scanners: { unsure: spied("unsure", unsure), validating: spied("validating", validating), passing },
    });
    for (const isUsed of [false, true, true, false, false]) {
      const items: Item[] = [];
      reader.feed(new TextEncoder().encode("1\n2\n3\n"), items);
      if (isUsed) expect(dataOf(items)).toEqual([1, 2, 3]);
    }
    expect(calls).toEqual(["validating", "validating", "unsure", "unsure", "validating"]);
  });
});
