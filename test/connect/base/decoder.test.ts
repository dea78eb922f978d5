import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Decoder, type Encoding, encodingOf } from "../../../src/connect/base/decoder.ts";
import { zstdSync } from "../support/zstd.ts";

const TEXT = Buffer.from('{"a":1}\n'.repeat(20_000));

/** Decodes all; what came before an error is kept. */
async function decode(
  encoding: Encoding,
  chunks: readonly Buffer[],
): Promise<{ text: Buffer; error?: unknown }> {
  const input = [...chunks];
  const decoder = new Decoder(encoding, async () => input.shift());
  const output: Buffer[] = [];
  try {
    for (let chunk = await decoder.read(); chunk !== undefined; chunk = await decoder.read())
      output.push(chunk);
    return { text: Buffer.concat(output) };
  } catch (error) {
    return { text: Buffer.concat(output), error };
  } finally {
    decoder.close();
  }
}

function inChunks(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
}

describe("a decoder", () => {
  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
  ] as const)("reads %s, in chunks of any size", async (encoding, compress) => {
    const bytes = compress(TEXT);
    for (const size of [1, 7, 1_000_000]) {
      expect((await decode(encoding, inChunks(bytes, size))).text.equals(TEXT)).toBe(true);
    }
  });

  it("reads several members of gzip as one text, wherever the chunks are cut", async () => {
    const members = [gzipSync("one\n"), gzipSync(""), gzipSync("two\n")];
    const bytes = Buffer.concat(members);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)].filter(({ length }) => length > 0);
      expect((await decode("gzip", chunks)).text.toString()).toBe("one\ntwo\n");
    }
  });

  it("gives everything that lies before a missing end, then fails", async () => {
    const bytes = gzipSync(TEXT);
    const { text, error } = await decode("gzip", [bytes.subarray(0, bytes.length - 8)]);
    expect(text.equals(TEXT)).toBe(true);
    expect(error).toMatchObject({ message: "not valid gzip: unexpected end of file" });
    const half = await decode("gzip", inChunks(bytes.subarray(0, bytes.length / 2), 100));
    expect(half.text.length).toBeGreaterThan(TEXT.length / 4);
    expect(TEXT.subarray(0, half.text.length).equals(half.text)).toBe(true);
    expect(half.error).toBeInstanceOf(Error);
  });

  it.each(["gzip", "deflate", "br"] as const)("fails for bytes that are no %s", async (encoding) => {
    const { error } = await decode(encoding, [
      Buffer.from("\xffno such thing, and some more of that", "latin1"),
    ]);
    expect(error).toBeInstanceOf(Error);
  });

  it("fails for text behind a member of gzip", async () => {
    const { text, error } = await decode("gzip", [gzipSync("one\n"), Buffer.from("more")]);
    expect(text.toString()).toBe("one\n");
    expect(error).toBeInstanceOf(Error);
  });

  it("passes over zeros behind a member of gzip", async () => {
    const padded = Buffer.concat([gzipSync("one\n"), Buffer.alloc(100)]);
    for (const size of [1_000, 50, 1]) {
      expect(await decode("gzip", inChunks(padded, size))).toEqual({ text: Buffer.from("one\n") });
    }
  });

  it("makes no more than is asked for of a bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(60_000_000));
    const input = [bomb];
    const decoder = new Decoder("gzip", async () => input.shift());
    const before = process.memoryUsage().arrayBuffers;
    let length = 0;
    while (length < 1_000_000) length += (await decoder.read())?.length ?? 0;
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    decoder.close();
  });

  it("takes no bytes for an empty text", async () => {
    expect(await decode("gzip", [])).toEqual({ text: Buffer.alloc(0) });
  });

  it("ends when it is closed while it waits for input", async () => {
    const decoder = new Decoder("gzip", () => new Promise((resolve) => setTimeout(resolve, 5, undefined)));
    const reading = decoder.read();
    decoder.close();
    expect(await reading).toBeUndefined();
  });

  // Node 20 has no zstd; Node 22.15 and later have, and run this.
  it.skipIf(zstdSync === undefined)("reads zstd, several frames and a missing end too", async () => {
    const frames = [zstdSync!(Buffer.from("one\n")), zstdSync!(TEXT)];
    const bytes = Buffer.concat(frames);
    for (const size of [1, 5, 1_000_000]) {
      const { text } = await decode("zstd", inChunks(bytes, size));
      expect(text.toString()).toBe(`one\n${TEXT}`);
    }
    const { text, error } = await decode("zstd", [bytes.subarray(0, bytes.length - 3)]);
    expect(text.toString().startsWith("one\n")).toBe(true);
    expect(error).toBeInstanceOf(Error);
  });

  it.skipIf(zstdSync !== undefined)("says which Node has zstd", async () => {
    const { error } = await decode("zstd", [Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]);
    expect(String(error)).toContain(`zstd needs Node 22.15 or 23.8, this is Node ${process.versions.node}`);
  });
});

it("the first bytes tell the encoding", () => {
  expect(encodingOf(gzipSync("a"))).toBe("gzip");
  expect(encodingOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]))).toBe("zstd");
  for (const text of ["", "{}", "\u001f", "[1]"]) expect(encodingOf(Buffer.from(text))).toBeUndefined();
});
