/** The reader of NDJSON: one JSON text a line. */
import { LINE_BLANK, LINE_VALID, VERDICT_BITS } from "../../assembly/ndjson/layout.ts";
import { type Item, type ItemReader, MAXIMUM_LINE_BYTES } from "./item.ts";
import { Line, LineBlock, withoutReturn } from "./line.ts";
import type { LineScanner } from "./line-scanner.ts";
import { excerptOf, type MalformedText, messageOf, NOT_UTF8, textOf, tooLong } from "./malformed.ts";
import { PartialLine } from "./partial-line.ts";
import { type Scanners, scanners as sharedScanners } from "./scanners.ts";
import { markEnd } from "./utf8.ts";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const VERDICT_MASK = (1 << VERDICT_BITS) - 1;
/** White space of JSON; a line has no line feed in it. */
const BLANK = /^[ \t\r]*$/;

/** All are optional. */
export interface LineReaderOptions {
  /** A longer line is malformed. In bytes, 1 to 268,435,456; default 1,048,576. */
  readonly maximumLineBytes?: number | undefined;
  /**
   * False: lines are not checked. The data and the text of a malformed one throw when they are read. Default:
   * true.
   */
  readonly validate?: boolean | undefined;
  /** What finds and judges the lines. Default: those of this thread, with WebAssembly where it is allowed. */
  readonly scanners?: Scanners | undefined;
}

/**
 * Cuts bytes into lines, and finds the malformed ones without parsing the others. Blank lines are counted as
 * lines and otherwise passed over; a carriage return before the line feed is left out; so is a byte order
 * mark at the very start.
 */
export class LineReader implements ItemReader {
  readonly done = false;
  readonly #limit: number;
  readonly #scanners: Scanners;
  readonly #validates: boolean;
  /** For the chunk that is read. */
  #scanner: LineScanner;
  readonly #carry: PartialLine;
  /** Lines that have ended. */
  #line = 0;
  /** The latest lines that were read. */
  #block: LineBlock | undefined;

  constructor({
    maximumLineBytes = MAXIMUM_LINE_BYTES,
    validate = true,
    scanners = sharedScanners(),
  }: LineReaderOptions = {}) {
    this.#limit = maximumLineBytes;
    this.#validates = validate;
    this.#scanners = scanners;
    this.#scanner = this.#nextScanner();
    this.#carry = new PartialLine(maximumLineBytes);
  }

  feed(chunk: Uint8Array, items: Item[]): void {
    this.#scanner = this.#nextScanner();
    const start = this.#carry.length === 0 ? 0 : this.#endCarried(chunk, items);
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > start) this.#readLines(chunk, start, end, items);
    if (chunk.length > Math.max(start, end)) this.#carry.append(chunk.subarray(Math.max(start, end)));
  }

  end(items: Item[]): void {
    if (this.#carry.overflowed) this.#refuseCarried(items);
    else if (this.#carry.length > 0) this.#readWhole(this.#carry.take(Uint8Array.of(LINE_FEED)), items);
  }

  /** There are no more bytes, and the last line is not whole: it is malformed for that reason. */
  cut(reason: string, items: Item[]): void {
    if (this.#carry.overflowed) this.#refuseCarried(items);
    else if (this.#carry.length > 0) this.#refuse(reason, textOf(this.#carry.take()), items);
  }

  /** Reads the line that began in an earlier chunk; returns where the next one begins. */
  #endCarried(chunk: Uint8Array, items: Item[]): number {
    const end = chunk.indexOf(LINE_FEED) + 1;
    if (end === 0) {
      this.#carry.append(chunk);
      return chunk.length;
    }
    if (this.#carry.overflowed) {
      this.#carry.append(chunk.subarray(0, end - 1));
      this.#refuseCarried(items);
    } else this.#readWhole(this.#carry.take(chunk.subarray(0, end)), items);
    return end;
  }

  #readWhole(bytes: Uint8Array, items: Item[]): void {
    this.#readLines(bytes, 0, bytes.length, items);
  }

  /** @param end behind a line feed. */
  #readLines(bytes: Uint8Array, from: number, end: number, items: Item[]): void {
    let start = this.#line === 0 ? markEnd(bytes, from) : from;
    while (start < end) {
      const count = this.#scanner.scan(bytes, start, end);
      start = this.#readScanned(bytes, start, this.#scanner.results.subarray(0, count), items);
    }
  }

  /**
   * Where the data of the latest lines was used, lines are parsed at once: to parse a line validates it.
   * Measured on Node 20 and 1 kB lines: a scan before that takes a fifth of the time.
   */
  #nextScanner(): LineScanner {
    if (!this.#validates) return this.#scanners.passing;
    return this.#block?.isUsed === true ? this.#scanners.unsure : this.#scanners.validating;
  }

  /** Reads the lines that a scanner has found; returns where the next one begins. */
  #readScanned(bytes: Uint8Array, from: number, results: Uint32Array, items: Item[]): number {
    const count = results.length;
    const end = from + (results[count - 1]! >>> VERDICT_BITS); // there is at least one
    const block = new LineBlock(bytes, from, end, count, this.#validates);
    this.#block = block;
    let start = from;
    for (let index = 0; index < count; index++) {
      const result = results[index]!; // one for each line
      const verdict = result & VERDICT_MASK;
      const lineEnd = from + (result >>> VERDICT_BITS);
      if (lineEnd - start > this.#limit) this.#refuseLong(bytes, start, lineEnd, items);
      else if (verdict === LINE_VALID) {
        this.#line++;
        items.push(new Line(block, index, start, textEnd(bytes, start, lineEnd)));
      } else if (verdict === LINE_BLANK) this.#line++;
      else this.#judge(block, index, start, lineEnd, items);
      start = lineEnd + 1;
    }
    return start;
  }

  /** JSON.parse decides. */
  #judge(block: LineBlock, index: number, start: number, end: number, items: Item[]): void {
    const text = block.textAt(index, start, end);
    if (text === undefined) this.#refuse(NOT_UTF8, textOf(block.bytes.subarray(start, end)), items);
    else if (BLANK.test(text)) this.#line++;
    else {
      try {
        items.push(new Line(block, index, start, textEnd(block.bytes, start, end), JSON.parse(text)));
        this.#line++;
      } catch (error) {
        this.#refuse(messageOf(error), { text: withoutReturn(text) }, items);
      }
    }
  }

  #refuseLong(bytes: Uint8Array, start: number, end: number, items: Item[]): void {
    this.#refuse(tooLong(this.#limit), excerptOf(bytes.subarray(start, end), end - start), items);
  }

  #refuseCarried(items: Item[]): void {
    const { total } = this.#carry;
    this.#refuse(tooLong(this.#limit), excerptOf(this.#carry.take(), total), items);
  }

  #refuse(error: string, text: MalformedText, items: Item[]): void {
    this.#line++;
    items.push({ malformed: { line: this.#line, error, ...text } });
  }
}

/** Index behind the text, without the carriage return of a Windows line end. */
function textEnd(bytes: Uint8Array, start: number, end: number): number {
  return end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}
