/** Where bytes come from: a file, or a stream such as stdin. One chunk at a time, and only when asked. */
import { open as openDescriptor, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { ConnectError, fileFaultOf } from "../base/errors.ts";

export interface ByteReader {
  /** The next bytes, never none: they belong to the caller. undefined: the end. */
  read(): Promise<Buffer | undefined>;
  /** Releases the file or stream, also while a read is under way: that read then finds the end. */
  close(): Promise<void>;
}

/**
 * Bytes of one read. Measured on NDJSON of 50-byte lines: 64 KiB ships as many lines a second as 256 KiB,
 * and a pull then hands over some 1,300 events instead of 5,000, so that back pressure bites earlier.
 */
export const CHUNK_SIZE = 65_536;

/**
 * A regular file. The system reads the next chunk while the pipeline works on one. Measured: a pipeline that waits for
 * each chunk is idle for a sixth of the time. Each chunk has a buffer of its own, since its lines refer to it.
 */
export class FileBytes implements ByteReader {
  readonly #path: string;
  readonly #handle: FileHandle;
  /** The read of the chunk after the latest. */
  #ahead: Promise<Buffer> | undefined;
  #closed = false;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** @throws ConnectError when the file cannot be opened. */
  static async open(path: string): Promise<FileBytes> {
    try {
      return new FileBytes(path, await open(path, "r"));
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  async read(): Promise<Buffer | undefined> {
    if (this.#closed) return undefined;
    const chunk = await (this.#ahead ?? this.#fill());
    if (chunk.length === 0 || this.#closed) return undefined;
    this.#ahead = this.#fill();
    this.#ahead.catch(() => {}); // the next read throws it
    return chunk;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#handle.close();
  }

  async #fill(): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(CHUNK_SIZE);
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, CHUNK_SIZE, null);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      if (this.#closed) return buffer.subarray(0, 0);
      throw unreadable(this.#path, error);
    }
  }
}

/** Any readable stream of bytes. It reads ahead no more than the stream's own high-water mark. */
export class StreamBytes implements ByteReader {
  readonly #name: string;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #closed = false;

  constructor(name: string, stream: Readable) {
    this.#name = name;
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async read(): Promise<Buffer | undefined> {
    try {
      const { value, done } = await this.#chunks.next();
      return done ? undefined : value;
    } catch (error) {
      // A stream that is destroyed under a pending read ends with an error: here that was asked for.
      if (this.#closed) return undefined;
      throw unreadable(this.#name, error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Not the iterator's `return`: it would wait for the pending read, which on stdin may take for ever.
    this.#stream.destroy();
  }
}

/**
 * A named pipe. A read on a file handle would occupy a thread until a writer comes, and neither `close` nor the end of the
 * process could get past it; a socket on the same descriptor can be destroyed at any time.
 */
export async function openPipe(path: string): Promise<ByteReader> {
  try {
    // A bare descriptor: a FileHandle would close it again when it is collected.
    const fd = await promisify(openDescriptor)(path, "r");
    return new StreamBytes(path, new Socket({ fd, readable: true, writable: false }));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** @throws ConnectError when there is nothing at `path`. */
export async function statSource(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(where: string, cause: unknown): ConnectError {
  const hint = 'check the path and its permissions, or give "-" to read from stdin';
  return new ConnectError("ERR_SOURCE", {
    where,
    what: `cannot be read: ${fileFaultOf(cause)}`,
    hint,
    cause,
  });
}
