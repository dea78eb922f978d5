/** A part of a JSON text as it is written: numbers keep their digits. */

import { endOfString } from "./changed-digits.ts";

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_RECORD = 123;
const CLOSE_RECORD = 125;
/** The last character that JSON calls white space; control characters are in no valid text. */
const SPACE = 32;

/**
 * The text of the value at a path; undefined where there is none. Of a key that is there twice the last one counts, as in
 * `JSON.parse`.
 *
 * @param text valid JSON
 * @param path strings for records, numbers for lists
 */
export function sliceOf(text: string, path: readonly unknown[]): string | undefined {
  const scanner = new Scanner(text);
  let start: number | undefined = 0;
  for (const key of path) {
    start = typeof key === "number" ? scanner.itemAt(start, key) : scanner.fieldAt(start, key);
    if (start === undefined) return undefined;
  }
  const from = scanner.skipSpace(start);
  return text.slice(from, scanner.endOf(from));
}

/** Offsets are in UTF-16 units. None of the methods calls itself: nesting costs no stack. */
class Scanner {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  skipSpace(start: number): number {
    let at = start;
    while (this.#text.charCodeAt(at) <= SPACE) at++;
    return at;
  }

  /** The offset behind the value that begins at `start`. */
  endOf(start: number): number {
    const first = this.#text.charCodeAt(start);
    if (first === QUOTE) return endOfString(this.#text, start);
    if (first === OPEN_LIST || first === OPEN_RECORD) return this.#endOfGroup(start);
    let at = start;
    while (at < this.#text.length && !isEndOfWord(this.#text.charCodeAt(at))) at++;
    return at;
  }

  /** Where the value of a field begins. */
  fieldAt(start: number, key: unknown): number | undefined {
    let at = this.#inside(start, OPEN_RECORD, CLOSE_RECORD);
    let found: number | undefined;
    while (at !== undefined) {
      const end = endOfString(this.#text, at);
      const value = this.skipSpace(this.skipSpace(end) + 1); // behind the colon
      if (this.#stringOf(at, end) === key) found = value;
      at = this.#next(value);
    }
    return found;
  }

  /** Where an item of a list begins. */
  itemAt(start: number, index: number): number | undefined {
    let at = this.#inside(start, OPEN_LIST, CLOSE_LIST);
    for (let i = 0; i < index && at !== undefined; i++) at = this.#next(at);
    return at;
  }

  /** Where the first part of a list or record begins; undefined: it is none, or empty. */
  #inside(start: number, open: number, close: number): number | undefined {
    const from = this.skipSpace(start);
    if (this.#text.charCodeAt(from) !== open) return undefined;
    const first = this.skipSpace(from + 1);
    return this.#text.charCodeAt(first) === close ? undefined : first;
  }

  /** Where the part behind the value at `start` begins; undefined: there is none. */
  #next(start: number): number | undefined {
    const end = this.skipSpace(this.endOf(start));
    return this.#text.charCodeAt(end) === COMMA ? this.skipSpace(end + 1) : undefined;
  }

  #endOfGroup(start: number): number {
    let depth = 0;
    let at = start;
    do {
      const unit = this.#text.charCodeAt(at);
      if (unit === OPEN_LIST || unit === OPEN_RECORD) depth++;
      else if (unit === CLOSE_LIST || unit === CLOSE_RECORD) depth--;
      at = unit === QUOTE ? endOfString(this.#text, at) : at + 1;
    } while (depth > 0 && at < this.#text.length);
    return at;
  }

  #stringOf(start: number, end: number): string {
    const inner = this.#text.slice(start + 1, end - 1);
    return inner.includes("\\") ? String(JSON.parse(`"${inner}"`)) : inner;
  }
}

function isEndOfWord(unit: number): boolean {
  return unit === COMMA || unit === CLOSE_LIST || unit === CLOSE_RECORD || unit === COLON || unit <= SPACE;
}
