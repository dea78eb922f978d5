/** Bytes of a file or stream that may be compressed. */
import { NO_ZSTD } from "../base/compression.ts";
import { DecodeError, Decoder, type Encoding, encodingOf } from "../base/decoder.ts";
import { ConnectError } from "../base/errors.ts";
import type { ByteReader } from "./byte-reader.ts";

/** Bytes that tell the encoding. */
const MAGIC_SIZE = 4;
const NAMES: readonly (readonly [RegExp, Encoding])[] = [
  [/\.gz$/i, "gzip"],
  [/\.zst$/i, "zstd"],
];

/** The encoding that the name of a file tells of; undefined: none. */
export function encodingByName(path: string): Encoding | undefined {
  return NAMES.find(([ending]) => ending.test(path))?.[1];
}

/** The name of a file without the part that tells of its encoding. */
export function withoutEncoding(path: string): string {
  return NAMES.reduce((name, [ending]) => name.replace(ending, ""), path);
}

/** Decompresses what begins with the magic number of gzip or zstd, which no JSON does; gives anything else as it is. */
export class DecodedBytes implements ByteReader {
  readonly #name: string;
  readonly #reader: ByteReader;
  readonly #expected: Encoding | undefined;
  #decoder: Decoder | undefined;
  #hasBegun = false;

  /** @param expected what is not empty must have this encoding. */
  constructor(name: string, reader: ByteReader, expected?: Encoding) {
    this.#name = name;
    this.#reader = reader;
    this.#expected = expected;
  }

  /** @throws ConnectError which names the file, after all that lies before a fault was returned */
  async read(): Promise<Buffer | undefined> {
    if (!this.#hasBegun) return this.#begin();
    if (this.#decoder === undefined) return this.#reader.read();
    try {
      return await this.#decoder.read();
    } catch (error) {
      throw error instanceof DecodeError ? this.#fault(error.message, error) : error;
    }
  }

  async close(): Promise<void> {
    this.#decoder?.close();
    await this.#reader.close();
  }

  async #begin(): Promise<Buffer | undefined> {
    const start = await this.#readStart();
    this.#hasBegun = true;
    if (start === undefined) return undefined;
    const encoding = encodingOf(start);
    if (this.#expected !== undefined && encoding !== this.#expected) {
      throw this.#fault(`not ${this.#expected}, although its name says so`);
    }
    if (encoding === undefined) return start;
    let first: Buffer | undefined = start;
    this.#decoder = new Decoder(encoding, async () => {
      const chunk = first ?? (await this.#reader.read());
      first = undefined;
      return chunk;
    });
    return this.read();
  }

  /** A pipe may give its first bytes one by one. */
  async #readStart(): Promise<Buffer | undefined> {
    let start = await this.#reader.read();
    while (start !== undefined && start.length < MAGIC_SIZE && mayBeMagic(start)) {
      const more = await this.#reader.read();
      if (more === undefined) break;
      start = Buffer.concat([start, more]);
    }
    return start;
  }

  #fault(what: string, cause?: unknown): ConnectError {
    return new ConnectError("ERR_SOURCE", {
      where: this.#name,
      what: `cannot be read: ${what}`,
      hint:
        what === NO_ZSTD
          ? `decompress it on the way: zstd -dc ${this.#name} | bluesmoke run … --in -`
          : "what lies before the fault was read; check the file with gzip -t or zstd -t",
      cause,
    });
  }
}

/** No JSON begins so: only then is it waited for more. */
function mayBeMagic(start: Buffer): boolean {
  return start[0] === 0x1f || start[0] === 0x28;
}
