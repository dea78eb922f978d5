/** The writer of NDJSON: gathers events as lines of UTF-8. */
import { type JsonEvent, jsonOf } from "./event-line.ts";
import type { RawText } from "./raw-text.ts";

const LINE_FEED = 10;

/** Bytes of a block that short lines are copied into. */
const BLOCK_SIZE = 16_384;

/**
 * A run of raw lines of fewer bytes is copied. Measured on Node 20: at 2 kB, one write of many parts costs as
 * much as copying them into one; at 50 bytes it costs 5 times as much.
 */
const COPIED_SIZE = 2_048;

/** UTF-8 takes at most 3 bytes for a UTF-16 code unit. */
const BYTES_PER_UNIT = 3;

/**
 * Lines that wait to be written: one for each event, each with its line feed.
 *
 * Raw lines that follow one another in a chunk are one part of the result, and are not copied. A part keeps
 * its chunk in memory.
 */
export class LineBuffer {
  readonly #encoder = new TextEncoder();
  #parts: Uint8Array[] = [];
  #byteLength = 0;
  #count = 0;
  /** Takes text and short runs. Its bytes before `#blockStart` belong to earlier parts. */
  #block = new Uint8Array(0);
  #blockStart = 0;
  #blockEnd = 0;
  /**
   * The latest run of raw lines, with the line feed of the last one; empty where `#runStart` is `#runEnd`.
   */
  #run: Uint8Array = this.#block;
  #runStart = 0;
  #runEnd = 0;

  /** Bytes of all lines that `take` has not returned. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Lines that `take` has not returned. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds a line, and returns its bytes, with the line feed.
   *
   * @throws TypeError for data that JSON cannot say; nothing is added.
   */
  add(event: JsonEvent): number {
    const { raw } = event;
    const size = raw === undefined ? this.#addText(jsonOf(event)) : this.#addRaw(raw);
    this.#byteLength += size;
    this.#count++;
    return size;
  }

  /** All lines in order; the buffer is empty afterwards. The parts belong to the caller. */
  take(): Uint8Array[] {
    this.#endRun();
    this.#endBlock();
    const parts = this.#parts;
    this.#parts = [];
    this.#byteLength = 0;
    this.#count = 0;
    return parts;
  }

  #addRaw({ bytes, start, end }: RawText): number {
    const size = end - start + 1;
    if (bytes[end] !== LINE_FEED) {
      // The last line of a chunk, or one whose line feed follows a carriage return.
      this.#endRun();
      this.#copy(bytes, start, end);
      this.#block[this.#blockEnd++] = LINE_FEED;
      return size;
    }
    if (bytes !== this.#run || start !== this.#runEnd) {
      this.#endRun();
      this.#run = bytes;
      this.#runStart = start;
    }
    this.#runEnd = end + 1;
    return size;
  }

  #addText(text: string): number {
    this.#endRun();
    const most = text.length * BYTES_PER_UNIT + 1;
    if (most > BLOCK_SIZE) {
      this.#endBlock();
      const part = this.#encoder.encode(`${text}\n`);
      this.#parts.push(part);
      return part.length;
    }
    this.#reserve(most);
    const { written } = this.#encoder.encodeInto(text, this.#block.subarray(this.#blockEnd));
    this.#blockEnd += written;
    this.#block[this.#blockEnd++] = LINE_FEED;
    return written + 1;
  }

  #endRun(): void {
    const size = this.#runEnd - this.#runStart;
    if (size === 0) return;
    if (size < COPIED_SIZE) this.#copy(this.#run, this.#runStart, this.#runEnd);
    else {
      this.#endBlock();
      this.#parts.push(this.#run.subarray(this.#runStart, this.#runEnd));
    }
    this.#run = this.#block; // the chunk is not kept
    this.#runStart = this.#runEnd = 0;
  }

  /** The copied lines become a part. */
  #endBlock(): void {
    if (this.#blockEnd === this.#blockStart) return;
    this.#parts.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }

  /** Leaves room for a line feed behind the copy. */
  #copy(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start + 1);
    this.#block.set(bytes.subarray(start, end), this.#blockEnd);
    this.#blockEnd += end - start;
  }

  #reserve(size: number): void {
    if (this.#blockEnd + size <= this.#block.length) return;
    this.#endBlock();
    this.#block = new Uint8Array(Math.max(BLOCK_SIZE, size));
    this.#blockStart = this.#blockEnd = 0;
  }
}
