import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonEvent } from "../../src/ndjson/event-line.ts";
import { LineBuffer } from "../../src/ndjson/line-buffer.ts";

const utf8 = new TextEncoder();

function textOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString();
}

function ofData(data: unknown): JsonEvent {
  return { data, text: undefined, raw: undefined };
}

function ofText(text: string): JsonEvent {
  return { data: JSON.parse(text), text, raw: undefined };
}

/** The lines of one chunk, as the reader hands them over. */
function ofChunk(...lines: string[]): JsonEvent[] {
  const bytes = utf8.encode(lines.map((line) => `${line}\n`).join(""));
  let end = -1;
  return lines.map((line) => {
    const start = end + 1;
    end = start + utf8.encode(line).length;
    return { data: JSON.parse(line), text: line, raw: { bytes, start, end } };
  });
}

function filled(events: readonly JsonEvent[]): LineBuffer {
  const buffer = new LineBuffer();
  for (const event of events) buffer.add(event);
  return buffer;
}

const LONG = JSON.stringify("x".repeat(3_000));

describe("LineBuffer", () => {
  it("makes one line of each event, from its bytes, its text or its data", () => {
    const [raw] = ofChunk('{"a": 1e400}');
    const events = [raw!, ofText(" 9007199254740993"), ofData({ b: "ä\n" })];
    expect(textOf(filled(events).take())).toBe('{"a": 1e400}\n 9007199254740993\n{"b":"ä\\n"}\n');
  });

  it("counts lines and bytes of UTF-8, and returns what each line adds", () => {
    const buffer = new LineBuffer();
    const [raw] = ofChunk('"😀"');
    expect([buffer.add(ofData("ä")), buffer.add(raw!), buffer.add(ofText('"\\u00e4"'))]).toEqual([5, 7, 9]);
    expect([buffer.count, buffer.byteLength]).toEqual([3, 21]);
    expect(Buffer.concat(buffer.take())).toHaveLength(21);
    expect([buffer.count, buffer.byteLength]).toEqual([0, 0]);
    expect(buffer.take()).toEqual([]);
  });

  it("returns adjacent lines of one chunk as one part of that chunk", () => {
    const events = ofChunk(LONG, "1", LONG, "2");
    const parts = filled(events).take();
    expect(parts).toHaveLength(1);
    expect(parts[0]!.buffer).toBe(events[0]!.raw!.bytes.buffer);
    expect(textOf(parts)).toBe(`${LONG}\n1\n${LONG}\n2\n`);
  });

  it("begins a new part where a line of the chunk is left out, and copies short runs into one", () => {
    const long = ofChunk(LONG, "1", LONG);
    expect(filled([long[0]!, long[2]!]).take()).toHaveLength(2);
    const short = ofChunk("1", "2", "3", "4", "5");
    const parts = filled([short[0]!, short[2]!, short[4]!]).take();
    expect(parts).toHaveLength(1);
    expect(textOf(parts)).toBe("1\n3\n5\n");
  });

  it("adds the line feed that the chunk does not have behind the line", () => {
    const bytes = utf8.encode(`1\r\n${LONG}`);
    const raws = [
      { bytes, start: 0, end: 1 },
      { bytes, start: 3, end: bytes.length },
    ];
    const events = raws.map((raw) => ({ data: undefined, text: undefined, raw }));
    expect(textOf(filled(events).take())).toBe(`1\n${LONG}\n`);
  });

  it("never changes a part that was taken", () => {
    const buffer = filled([ofData("first")]);
    const taken = buffer.take();
    buffer.add(ofData("second"));
    expect(textOf(taken)).toBe('"first"\n');
    expect(textOf(buffer.take())).toBe('"second"\n');
  });

  it("writes half a character that a text ends with as U+FFFD, and counts it so", () => {
    const buffer = new LineBuffer();
    expect(buffer.add({ data: undefined, text: '"\ud83d"', raw: undefined })).toBe(6);
    expect(textOf(buffer.take())).toBe('"\ufffd"\n');
  });

  it("adds nothing of an event that JSON cannot say", () => {
    const buffer = filled([ofData(1)]);
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const data of [undefined, () => 1, 1n, cycle]) {
      expect(() => buffer.add(ofData(data))).toThrow(TypeError);
    }
    expect([buffer.count, buffer.byteLength]).toEqual([1, 2]);
    expect(textOf(buffer.take())).toBe("1\n");
  });

  it("agrees with a join of the lines, for any order of raw lines, texts and data of any length", () => {
    const line = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.tuple(fc.constantFrom("x", "ä", "😀"), fc.nat(30_000)).map(([unit, length]) => unit.repeat(length)),
    );
    const pick = fc.record({ at: fc.nat(30), as: fc.constantFrom("raw", "text", "data") });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.array(pick, { maxLength: 40 }),
        fc.array(fc.nat(40)),
        (values, picks, takes) => {
          const lines = values.map((value) => JSON.stringify(value));
          const raws = ofChunk(...lines);
          const buffer = new LineBuffer();
          const parts: Uint8Array[] = [];
          let expected = "";
          picks.forEach(({ at, as }, index) => {
            const event = raws[at % raws.length]!;
            const added =
              as === "raw"
                ? event
                : { ...event, raw: undefined, text: as === "text" ? event.text : undefined };
            const json = as === "data" ? JSON.stringify(event.data) : event.text!;
            expected += `${json}\n`;
            expect(buffer.add(added)).toBe(utf8.encode(json).length + 1);
            if (takes.includes(index)) parts.push(...buffer.take());
          });
          parts.push(...buffer.take());
          expect(textOf(parts)).toBe(expected);
        },
      ),
    );
  });
});
