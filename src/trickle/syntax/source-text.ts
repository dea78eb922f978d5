/** The text of a pipeline, and its lines and columns. */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number;
}

const LINE_BREAK = /\r\n|\n|\r/g;

export class SourceText {
  readonly text: string;
  /** As shown in messages. */
  readonly file: string;
  readonly #lineStarts: readonly number[];

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    this.#lineStarts = [
      0,
      ...Array.from(text.matchAll(LINE_BREAK), (found) => found.index + found[0].length),
    ];
  }

  /** Line and column of an offset. An offset behind the end means the end. */
  positionOf(offset: number): Position {
    const inside = Math.min(offset, this.text.length);
    const line = this.#lineOf(inside);
    return { line: line + 1, column: inside - this.#startOf(line) + 1 };
  }

  /** The text of a line, counted from 1, without its line break. */
  line(line: number): string {
    return this.text.slice(this.#startOf(line - 1), this.#startOf(line)).replace(/[\r\n]+$/, "");
  }

  #startOf(line: number): number {
    return this.#lineStarts[line] ?? this.text.length;
  }

  /** The last line that starts at or before `offset`, by bisection: a large source can have many warnings. */
  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#startOf(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
