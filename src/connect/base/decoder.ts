/** Decompresses bytes as they are asked for. */
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { NO_ZSTD } from "./compression.ts";

/** The encodings that are read. Their names are those of HTTP. */
export type Encoding = "gzip" | "deflate" | "br" | "zstd";

/** The next bytes, never none; undefined: the end. */
export type ReadBytes = () => Promise<Buffer | undefined>;

/** Bytes that the system decompresses at once. */
const CHUNK_SIZE = 65_536;
/** What a text of JSON cannot begin with. */
const MAGIC_NUMBERS: readonly (readonly [Encoding, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
];
/** Lower half of the first byte of a stream of zlib: RFC 1950. */
const ZLIB_METHOD = 8;

const EMPTY: Buffer = Buffer.alloc(0);

/** A stream of zlib. `bytesWritten`: input that it has used. */
type Unzip = Transform & { readonly bytesWritten: number };

/** Bytes that are not in their encoding, or whose end is missing. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** The encodings that this Node can read. */
export const ENCODINGS: readonly Encoding[] =
  "createZstdDecompress" in zlib ? ["gzip", "deflate", "br", "zstd"] : ["gzip", "deflate", "br"];

/** The encoding that the first bytes tell of; undefined: none. */
export function encodingOf(start: Uint8Array): Encoding | undefined {
  return MAGIC_NUMBERS.find(([, magic]) => magic.every((byte, at) => start[at] === byte))?.[0];
}

/**
 * Bytes without their encoding. It reads no further than it must: a chunk of input may become a thousand of output, and
 * they are made one by one. Several members of gzip, one after the other, are one text.
 */
export class Decoder {
  readonly #encoding: Encoding;
  readonly #input: ReadBytes;
  #stream: Unzip | undefined;
  /** The latest input of the stream. */
  #chunk: Buffer = EMPTY;
  /** Bytes that the stream was given. */
  #given = 0;
  /** What the stream has left of its input. */
  #rest: Buffer = EMPTY;
  #error: Error | undefined;
  /** There is no more input. */
  #isRead = false;
  /** The stream was told that there is no more input. */
  #isEnding = false;
  /** There is no more output. */
  #isEnded = false;
  /** The stream has not taken the latest chunk as a whole. */
  #isBusy = false;
  /** A member has ended. */
  #hasMember = false;
  #wake: () => void = () => {};

  constructor(encoding: Encoding, input: ReadBytes) {
    this.#encoding = encoding;
    this.#input = input;
  }

  /** @throws DecodeError; what lies before the fault was returned. Whatever the input throws passes through. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk: Buffer | null = this.#stream?.read() ?? null;
      if (chunk !== null) return chunk;
      if (this.#error !== undefined) throw this.#error;
      if (this.#isEnded) return undefined;
      const change = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // What was fed is read to its end before there is more: an error that follows then costs nothing of it.
      if (!this.#isBusy && !this.#isEnding) await this.#feed();
      else await change;
    }
  }

  close(): void {
    this.#isEnded = true;
    this.#stream?.destroy();
    this.#wake();
  }

  async #feed(): Promise<void> {
    const chunk = await this.#nextInput();
    if (this.#isEnded) return;
    if (chunk === undefined) {
      if (this.#stream === undefined) this.#isEnded = true;
      else this.#stream.end();
      this.#isEnding = true;
      return;
    }
    if (this.#isPadding(chunk)) return;
    const stream = this.#stream ?? this.#open(chunk);
    this.#stream = stream;
    this.#chunk = chunk;
    this.#given += chunk.length;
    this.#isBusy = true;
    stream.write(chunk, () => {
      // What has found its end takes no more, although it says that it does.
      this.#isBusy = stream.bytesWritten < this.#given;
      this.#wake();
    });
  }

  #open(start: Buffer): Unzip {
    this.#given = 0;
    const stream = streamFor(this.#encoding, start);
    stream.on("readable", () => this.#wake());
    stream.on("end", () => this.#endOf(stream));
    stream.on("error", (error) => {
      this.#error = new DecodeError(`not valid ${this.#encoding}: ${error.message}`, { cause: error });
      this.#wake();
    });
    return stream;
  }

  async #nextInput(): Promise<Buffer | undefined> {
    const rest = this.#rest;
    this.#rest = EMPTY;
    if (rest.length > 0) return rest;
    const chunk = this.#isRead ? undefined : await this.#input();
    this.#isRead = chunk === undefined;
    return chunk;
  }

  /** A stream that finds its end inside its input leaves the rest: another member, or what should not be there. */
  #endOf(stream: Unzip): void {
    const left = this.#given - stream.bytesWritten;
    this.#rest = this.#chunk.subarray(this.#chunk.length - left);
    this.#stream = undefined;
    this.#isBusy = false;
    this.#isEnding = false;
    this.#hasMember = true;
    this.#wake();
  }

  /** Zeros fill the last block of a gzip file on a tape. */
  #isPadding(chunk: Buffer): boolean {
    const isBetween = this.#encoding === "gzip" && this.#hasMember && this.#stream === undefined;
    return isBetween && chunk.every((byte) => byte === 0);
  }
}

/** @throws DecodeError where this Node has no zstd */
function streamFor(encoding: Encoding, start: Buffer): Unzip {
  const options = { chunkSize: CHUNK_SIZE };
  if (encoding === "gzip") return zlib.createGunzip(options);
  if (encoding === "br") return zlib.createBrotliDecompress(options);
  if (encoding === "zstd") return createZstd(options);
  // Some clients leave the header of zlib out.
  const hasHeader = ((start[0] ?? 0) & 15) === ZLIB_METHOD;
  return hasHeader ? zlib.createInflate(options) : zlib.createInflateRaw(options);
}

function createZstd(options: zlib.ZlibOptions): Unzip {
  const { createZstdDecompress } = zlib as {
    readonly createZstdDecompress?: (options: zlib.ZlibOptions) => Unzip;
  };
  if (createZstdDecompress === undefined) throw new DecodeError(NO_ZSTD);
  return createZstdDecompress(options);
}
