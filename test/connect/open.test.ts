import { execFileSync } from "node:child_process";
import { chmod, open, symlink } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { CHUNK_SIZE, StreamBytes } from "../../src/connect/file/byte-reader.ts";
import { SplitSource } from "../../src/connect/file/split-source.ts";
import { openSource } from "../../src/connect/open.ts";
import type { Source, SourceItem } from "../../src/flow/protocol/source-and-sink.ts";
import { LineReader } from "../../src/ndjson/line-reader.ts";
import { dataOf, said } from "../ndjson/reading.ts";
import { makeFile, makeFolder } from "./support/folder.ts";
import { MemoryPeak } from "./support/memory.ts";

async function readAll(source: Source): Promise<SourceItem[]> {
  const all: SourceItem[] = [];
  for (let items = await source.pull(); items !== undefined; items = await source.pull()) all.push(...items);
  await source.close();
  return all;
}

function sourceOf(stream: Readable): Source {
  return new SplitSource("stdin", new StreamBytes("stdin", stream), () => new LineReader());
}

describe("openSource", () => {
  it("reads a file of many chunks, in order and without metadata", async () => {
    const count = 20_000;
    const text = Array.from({ length: count }, (_, i) => `{"n":${i}}`).join("\n");
    expect(text.length).toBeGreaterThan(3 * CHUNK_SIZE);
    const source = await openSource(await makeFile("events.ndjson", text));
    expect(said(await readAll(source))).toEqual(
      Array.from({ length: count }, (_, n) => ({ data: { n }, text: `{"n":${n}}` })),
    );
  });

  it("hands over no more than one chunk in a pull", async () => {
    const source = await openSource(await makeFile("events.ndjson", "1\n".repeat(CHUNK_SIZE)));
    expect(await source.pull()).toHaveLength(CHUNK_SIZE / 2);
    await source.close();
  });

  it("is named as the user named it", async () => {
    const path = await makeFile("events.ndjson", "1\n");
    const source = await openSource(path);
    expect(source.name).toBe(path);
    await source.close();
  });

  it("goes on saying that it has ended", async () => {
    const source = await openSource(await makeFile("events.ndjson", "1\n"));
    while ((await source.pull()) !== undefined);
    expect(await source.pull()).toBeUndefined();
    await source.close();
  });

  it("reads a .json file as an array when it begins with a bracket", async () => {
    const path = await makeFile("events.json", '\ufeff \n[{"a":1},\n{"b":2}]');
    expect(dataOf(await readAll(await openSource(path)))).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it("reads a .json file as lines when it begins with anything else", async () => {
    const path = await makeFile("events.json", '{"a":1}\n[2]\n');
    expect(dataOf(await readAll(await openSource(path)))).toEqual([{ a: 1 }, [2]]);
  });

  it("reads a file of any other name as lines, also when the first is an array", async () => {
    const path = await makeFile("events.ndjson", "[1]\n[2]\n");
    expect(dataOf(await readAll(await openSource(path)))).toEqual([[1], [2]]);
  });

  it("takes another limit for lines", async () => {
    const path = await makeFile("events.ndjson", '"abc"\n"abcd"\n');
    const items = await readAll(await openSource(path, { maximumLineBytes: 5 }));
    expect(items).toMatchObject([{ data: "abc" }, { malformed: { error: "longer than 5 bytes" } }]);
  });

  it.each([0, 1.5, Number.NaN, 2 ** 40])("refuses the limit %d", async (maximumLineBytes) => {
    const path = await makeFile("events.ndjson", "1\n");
    await expect(openSource(path, { maximumLineBytes })).rejects.toMatchObject({
      code: "ERR_OPTION",
      message: expect.stringMatching(/^maximumLineBytes must be a whole number from 1 to /),
    });
  });

  it("says that a file is missing, where, and what to do", async () => {
    const path = join(await makeFolder(), "missing.ndjson");
    await expect(openSource(path)).rejects.toMatchObject({
      name: "ConnectError",
      code: "ERR_SOURCE",
      where: path,
      message: `${path}: cannot be read: no such file or folder\ncheck the path and its permissions, or give "-" to read from stdin`,
    });
  });

  it("refuses a folder", async () => {
    await expect(openSource(await makeFolder())).rejects.toMatchObject({
      code: "ERR_SOURCE",
      message: expect.stringMatching(/: cannot be read: is a folder, not a file\n/),
    });
  });

  it("takes an empty file for what it is: no events", async () => {
    for (const name of ["empty.ndjson", "empty.json"]) {
      const source = await openSource(await makeFile(name, ""));
      expect(await source.pull()).toEqual([]);
      expect(await source.pull()).toBeUndefined();
      await source.close();
    }
  });

  it.skipIf(process.getuid?.() === 0)("refuses a file without permission", async () => {
    const path = await makeFile("secret.ndjson", "1\n");
    await chmod(path, 0);
    await expect(openSource(path)).rejects.toMatchObject({
      message: expect.stringContaining("no permission"),
    });
  });

  it("refuses a path that runs in circles", async () => {
    const path = join(await makeFolder(), "circle");
    await symlink(path, path);
    await expect(openSource(path)).rejects.toMatchObject({ code: "ERR_SOURCE" });
  });

  it.each(["", "http://127.0.0.1/events"])("refuses %j", async (spec) => {
    await expect(openSource(spec)).rejects.toMatchObject({ code: "ERR_SOURCE" });
  });

  it("reads a device to its end", async () => {
    expect(await readAll(await openSource("/dev/null"))).toEqual([]);
  });

  it("reads a named pipe", async () => {
    const path = join(await makeFolder(), "pipe");
    execFileSync("mkfifo", [path]);
    const [source, writer] = await Promise.all([openSource(path), open(path, "w")]);
    await writer.write("1\n2\n");
    await writer.close();
    expect(dataOf(await readAll(source))).toEqual([1, 2]);
  });

  it("closes a named pipe although a pull waits for it", async () => {
    const path = join(await makeFolder(), "pipe");
    execFileSync("mkfifo", [path]);
    const [source, writer] = await Promise.all([openSource(path), open(path, "w")]);
    const pull = source.pull();
    await source.close();
    expect(await pull).toBeUndefined();
    await writer.close();
  });

  it("closes a file although a pull is under way", async () => {
    const source = await openSource(await makeFile("events.ndjson", "1\n"));
    const pull = source.pull();
    await source.close();
    expect(await pull).toBeUndefined();
    expect(await source.pull()).toBeUndefined();
  });
});

describe("a source on a stream", () => {
  it("reads to the end", async () => {
    const chunks = ["1\n2", "3\n\u20ac"].map((text) => Buffer.from(text));
    const items = await readAll(sourceOf(Readable.from(chunks)));
    expect(items).toMatchObject([{ data: 1 }, { data: 23 }, { malformed: { line: 3, text: "\u20ac" } }]);
  });

  it("does not read ahead of the pulls", async () => {
    let made = 0;
    const stream = new Readable({
      highWaterMark: 10,
      read() {
        made++;
        this.push("12345678\n".repeat(2));
      },
    });
    const source = sourceOf(stream);
    for (let i = 0; i < 3; i++) await source.pull();
    await new Promise(setImmediate);
    expect(made).toBeLessThanOrEqual(5);
    await source.close();
  });

  it("closes although a pull waits for ever", async () => {
    const source = sourceOf(new PassThrough());
    const pull = source.pull();
    await source.close();
    expect(await pull).toBeUndefined();
  });

  it("takes nothing for a last line that was only cut off by closing", async () => {
    const stream = new PassThrough();
    const source = sourceOf(stream);
    stream.write("1\n{");
    expect(await source.pull()).toMatchObject([{ data: 1, text: "1" }]);
    const pull = source.pull();
    await source.close();
    expect(await pull).toBeUndefined();
  });

  it("says where reading broke off", async () => {
    const stream = new Readable({
      read() {
        this.destroy(Object.assign(new Error("input/output error"), { code: "EIO" }));
      },
    });
    await expect(sourceOf(stream).pull()).rejects.toMatchObject({
      code: "ERR_SOURCE",
      message: expect.stringContaining("stdin: cannot be read: input/output error\n"),
    });
  });

  it("reads 200 MB in constant memory", async () => {
    const chunk = Buffer.from('{"delay":14,"distance":2399,"time":0.0}\n'.repeat(1_600));
    let left = Math.ceil(200_000_000 / chunk.length);
    const source = sourceOf(
      new Readable({
        read() {
          this.push(left-- > 0 ? chunk : null);
        },
      }),
    );
    const peak = new MemoryPeak();
    let count = 0;
    for (let items = await source.pull(); items !== undefined; items = await source.pull()) {
      count += items.length;
      peak.look();
    }
    expect(count).toBeGreaterThan(4_900_000);
    expect(peak.megabytes).toBeLessThan(5);
  });
});

describe("a source that does not validate", () => {
  it("hands on a malformed line as it is, and throws where its data is read", async () => {
    const path = await makeFile("loose.ndjson", '{"a":1}\n{oops\n');
    const source = await openSource(path, { validate: false });
    const [first, second] = (await source.pull()) as readonly {
      data: unknown;
      raw: { bytes: Uint8Array; start: number; end: number };
    }[];
    expect(first?.data).toEqual({ a: 1 });
    const { bytes, start, end } = second?.raw ?? { bytes: new Uint8Array(), start: 0, end: 0 };
    expect(new TextDecoder().decode(bytes.subarray(start, end))).toBe("{oops");
    expect(() => second?.data).toThrow(SyntaxError);
    await source.close();
  });

  it("refuses what is neither true nor false", async () => {
    await expect(openSource("x", { validate: 1 as never })).rejects.toThrow(
      "validate must be true or false, got 1",
    );
  });
});
