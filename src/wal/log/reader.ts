/** Reads the events of a log in their order, a piece of a segment at a time. */
import { closeSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import { decodeRecord, type LogRecord } from "./record.ts";
import { SEGMENT_HEADER_SIZE, type Segment } from "./segment.ts";

const readAt = promisify(read);
/** Bytes that are read at once. */
const PIECE_SIZE = 262_144;

/** Why a segment cannot be read on. */
export interface Damage {
  readonly segment: Segment;
  readonly offset: number;
  readonly reason: string;
}

export class LogReader {
  readonly #segments: () => readonly Segment[];
  #segment: Segment | undefined;
  #fd: number | undefined;
  /** Where the next piece begins. */
  #offset = 0;

  /** @param segments all of the log in their order; what a segment says of its size is whole records */
  constructor(segments: () => readonly Segment[]) {
    this.#segments = segments;
  }

  /**
   * The next events, or none where all were read. Texts are views of a buffer of their own.
   * @throws what reading throws
   */
  async read(): Promise<readonly LogRecord[] | Damage> {
    for (;;) {
      const segment = this.#current();
      if (segment === undefined) return [];
      if (this.#offset < segment.size) return this.#readPiece(segment, PIECE_SIZE);
      const next = this.#segments().find(({ firstId }) => firstId > segment.firstId);
      if (next === undefined) return [];
      this.#enter(next);
    }
  }

  /** Reads a segment anew, from its start: it was replaced. */
  restart(segment: Segment): void {
    this.#enter(segment);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#segment = undefined;
  }

  #current(): Segment | undefined {
    if (this.#segment === undefined) {
      const [first] = this.#segments();
      if (first !== undefined) this.#enter(first);
    }
    return this.#segment;
  }

  #enter(segment: Segment): void {
    this.close();
    this.#fd = openSync(segment.path, "r");
    this.#segment = segment;
    this.#offset = SEGMENT_HEADER_SIZE;
  }

  async #readPiece(segment: Segment, size: number): Promise<readonly LogRecord[] | Damage> {
    const wanted = Math.min(size, segment.size - this.#offset);
    const buffer = Buffer.allocUnsafeSlow(wanted);
    const { bytesRead } = await readAt(this.#fd as number, buffer, 0, wanted, this.#offset);
    const records: LogRecord[] = [];
    let at = 0;
    for (;;) {
      const found = decodeRecord(buffer.subarray(0, bytesRead), at);
      if (found.kind === "record") {
        records.push(found.record);
        at += found.size;
        if (at < bytesRead) continue;
      }
      if (records.length > 0) {
        this.#offset += at;
        return records;
      }
      if (found.kind === "partial" && found.size > size && this.#offset + found.size <= segment.size) {
        return this.#readPiece(segment, found.size);
      }
      const reason = found.kind === "corrupt" ? found.reason : "a record that is cut";
      return { segment, offset: this.#offset, reason };
    }
  }
}
