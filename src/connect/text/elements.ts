/** One JSON array that fills a whole file: each element is an event. */
import type { SourceItem } from "../../flow/ends.ts";
import { reasonOf } from "../errors.ts";
import { Carry } from "./carry.ts";
import { excerptOf, type MalformedText, textOf } from "./excerpt.ts";
import { jsonLine } from "./json-line.ts";
import { ElementScanner } from "./scanner.ts";
import { faultIn, MAXIMUM_LINE_BYTES, type Splitter, tooLong } from "./splitter.ts";

const BRACKET_OPEN = 0x5b;
/** A byte order mark in UTF-8. */
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const NOTHING = Buffer.alloc(0);

/**
 * Cuts at the commas that the scanner finds and leaves every verdict to JSON.parse. On text that is no JSON the
 * cuts may be in the wrong places; then one of the pieces at least does not parse, so nothing is lost without a word.
 *
 * Elements that end in one chunk are parsed together. Measured on 50-byte records, one by one is a third slower.
 */
export class ElementSplitter implements Splitter {
  readonly #limit: number;
  readonly #carry: Carry;
  readonly #scanner = new ElementScanner();
  #place: "before" | "inside" | "after" | "done" = "before";
  /** Bytes of all earlier chunks. */
  #base = 0;
  /** Offset in the file of the first element that has not ended yet. */
  #openedAt = 0;
  /** Elements that have ended, malformed ones too. */
  #count = 0;

  /** @param maximumElementBytes a longer element is malformed. At least 1; default 1 MiB. */
  constructor(maximumElementBytes = MAXIMUM_LINE_BYTES) {
    this.#limit = maximumElementBytes;
    this.#carry = new Carry(maximumElementBytes);
  }

  get done(): boolean {
    return this.#place === "done";
  }

  feed(chunk: Buffer, items: SourceItem[]): void {
    let at = 0;
    if (this.#place === "before") at = this.#enter(chunk, items);
    if (this.#place === "inside") at = this.#readElements(chunk, at, items);
    if (this.#place === "after") this.#leave(chunk, at, items);
    this.#base += chunk.length;
  }

  end(items: SourceItem[]): void {
    if (this.#place !== "inside") return;
    const { total, overflowed } = this.#carry;
    const kept = this.#carry.take(NOTHING);
    const text = overflowed ? excerptOf(kept, total) : textOf(kept);
    this.#refuse("the file ends inside the array", this.#openedAt, text, items);
  }

  /** Passes over blanks up to the opening bracket; returns where the elements begin. */
  #enter(chunk: Buffer, items: SourceItem[]): number {
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
  #readElements(chunk: Buffer, from: number, items: SourceItem[]): number {
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

  /** `text` reaches up to the last of `ends`, which are indexes in the chunk; a carried part lies before the chunk. */
  #complete(text: Buffer, ends: readonly number[], items: SourceItem[]): void {
    const shift = (ends.at(-1) ?? 0) - text.length;
    if (this.#parseTogether(text, ends, shift, items)) return;
    let start = 0;
    for (const end of ends) {
      this.#parse(text.subarray(start, end - shift), this.#base + shift + start, items);
      start = end - shift + 1;
    }
  }

  /** False, and nothing done, where one of the elements that end at `ends` is malformed. */
  #parseTogether(bytes: Buffer, ends: readonly number[], shift: number, items: SourceItem[]): boolean {
    if (faultIn(bytes, this.#limit) !== undefined) return false;
    const text = bytes.toString();
    const values = parseList(text);
    if (values === undefined) return false;
    // Blank text between two ends parses as no element: right for `[]`, a fault everywhere else.
    const isEmptyArray =
      values.length === 0 && this.#scanner.closed && this.#count === 0 && ends.length === 1;
    if (values.length !== ends.length && !isEmptyArray) return false;
    // In text that is ASCII alone a byte is a character: nothing has to be decoded again.
    const isAscii = text.length === bytes.length;
    let start = 0;
    for (const [index, data] of values.entries()) {
      const end = (ends[index] ?? 0) - shift;
      const raw = isAscii ? text.slice(start, end) : bytes.toString("utf8", start, end);
      items.push({ data, text: jsonLine(raw) });
      start = end + 1;
    }
    this.#count += values.length;
    return true;
  }

  #parse(bytes: Buffer, offset: number, items: SourceItem[]): void {
    const fault = faultIn(bytes, this.#limit);
    if (fault !== undefined) {
      const isTooLong = bytes.length > this.#limit;
      this.#refuse(fault, offset, isTooLong ? excerptOf(bytes, bytes.length) : textOf(bytes), items);
      return;
    }
    const text = bytes.toString();
    try {
      items.push({ data: JSON.parse(text), text: jsonLine(text) });
      this.#count++;
    } catch (error) {
      this.#refuse(reasonOf(error), offset, { text }, items);
    }
  }

  /** The element that outgrew the carry ends at `end`, if in this chunk; returns where what follows it begins. */
  #skip(chunk: Buffer, from: number, end: number | undefined, items: SourceItem[]): number {
    this.#carry.append(chunk.subarray(from, end));
    if (end === undefined) return chunk.length;
    const { total } = this.#carry;
    this.#refuse(tooLong(this.#limit), this.#openedAt, excerptOf(this.#carry.take(NOTHING), total), items);
    this.#openedAt = this.#base + end + 1;
    return end + 1;
  }

  #leave(chunk: Buffer, from: number, items: SourceItem[]): void {
    const at = chunk.findIndex((byte, i) => i >= from && !isBlank(byte));
    if (at < 0) return;
    const error = "text after the end of the array: nothing is read from here on";
    this.#refuse(error, this.#base + at, textOf(chunk.subarray(at)), items);
    this.#place = "done";
  }

  #refuse(error: string, byte: number, text: MalformedText, items: SourceItem[]): void {
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
