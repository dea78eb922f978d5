/** A file as a stream that says how much of a failed write is in the file. */
import { closeSync, fstat, fstatSync, ftruncate, ftruncateSync, openSync, readSync, write } from "node:fs";
import { Writable } from "node:stream";

const LINE_FEED = 10;

/**
 * Appends lines to a descriptor, which stays open. A write that a full disk cuts leaves no half line: the file is cut
 * behind its last whole line, unless another writer has appended meanwhile.
 */
export class FileWritable extends Writable {
  readonly #fd: number;
  /** Of the file, as far as this stream has seen it grow, in bytes. NaN: no regular file. */
  #size: number;
  /** The file ended inside a line when this stream began: the next write begins a line. */
  #isGlued = false;

  constructor(fd: number) {
    super();
    this.#fd = fd;
    const stats = fstatSync(fd);
    this.#size = stats.isFile() ? stats.size : Number.NaN;
  }

  /** Bytes of the file. NaN: no regular file. */
  get size(): number {
    return this.#size;
  }

  /** Deletes what is in the file. */
  empty(): void {
    ftruncateSync(this.#fd);
    this.#size = 0;
  }

  /** The first write begins with a line feed if the file ends inside a line, or cannot be read to find out. */
  beginLine(): void {
    this.#isGlued = this.#size > 0 && lastByteOf(this.#fd, this.#size) !== LINE_FEED;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.#isGlued) {
      this.#append(chunk, 0, done);
      return;
    }
    this.#isGlued = false;
    this.#append(Buffer.from([LINE_FEED]), 0, (error) => {
      if (error) done(Object.assign(error, { writtenBytes: 0 }));
      else this.#append(chunk, 0, done);
    });
  }

  #append(chunk: Buffer, from: number, done: (error?: Error | null) => void): void {
    write(this.#fd, chunk, from, chunk.length - from, null, (error, count) => {
      if (error !== null) {
        this.#recover(chunk.subarray(0, from), (writtenBytes) =>
          done(Object.assign(error, { writtenBytes })),
        );
        return;
      }
      this.#size += count;
      if (from + count < chunk.length) this.#append(chunk, from + count, done);
      else done();
    });
  }

  /** @param written the part of the chunk that is in the file. */
  #recover(written: Buffer, done: (wholeBytes: number) => void): void {
    const wholeBytes = written.lastIndexOf(LINE_FEED) + 1;
    const halfBytes = written.length - wholeBytes;
    if (halfBytes === 0 || Number.isNaN(this.#size)) {
      done(wholeBytes);
      return;
    }
    fstat(this.#fd, (fault, stats) => {
      if (fault !== null || stats.size !== this.#size) done(wholeBytes);
      else ftruncate(this.#fd, stats.size - halfBytes, () => done(wholeBytes));
    });
  }
}

/** Undefined where the file cannot be read: a descriptor that appends cannot, and the file may be for writing only. */
function lastByteOf(fd: number, size: number): number | undefined {
  let reading: number | undefined;
  try {
    reading = openSync(`/dev/fd/${fd}`, "r");
    const byte = Buffer.alloc(1);
    readSync(reading, byte, 0, 1, size - 1);
    return byte[0];
  } catch {
    return undefined;
  } finally {
    if (reading !== undefined) closeSync(reading);
  }
}
