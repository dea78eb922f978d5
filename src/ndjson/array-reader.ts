/** The reader of one JSON array that fills a whole file: each element is an item. */
import { ElementScanner } from "./element-scanner.ts";
import { type Item, type ItemReader, MAXIMUM_LINE_BYTES } from "./item.ts";
import { itemOf, jsonLine } from "./json-text.ts";
import { excerptOf, type MalformedText, textOf, tooLong } from "./malformed.ts";
import { PartialLine } from "./partial-line.ts";
import { decode, decodeLeniently } from "./utf8.ts";

const BRACKET_OPEN = 0x5b;
/** A byte order mark in UTF-8. */
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/**
 * Cuts at the commas that the scanner finds, and JSON.parse judges each element. Text that is not JSON may be
 * cut in the wrong places; then at least one piece does not parse, so every fault is reported.
 *
 * Elements that end in one chunk are parsed together. Measured on 50-byte records, one by one is a third
 * slower.
 */
export class ArrayReader implements ItemReader {
  readonly #limit: number;
  readonly #carry: PartialLine;
  readonly #scanner = new ElementScanner();
  #place: "before" | "inside" | "after" | "done" = "before";
  /** Bytes of all earlier chunks. */
  #base = 0;
  /** Offset in the file of the first element that has not ended. */
  #openedAt = 0;
  /** Elements that have ended, malformed ones too. */
  #count = 0;

  /** @param maximumElementBytes a longer element is malformed. At least 1; default 1 MiB. */
  constructor(maximumElementBytes = MAXIMUM_LINE_BYTES) {
    this.#limit = maximumElementBytes;
    this.#carry = new PartialLine(maximumElementBytes);
  }

  get done(): boolean {
    return this.#place === "done";
  }

  feed(chunk: Uint8Array, items: Item[]): void {
    let at = 0;
    if (this.#place === "before") at = this.#enter(chunk, items);
    if (this.#place === "inside") at = this.#readElements(chunk, at, items);
    if (this.#place === "after") this.#leave(chunk, at, items);
    this.#base += chunk.length;
  }

  end(items: Item[]): void {
    if (this.#place !== "inside") return;
    const { total, overflowed } = this.#carry;
    const kept = this.#carry.take();
    const text = overflowed ? excerptOf(kept, total) : textOf(kept);
    this.#refuse("the file ends inside the array", this.#openedAt, text, items);
  }

  /** Passes over blanks up to the opening bracket; returns where the elements begin. */
  #enter(chunk: Uint8Array, items: Item[]): number {
    const at = chunk.findIndex((byte, i) => !isBlank(byte) && byte !== BYTE_ORDER_MARK[this.#base + i]);
    if (at < 0) return chunk.length;
    if (chunk[at] !== BRACKET_OPEN) {
      this.#refuse("not an array", this.#base + at, textOf(chunk.subarray(at)), items);
      this.#place = "done";
      return chunk.length;
    }
    this.#place = "inside";
    this.#openedAt = this.#base + at + 1;
    return at + 1;
  }

  /** Returns where it stopped: behind the closing bracket, or at the end of the chunk. */
  #readElements(chunk: Uint8Array, from: number, items: Item[]): number {
    const ends = this.#scanner.scan(chunk, from);
    let start = from;
    if (this.#carry.overflowed) start = this.#skip(chunk, from, ends.shift(), items);
    const last = ends.at(-1);
    if (last !== undefined) {
      this.#complete(this.#carry.take(chunk.subarray(start, last)), ends, items);
      start = last + 1;
      this.#openedAt = this.#base + start;
    }
    if (this.#scanner.closed) {
      this.#place = "after";
      return start;
    }
    this.#carry.append(chunk.subarray(start));
    return chunk.length;
  }

  /**
   * `text` reaches up to the last of `ends`, which are indexes in the chunk; a carried part lies before the
   * chunk.
   */
  #complete(text: Uint8Array, ends: readonly number[], items: Item[]): void {
    const shift = (ends.at(-1) ?? 0) - text.length;
    if (this.#parseTogether(text, ends, shift, items)) return;
    let start = 0;
    for (const end of ends) {
      this.#parse(text.subarray(start, end - shift), this.#base + shift + start, items);
      start = end - shift + 1;
    }
  }

  /** False, and nothing done, where one of the elements that end at `ends` is malformed. */
  #parseTogether(bytes: Uint8Array, ends: readonly number[], shift: number, items: Item[]): boolean {
    const text = bytes.length > this.#limit ? undefined : decode(bytes);
    const values = text === undefined ? undefined : parseList(text);
    if (text === undefined || values === undefined) return false;
    // Blank text between two ends parses as no element: right for `[]`, a fault everywhere else.
    const isEmptyArray =
      values.length === 0 && this.#scanner.closed && this.#count === 0 && ends.length === 1;
    if (values.length !== ends.length && !isEmptyArray) return false;
    // In text that is ASCII alone a byte is a character: nothing has to be decoded again.
    const isAscii = text.length === bytes.length;
    let start = 0;
    for (const [index, data] of values.entries()) {
      const end = (ends[index] ?? 0) - shift;
      const raw = isAscii ? text.slice(start, end) : decodeLeniently(bytes.subarray(start, end));
      items.push({ data, text: jsonLine(raw) });
      start = end + 1;
    }
    this.#count += values.length;
    return true;
  }

  #parse(bytes: Uint8Array, offset: number, items: Item[]): void {
    this.#count++;
    items.push(itemOf(bytes, this.#limit, { element: this.#count, byte: offset }));
  }

  /**
   * The element that outgrew the carry ends at `end`, if in this chunk; returns where what follows it begins.
   */
  #skip(chunk: Uint8Array, from: number, end: number | undefined, items: Item[]): number {
    this.#carry.append(chunk.subarray(from, end));
    if (end === undefined) return chunk.length;
    const { total } = this.#carry;
    this.#refuse(tooLong(this.#limit), this.#openedAt, excerptOf(this.#carry.take(), total), items);
    this.#openedAt = this.#base + end + 1;
    return end + 1;
  }

  #leave(chunk: Uint8Array, from: number, items: Item[]): void {
    const at = chunk.findIndex((byte, i) => i >= from && !isBlank(byte));
    if (at < 0) return;
    const error = "text after the end of the array: nothing is read from here on";
    this.#refuse(error, this.#base + at, textOf(chunk.subarray(at)), items);
    this.#place = "done";
  }

  #refuse(error: string, byte: number, text: MalformedText, items: Item[]): void {
    this.#count++;
    items.push({ malformed: { element: this.#count, byte, error, ...text } });
  }
}

function parseList(text: string): unknown[] | undefined {
  try {
    return JSON.parse(`[${text}]`);
  } catch {
    return undefined;
  }
}

/** White space in JSON. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
