import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ENCODINGS } from "../../../src/connect/base/decoder.ts";
import { StreamBytes } from "../../../src/connect/file/byte-reader.ts";
import { DecodedBytes } from "../../../src/connect/file/decoded-bytes.ts";
import { openSource } from "../../../src/connect/open.ts";
import type { SourceItem } from "../../../src/flow/protocol/source-and-sink.ts";
import { dataOf } from "../../ndjson/reading.ts";
import { makeFile, makeFolder } from "../support/folder.ts";
import { pullAll } from "../support/pulling.ts";
import { zstdSync } from "../support/zstd.ts";

/** All that it decodes. */
async function textOf(bytes: DecodedBytes): Promise<string> {
  let text = "";
  for (let chunk = await bytes.read(); chunk !== undefined; chunk = await bytes.read()) text += String(chunk);
  return text;
}

async function readAll(path: string): Promise<SourceItem[]> {
  const source = await openSource(path);
  try {
    return await pullAll(source);
  } finally {
    await source.close();
  }
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
const linesOf = (count: number) => numbers(count).join("\n");

describe("a source on a compressed file", () => {
  it("reads gzip by its magic number, whatever the name", async () => {
    for (const name of ["events.ndjson.gz", "events.GZ", "events.ndjson"]) {
      const path = await makeFile(name, gzipSync(linesOf(50_000)));
      expect(dataOf(await readAll(path))).toEqual(numbers(50_000));
    }
  });

  it("reads the members of a file that gzip has added to", async () => {
    const path = await makeFile("a.gz", Buffer.concat([gzipSync("1\n"), gzipSync("2\n3"), gzipSync("4\n")]));
    expect(dataOf(await readAll(path))).toEqual([1, 2, 34]);
  });

  it("reads an array where the name without .gz ends in .json", async () => {
    expect(dataOf(await readAll(await makeFile("a.json.gz", gzipSync(" [1,\n2]"))))).toEqual([1, 2]);
    expect(dataOf(await readAll(await makeFile("a.ndjson.gz", gzipSync("[1,2]"))))).toEqual([[1, 2]]);
  });

  it.skipIf(ENCODINGS.includes("zstd"))("says how to read zstd where Node cannot", async () => {
    const path = await makeFile("a.zst", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]));
    await expect(readAll(path)).rejects.toMatchObject({
      what: expect.stringMatching(/zstd needs Node 22\.15/),
      hint: `decompress it on the way: zstd -dc ${path} | bluesmoke run … --in -`,
    });
  });

  it("ships what lies before a missing end, then fails and names the file", async () => {
    const bytes = gzipSync(linesOf(20_000));
    const path = await makeFile("cut.gz", bytes.subarray(0, bytes.length - 9));
    const source = await openSource(path);
    const taken: SourceItem[] = [];
    const error = await (async () => {
      for (;;) taken.push(...((await source.pull()) ?? []));
    })().catch((fault: unknown) => fault);
    await source.close();
    expect(error).toMatchObject({
      code: "ERR_SOURCE",
      message: expect.stringMatching(/cut\.gz: cannot be read: not valid gzip: unexpected end of file\n/),
    });
    // The last line has no line feed yet: nobody can tell whether it is whole.
    expect(dataOf(taken)).toEqual(numbers(19_999));
  });

  it("refuses text whose name says that it is compressed", async () => {
    for (const [name, what] of [
      ["a.gz", "gzip"],
      ["a.zst", "zstd"],
    ]) {
      const source = await openSource(await makeFile(name ?? "", "1\n2\n"));
      await expect(source.pull()).rejects.toThrow(`cannot be read: not ${what}, although its name says so`);
      await source.close();
    }
  });

  it("takes an empty file for one without events", async () => {
    expect(await readAll(await makeFile("a.gz", ""))).toEqual([]);
    expect(await readAll(await makeFile("a.gz", gzipSync("")))).toEqual([]);
  });

  it("reads a named pipe", async () => {
    const path = join(await makeFolder(), "pipe");
    execFileSync("mkfifo", [path]);
    const [source, writer] = await Promise.all([openSource(path), open(path, "w")]);
    await writer.write(gzipSync("1\n2\n"));
    await writer.close();
    expect(dataOf(await pullAll(source))).toEqual([1, 2]);
    await source.close();
  });

  // Node 20 has no zstd; Node 22.15 and later have, and run this.
  it.skipIf(zstdSync === undefined)("reads zstd, and frames that zstd has added", async () => {
    const frames = [zstdSync!(Buffer.from("1\n")), zstdSync!(Buffer.from("2\n"))];
    expect(dataOf(await readAll(await makeFile("a.zst", Buffer.concat(frames))))).toEqual([1, 2]);
  });

  it.skipIf(zstdSync !== undefined)("says which Node reads zstd", async () => {
    const source = await openSource(await makeFile("a.zst", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1])));
    await expect(source.pull()).rejects.toThrow(/cannot be read: zstd needs Node 22\.15 or 23\.8/);
    await source.close();
  });
});

describe("a stream", () => {
  it("is known to be compressed although its first bytes come one by one", async () => {
    const stream = new PassThrough();
    const bytes = new DecodedBytes("stdin", new StreamBytes("stdin", stream));
    const reading = textOf(bytes);
    for (const byte of gzipSync("1\n")) {
      stream.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    stream.end();
    expect(await reading).toBe("1\n");
    await bytes.close();
  });

  it("of text is not waited for", async () => {
    const stream = new PassThrough();
    const bytes = new DecodedBytes("stdin", new StreamBytes("stdin", stream));
    stream.write("1");
    expect(String(await bytes.read())).toBe("1");
    await bytes.close();
  });
});
