/** A line that is decoded and parsed when it is used. */
import type { JsonItem } from "./item.ts";
import { NOT_UTF8 } from "./malformed.ts";
import type { RawText } from "./raw-text.ts";
import { decode } from "./utf8.ts";

/** Lines of one chunk, with what they have in common. */
export class LineBlock {
  readonly bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #count: number;
  /** False: the lines were only cut, and may be anything. */
  readonly isChecked: boolean;
  /** How often the data of a line was read. */
  uses = 0;
  /** The text of each line, decoded all at once; empty: one of the lines is not UTF-8. */
  #texts: readonly string[] | undefined;

  /**
   * @param end index of the line feed of the last line.
   * @param count lines in the block.
   * @param isChecked the lines are JSON texts.
   */
  constructor(bytes: Uint8Array, start: number, end: number, count: number, isChecked = true) {
    this.bytes = bytes;
    this.isChecked = isChecked;
    this.#start = start;
    this.#end = end;
    this.#count = count;
  }

  /** The data of most lines was read. */
  get isUsed(): boolean {
    return this.uses * 2 > this.#count;
  }

  /** The text of a line, maybe with a carriage return behind it. @returns undefined where it is not UTF-8 */
  textAt(index: number, start: number, end: number): string | undefined {
    this.#texts ??= decode(this.bytes.subarray(this.#start, this.#end))?.split("\n") ?? [];
    return this.#texts[index] ?? decode(this.bytes.subarray(start, end));
  }
}

const UNREAD = {};

/** One JSON text in a line. It keeps its chunk in memory. */
export class Line implements JsonItem, RawText {
  readonly #block: LineBlock;
  /** Its number in the block, from 0. */
  readonly #index: number;
  readonly start: number;
  readonly end: number;
  #data: unknown;

  /** @param data the value, where it is known. */
  constructor(block: LineBlock, index: number, start: number, end: number, data: unknown = UNREAD) {
    this.#block = block;
    this.#index = index;
    this.start = start;
    this.end = end;
    this.#data = data;
  }

  get bytes(): Uint8Array {
    return this.#block.bytes;
  }

  get raw(): RawText {
    return this;
  }

  /** True: the line was not validated. */
  get isUnchecked(): boolean {
    return !this.#block.isChecked;
  }

  /** @throws SyntaxError where the line was not validated and is not UTF-8 */
  get text(): string {
    const text = this.#block.textAt(this.#index, this.start, this.end);
    if (text === undefined) throw new SyntaxError(NOT_UTF8);
    return withoutReturn(text);
  }

  /**
   * Parsed at the first use.
   *
   * @throws SyntaxError where the line was not validated and is not valid JSON
   */
  get data(): unknown {
    this.#block.uses++;
    if (this.#data === UNREAD) this.#data = JSON.parse(this.text);
    return this.#data;
  }
}

/** Without the carriage return of a Windows line end. */
export function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
