import { describe, expect, it } from "vitest";
import { deploy, linesFrom } from "../../src/embed/index.ts";
import type { SourceItem } from "../../src/flow/protocol/source-and-sink.ts";

const OPEN_ROAD = "select event from in into out;";

async function* chunks(...parts: (Uint8Array | string)[]): AsyncGenerator<Uint8Array | string> {
  yield* parts;
}

async function itemsOf(source: ReturnType<typeof linesFrom>): Promise<SourceItem[]> {
  const all: SourceItem[] = [];
  for (let items = await source.pull(); items !== undefined; items = await source.pull()) all.push(...items);
  return all;
}

describe("linesFrom", () => {
  it("cuts bytes into the same lines wherever the chunks end, also inside of a character", async () => {
    const bytes = new TextEncoder().encode('\uFEFF{"word":"blåse"}\r\n\n[1,\t2]\n 3.0 \n"👍"');
    const expected = [
      { data: { word: "blåse" }, text: '{"word":"blåse"}' },
      { data: [1, 2], text: "[1,\t2]" },
      { data: 3, text: " 3.0 " },
      { data: "👍", text: '"👍"' },
    ];
    for (let size = 1; size <= bytes.length; size++) {
      const parts: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) parts.push(bytes.slice(at, at + size));
      expect(await itemsOf(linesFrom(chunks(...parts)))).toMatchObject(expected);
    }
  });

  it("keeps nothing of a chunk whose memory is used again", async () => {
    async function* reusing(): AsyncGenerator<Uint8Array> {
      const memory = new TextEncoder().encode('{"a":');
      yield memory;
      memory.set(new TextEncoder().encode("1}\n2\n"));
      yield memory;
    }
    expect(await itemsOf(linesFrom(reusing()))).toMatchObject([{ data: { a: 1 } }, { data: 2 }]);
  });

  it("sends what is no JSON, no UTF-8 or too long to err, with the number of its line, and goes on", async () => {
    const source = linesFrom(chunks("1\nno\n", new Uint8Array([34, 0xff, 34, 10]), '"12345', '678"\n5\n'), {
      maximumLineBytes: 8,
    });
    expect(await itemsOf(source)).toMatchObject([
      { data: 1 },
      { malformed: { line: 2, text: "no" } },
      { malformed: { line: 3, error: "not valid UTF-8", base64: expect.any(String) } },
      { malformed: { line: 4, error: "longer than 8 bytes", bytes: expect.any(Number) } },
      { data: 5 },
    ]);
  });

  it("keeps a character whose halves come in two texts, and replaces one that never ends", async () => {
    const emoji = "😀";
    const source = linesFrom(chunks(`"${emoji[0]}`, `${emoji[1]}"\n"`, `${emoji[0]}"`));
    expect(await itemsOf(source)).toMatchObject([{ data: emoji }, { data: "\ufffd" }]);
  });

  it("keeps the whole text of a malformed line", async () => {
    const text = `{"a": ${"x".repeat(500)}`;
    expect(await itemsOf(linesFrom(chunks(`${text}\n`)))).toMatchObject([{ malformed: { text } }]);
  });

  it("is a source of a pipeline over the body of a response", async () => {
    const out: unknown[] = [];
    const body = new Response('{"id":1}\n{"id":2}\nx\n').body as ReadableStream<Uint8Array>;
    const { finished } = deploy(OPEN_ROAD, {
      sources: { body: linesFrom(body) },
      sinks: { out: (data) => void out.push(data) },
    });
    expect(await finished).toMatchObject({ read: 3, delivered: 2, err: 1 });
    expect(out).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("ends at once when the flow stops, although a stream or an iterable never yields any more", async () => {
    async function* stuck(): AsyncGenerator<string> {
      yield "1\n2";
      await new Promise(() => {});
    }
    const canceled: unknown[] = [];
    const silent = new ReadableStream<Uint8Array>({ cancel: (reason) => void canceled.push(reason) });
    for (const stream of [stuck(), silent]) {
      const { stop, accounting } = deploy(OPEN_ROAD, { sources: { lines: linesFrom(stream) } });
      await new Promise((resolve) => setTimeout(resolve, 10));
      await stop();
      expect(accounting.inFlight).toBe(0);
    }
    expect(canceled).toHaveLength(1);
  });

  it("refuses a limit out of range", () => {
    expect(() => linesFrom(chunks(), { maximumLineBytes: 0 })).toThrow(
      "maximumLineBytes must be a whole number from 1 to 268435456, got 0",
    );
  });

  it("passes lines on unchecked where it shall not validate, and finds the malformed ones where they are read", async () => {
    const stream = () => linesFrom(chunks('{"a":1}\n{broken\n{"a":2}\n'), { validate: false });
    const out: unknown[] = [];
    const direct = deploy(OPEN_ROAD, {
      sources: { lines: stream() },
      sinks: { out: (data) => void out.push(data) },
    });
    expect(await direct.finished).toMatchObject({ read: 3, delivered: 2, failed: 1 });
    const selecting = deploy("select event from in where event.a > 0 into out;", {
      sources: { lines: stream() },
      sinks: { out: (data) => void out.push(data) },
    });
    expect(await selecting.finished).toMatchObject({ read: 3, delivered: 2, err: 1 });
    expect(out).toEqual([{ a: 1 }, { a: 2 }, { a: 1 }, { a: 2 }]);
  });

  it("refuses a validate that is not true or false", () => {
    expect(() => linesFrom(chunks(), { validate: 0 } as never)).toThrow(
      "validate must be true or false, got 0",
    );
  });
});
