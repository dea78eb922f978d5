/** A part of a file that begins and ends between lines, so that several readers share one file. */
import { type FileHandle, open } from "node:fs/promises";
import { type LineRange, rangesOf } from "../../ndjson/ranges.ts";
import { ConnectError, fileFaultOf } from "../base/errors.ts";
import type { ByteReader } from "./byte-reader.ts";

const LINE_FEED = 10;
const SPACE = 32;
const CHUNK_SIZE = 65_536;

/**
 * Cuts a regular file into at most `parts` ranges of about the same size, at starts of lines: one at least, fewer where there are fewer
 * lines. Lines that are appended later are in none. An empty file has one empty range.
 *
 * @throws ConnectError when it cannot be read
 */
export async function cutFile(path: string, parts: number): Promise<readonly LineRange[]> {
  const handle = await openFile(path);
  const readAt = async (offset: number, size: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, offset);
    return buffer.subarray(0, bytesRead);
  };
  try {
    const ranges = await rangesOf(readAt, (await handle.stat()).size, parts);
    return ranges.length === 0 ? [{ start: 0, end: 0 }] : ranges;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await handle.close();
  }
}

/** Lines in a range: all of them, and those that are not blank. The last one needs no line feed. */
export interface LineCount {
  readonly lines: number;
  readonly events: number;
}

/** @throws ConnectError when it cannot be read */
export async function countLines(path: string, range: LineRange): Promise<LineCount> {
  const reader = await RangeBytes.open(path, range);
  let lines = 0;
  let events = 0;
  let isBlank = true;
  let isEmpty = true;
  for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
    for (const byte of chunk) {
      isEmpty = byte === LINE_FEED;
      if (byte > SPACE) isBlank = false;
      if (byte !== LINE_FEED) continue;
      lines++;
      if (!isBlank) events++;
      isBlank = true;
    }
  }
  await reader.close();
  return { lines: lines + (isEmpty ? 0 : 1), events: events + (isBlank ? 0 : 1) };
}

/** The bytes of a range. A chunk stays valid: it is not used again. */
export class RangeBytes implements ByteReader {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #end: number;
  #at: number;
  /** The read that was begun before it was asked for. */
  #ahead: Promise<Buffer> | undefined;
  #closed = false;

  private constructor(path: string, handle: FileHandle, { start, end }: LineRange) {
    this.#path = path;
    this.#handle = handle;
    this.#at = start;
    this.#end = end;
  }

  /** @throws ConnectError when the file cannot be opened */
  static async open(path: string, range: LineRange): Promise<RangeBytes> {
    return new RangeBytes(path, await openFile(path), range);
  }

  async read(): Promise<Buffer | undefined> {
    if (this.#closed) return undefined;
    const chunk = await (this.#ahead ?? this.#next());
    if (chunk.length === 0 || this.#closed) return undefined;
    this.#ahead = this.#next();
    this.#ahead.catch(() => {}); // the next read reports it
    return chunk;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#handle.close();
  }

  async #next(): Promise<Buffer> {
    const length = Math.min(CHUNK_SIZE, this.#end - this.#at);
    if (length === 0) return Buffer.alloc(0);
    try {
      const buffer = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await this.#handle.read(buffer, 0, length, this.#at);
      this.#at += bytesRead;
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      if (this.#closed) return Buffer.alloc(0);
      throw unreadable(this.#path, error);
    }
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(where: string, cause: unknown): ConnectError {
  const what = `cannot be read: ${fileFaultOf(cause)}`;
  return new ConnectError("ERR_SOURCE", { where, what, hint: "check the path and its permissions", cause });
}
