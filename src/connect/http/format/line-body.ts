/** A body of lines that does not exceed its limit. */
import { type JsonEvent, jsonOf } from "../../../ndjson/event-line.ts";
import { LineBuffer } from "../../../ndjson/line-buffer.ts";
import type { Body } from "./body-format.ts";

/** A line, and its bytes with the line feed. */
export interface SizedLine {
  readonly line: JsonEvent;
  readonly size: number;
}

/** The JSON of an event. @throws TypeError for data that JSON cannot say */
export function lineOfEvent(event: JsonEvent): SizedLine {
  const { raw } = event;
  return raw === undefined ? lineOfText(jsonOf(event)) : { line: event, size: raw.end - raw.start + 1 };
}

/** @param text without a line feed. */
export function lineOfText(text: string): SizedLine {
  return { line: { data: undefined, text, raw: undefined }, size: Buffer.byteLength(text) + 1 };
}

export class LineBody implements Body {
  readonly #lines = new LineBuffer();
  readonly #limit: number;
  readonly #linesOf: (event: JsonEvent) => readonly SizedLine[];

  /**
   * @param limit in bytes.
   * @param linesOf the lines of one event: they stay together. Throws a TypeError for an event without a form.
   */
  constructor(limit: number, linesOf: (event: JsonEvent) => readonly SizedLine[]) {
    this.#limit = limit;
    this.#linesOf = linesOf;
  }

  get byteLength(): number {
    return this.#lines.byteLength;
  }

  add(event: JsonEvent): boolean {
    const lines = this.#linesOf(event);
    let size = 0;
    for (const line of lines) size += line.size;
    if (this.byteLength > 0 && this.byteLength + size > this.#limit) return false;
    for (const { line } of lines) this.#lines.add(line);
    return true;
  }

  take(): Uint8Array[] {
    return this.#lines.take();
  }
}
