/** Reads a segment from end to end, past damaged places. The memory that this takes is that of its largest record. */
import { closeSync, openSync, readSync } from "node:fs";
import { decodeRecord, HEAD_SIZE, type LogRecord, MARKER } from "./record.ts";
import { headerOf, SEGMENT_HEADER_SIZE } from "./segment.ts";

/** Bytes that are read at once. */
const WINDOW_SIZE = 1_048_576;

/** What was found in a segment. */
export interface Scan {
  /** Whole records. */
  readonly count: number;
  /** The id of the last one; 0: there is none. */
  readonly lastId: number;
  /** Bytes from the start that hold nothing but the header and whole records. */
  readonly soundBytes: number;
  /** Bytes that are neither. */
  readonly badBytes: number;
  /** False: at most the end of the last record is missing. */
  readonly isDamaged: boolean;
}

/**
 * @param visit takes each whole record, whose text is gone after the call
 * @throws what opening and reading throw
 */
export function scanSegment(
  { path, firstId }: { readonly path: string; readonly firstId: number },
  visit: (record: LogRecord) => void = () => {},
): Scan {
  const fd = openSync(path, "r");
  try {
    return new Scanner(fd, firstId, visit).run();
  } finally {
    closeSync(fd);
  }
}

class Scanner {
  readonly #fd: number;
  readonly #visit: (record: LogRecord) => void;
  readonly #header: Buffer;
  #window = Buffer.allocUnsafeSlow(WINDOW_SIZE);
  #view = viewOf(this.#window);
  /** Place of the window in the file. */
  #position = 0;
  /** Bytes of the window that are filled. */
  #end = 0;
  #isAtEnd = false;
  #at = 0;
  #count = 0;
  /** A record with a lower id is a remnant. */
  #nextId: number;
  #lastId = 0;
  #soundBytes = 0;
  #wholeBytes = 0;
  #isSound = true;
  #isDamaged = false;

  constructor(fd: number, firstId: number, visit: (record: LogRecord) => void) {
    this.#fd = fd;
    this.#visit = visit;
    this.#nextId = firstId;
    this.#header = headerOf(firstId);
  }

  run(): Scan {
    this.#fill(SEGMENT_HEADER_SIZE);
    if (this.#window.subarray(0, Math.min(this.#end, SEGMENT_HEADER_SIZE)).equals(this.#header)) {
      this.#take(SEGMENT_HEADER_SIZE);
    } else {
      this.#isSound = false;
      this.#isDamaged = this.#end >= SEGMENT_HEADER_SIZE;
    }
    while (this.#step());
    return {
      count: this.#count,
      lastId: this.#lastId,
      soundBytes: this.#soundBytes,
      badBytes: this.#position + this.#end - this.#wholeBytes,
      isDamaged: this.#isDamaged,
    };
  }

  /** False at the end of the segment. */
  #step(): boolean {
    const found = decodeRecord(this.#window, this.#view, this.#at, this.#end);
    if (found.kind === "partial") {
      if (!this.#isAtEnd) this.#fill(found.size);
      else if (this.#at === this.#end) return false;
      else this.#skip();
    } else if (found.kind === "record" && found.id >= this.#nextId) {
      if (!this.#isSound) this.#isDamaged = true;
      this.#count++;
      this.#lastId = found.id;
      this.#nextId = found.id + 1;
      this.#visit(found);
      this.#take(found.end - this.#at);
    } else {
      this.#isDamaged = true;
      this.#skip();
    }
    return true;
  }

  #take(size: number): void {
    this.#at += size;
    this.#wholeBytes += size;
    if (this.#isSound) this.#soundBytes += size;
  }

  /** To the next place at which a record may begin. */
  #skip(): void {
    this.#isSound = false;
    const found = this.#window.subarray(0, this.#end).indexOf(MARKER, this.#at + 1);
    if (found >= 0) this.#at = found;
    else {
      // The marker may go on behind the window.
      this.#at = this.#isAtEnd ? this.#end : Math.max(this.#at + 1, this.#end - MARKER.length + 1);
      if (!this.#isAtEnd) this.#fill(HEAD_SIZE);
    }
  }

  /** Moves the window to where the scan is, and reads on until it has so many bytes, or the file ends. */
  #fill(size: number): void {
    const rest = this.#window.subarray(this.#at, this.#end);
    const window =
      size <= this.#window.length ? this.#window : Buffer.allocUnsafeSlow(Math.max(size, WINDOW_SIZE));
    window.set(rest, 0);
    this.#position += this.#at;
    if (window !== this.#window) this.#view = viewOf(window);
    this.#window = window;
    this.#at = 0;
    this.#end = rest.length;
    while (this.#end < window.length) {
      const place = this.#position + this.#end;
      const bytesRead = readSync(this.#fd, window, this.#end, window.length - this.#end, place);
      this.#end += bytesRead;
      this.#isAtEnd = bytesRead === 0;
      if (this.#isAtEnd || this.#end >= size) return;
    }
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
