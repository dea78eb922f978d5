/** Events that wait to be written, as the bytes of their records. */
import type { RawText } from "../../ndjson/raw-text.ts";
import { HEAD_SIZE, MAXIMUM_CONTENT_SIZE, sealRecord } from "./record.ts";

/** Bytes of a block, which takes many records; a larger record has a block of its own. */
const BLOCK_SIZE = 262_144;
/** Bytes up to which a text is copied one by one. */
const LOOPED_SIZE = 96;
/** UTF-8 takes at most 3 bytes for a UTF-16 code unit. */
const BYTES_PER_UNIT = 3;

/** Records that are written together. */
export interface Batch {
  /** Id of the first; the ids of the others follow it. */
  readonly firstId: number;
  readonly count: number;
  readonly parts: readonly Uint8Array[];
  readonly byteLength: number;
}

export class AppendBuffer {
  readonly #encoder = new TextEncoder();
  #parts: Uint8Array[] = [];
  #block = new Uint8Array(0);
  #view = new DataView(this.#block.buffer);
  /** Its bytes before `#start` belong to a batch that was taken. */
  #start = 0;
  #end = 0;
  #firstId = 0;
  #count = 0;
  #byteLength = 0;

  /** Bytes that `take` has not returned. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * @param timeMs since 1970
   * @param meta JSON; undefined: there is none
   * @param text the JSON of the event, without a line feed
   * @throws RangeError for an event of more than 256 MiB; nothing is added
   */
  add(id: number, timeMs: number, meta: string | undefined, text: RawText | string): void {
    const most = (meta === undefined ? 0 : BYTES_PER_UNIT * meta.length) + mostBytesOf(text);
    if (most > MAXIMUM_CONTENT_SIZE) {
      throw new RangeError(`an event of the log must have at most ${MAXIMUM_CONTENT_SIZE} bytes`);
    }
    if (this.#end + HEAD_SIZE + most > this.#block.length) this.#beginBlock(HEAD_SIZE + most);
    const at = this.#end;
    const metaAt = at + HEAD_SIZE;
    const metaSize = meta === undefined ? 0 : this.#encode(meta, metaAt);
    const contentSize = metaSize + this.#copy(text, metaAt + metaSize);
    sealRecord(this.#block, this.#view, at, id, timeMs, metaSize, contentSize);
    this.#end = metaAt + contentSize;
    this.#byteLength += HEAD_SIZE + contentSize;
    if (this.#count === 0) this.#firstId = id;
    this.#count++;
  }

  /** All records since the last call; undefined: there are none. */
  take(): Batch | undefined {
    if (this.#count === 0) return undefined;
    this.#endPart();
    const batch = {
      firstId: this.#firstId,
      count: this.#count,
      parts: this.#parts,
      byteLength: this.#byteLength,
    };
    this.#parts = [];
    this.#count = 0;
    this.#byteLength = 0;
    return batch;
  }

  #encode(text: string, at: number): number {
    return this.#encoder.encodeInto(text, this.#block.subarray(at)).written;
  }

  #copy(text: RawText | string, at: number): number {
    if (typeof text === "string") return this.#encode(text, at);
    const { bytes, start, end } = text;
    const block = this.#block;
    // Measured: a view of the bytes costs as much as a loop over 100 of them.
    if (end - start > LOOPED_SIZE) block.set(bytes.subarray(start, end), at);
    else for (let from = start, to = at; from < end; from++, to++) block[to] = bytes[from] as number;
    return end - start;
  }

  #beginBlock(size: number): void {
    this.#endPart();
    this.#block = new Uint8Array(Math.max(BLOCK_SIZE, size));
    this.#view = new DataView(this.#block.buffer);
    this.#start = this.#end = 0;
  }

  #endPart(): void {
    if (this.#end > this.#start) this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

function mostBytesOf(text: RawText | string): number {
  return typeof text === "string" ? BYTES_PER_UNIT * text.length : text.end - text.start;
}
