import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { dataOf } from "../../ndjson/reading.ts";
import { listen, PATIENT, takeAll } from "../support/listening.ts";
import { zstdSync } from "../support/zstd.ts";

const LINES = Buffer.from('{"a":1}\n[2]\n');

describe("an HTTP server as a source", () => {
  it.each<readonly [encoding: string, body: Buffer]>([
    ["gzip", gzipSync(LINES)],
    ["GZIP", gzipSync(LINES)],
    [" x-gzip ", gzipSync(LINES)],
    ["gzip", Buffer.concat([gzipSync('{"a":1}\n'), gzipSync("[2]\n")])],
    ["deflate", deflateSync(LINES)],
    ["deflate", deflateRawSync(LINES)],
    ["Br", brotliCompressSync(LINES)],
    ...(zstdSync === undefined ? [] : [["zstd", zstdSync(LINES)] as const]),
  ])("reads a body with the content-encoding %j", async (encoding, body) => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    expect(await client.post(body, { "content-encoding": encoding })).toMatchObject({
      status: 202,
      body: { accepted: 2, malformed: 0 },
    });
    expect(dataOf(taken)).toEqual([{ a: 1 }, [2]]);
  });

  it.skipIf(zstdSync !== undefined)("refuses zstd where Node has none", async () => {
    const { client } = await listen();
    expect((await client.post("", { "content-encoding": "zstd" })).status).toBe(415);
  });

  it.each([
    ["gzip", gzipSync(Buffer.alloc(50_000_000, " "))],
    ["br", brotliCompressSync(Buffer.alloc(50_000_000, " "))],
  ])("answers 413 to a bomb of %s, without unpacking it", async (encoding, bomb) => {
    const { source, client } = await listen({ ...PATIENT, maximumBodyBytes: 100_000 });
    const taken = takeAll(source);
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().arrayBuffers;
    const reply = await client.post(bomb, { "content-encoding": encoding });
    expect(reply).toMatchObject({ status: 413, body: { error: "the body is larger than 100000 bytes" } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    expect(taken).toEqual([]);
  });

  it("answers 413 to a compressed body that is too large itself", async () => {
    const { client } = await listen({ ...PATIENT, maximumBodyBytes: 100 });
    const noise = Buffer.concat(Array.from({ length: 100 }, () => gzipSync("1\n")));
    const sending = await client.post(noise, { "content-encoding": "gzip", "transfer-encoding": "chunked" });
    expect(sending.status).toBe(413);
  });

  it.each([
    ["what is no gzip", Buffer.from("1\n2\n3\n")],
    ["a gzip that is cut", gzipSync(LINES).subarray(0, -4)],
    ["gzip with something behind it", Buffer.concat([gzipSync(LINES), LINES])],
  ])("answers 400 to %s, and takes nothing of it", async (_, body) => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    const reply = await client.post(body, { "content-encoding": "gzip" });
    expect(reply).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^the body is not valid gzip: /) },
    });
    expect(taken).toEqual([]);
  });
});
