/** Reads the events of a log in their order, a piece of a segment at a time. */
import { closeSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import { decodeRecord, HEAD_SIZE, type LogRecord } from "./record.ts";
import { SEGMENT_HEADER_SIZE, type Segment } from "./segment.ts";

const readAt = promisify(read);
/** Bytes that are read at once. */
const PIECE_SIZE = 65_536;

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
   * The next events, or none where all were read. Texts are views of a buffer of their own. Segments of which all events are done
   * are passed over.
   *
   * @throws what reading throws
   */
  async read(): Promise<readonly LogRecord[] | Damage> {
    for (;;) {
      const segment = this.#segment;
      if (segment !== undefined && this.#offset < segment.size) return this.#readPiece(segment, PIECE_SIZE);
      const next = this.#segments().find(
        ({ firstId, open }) => firstId > (segment?.firstId ?? 0) && open > 0,
      );
      if (next === undefined) return [];
      this.enter(next);
    }
  }

  /** Reads a segment from its start. @throws what opening throws */
  enter(segment: Segment): void {
    const fd = openSync(segment.path, "r");
    this.close();
    this.#fd = fd;
    this.#segment = segment;
    this.#offset = SEGMENT_HEADER_SIZE;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#segment = undefined;
  }

  async #readPiece(segment: Segment, size: number): Promise<readonly LogRecord[] | Damage> {
    const wanted = Math.min(size, segment.size - this.#offset);
    const buffer = new Uint8Array(wanted);
    const view = new DataView(buffer.buffer);
    const { bytesRead } = await readAt(this.#fd as number, buffer, 0, wanted, this.#offset);
    const records: LogRecord[] = [];
    let at = 0;
    let found = decodeRecord(buffer, view, at, bytesRead);
    for (; found.kind === "record"; found = decodeRecord(buffer, view, at, bytesRead)) {
      records.push(found);
      at = found.end;
    }
    if (records.length > 0) {
      this.#offset += at;
      return records;
    }
    if (found.kind === "partial" && found.size > Math.max(wanted, HEAD_SIZE)) {
      if (this.#offset + found.size <= segment.size) return this.#readPiece(segment, found.size);
    }
    const reason = found.kind === "corrupt" ? found.reason : "a record that is cut";
    return { segment, offset: this.#offset, reason };
  }
}
