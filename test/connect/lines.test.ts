import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "../../src/connect/text/lines.ts";
import { MAXIMUM_LINE_BYTES } from "../../src/connect/text/splitter.ts";
import type { SourceItem } from "../../src/flow/ends.ts";
import { MemoryPeak } from "./support/memory.ts";
import { dataOf, split, splitAt } from "./support/splitting.ts";

function lines(text: string | Buffer, limit?: number): SourceItem[] {
  return split(new LineSplitter(limit), text);
}

describe("LineSplitter", () => {
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
    const whole = splitAt(new LineSplitter(20), text, []);
    expect(whole).toHaveLength(5);
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        expect(splitAt(new LineSplitter(20), text, [first, second])).toEqual(whole);
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
          expect(dataOf(splitAt(new LineSplitter(), bytes, borders))).toEqual(expected);
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
    const splitter = new LineSplitter(10);
    const items = splitAt(splitter, Buffer.from(`1\n"${"x".repeat(50)}`), [4, 9, 20]);
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
      const items = splitAt(new LineSplitter(), bytes, [cut]);
      expect(items).toMatchObject([{ malformed: { line: 1 } }, { malformed: { line: 4 } }]);
    }
  });

  it("keeps keys that JavaScript gives a meaning", () => {
    const [data] = dataOf(lines('{"__proto__":{"a":1},"constructor":2}\n'));
    expect(JSON.stringify(data)).toBe('{"__proto__":{"a":1},"constructor":2}');
  });

  it("skips a line of 200 MB in constant memory", () => {
    const splitter = new LineSplitter();
    const items: SourceItem[] = [];
    const chunk = Buffer.alloc(65_536, "x");
    const peak = new MemoryPeak();
    for (let fed = 0; fed < 200_000_000; fed += chunk.length) {
      splitter.feed(chunk, items);
      peak.look();
    }
    splitter.feed(Buffer.from("\n2\n"), items);
    expect(items).toMatchObject([{ malformed: { line: 1, text: "x".repeat(200) } }, { data: 2 }]);
    expect(peak.megabytes).toBeLessThan(5);
  });
});
