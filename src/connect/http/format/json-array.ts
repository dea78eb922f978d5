/** One JSON array: an element for each event. */
import { type JsonEvent, jsonOf } from "../../../ndjson/event-line.ts";
import type { Body, BodyFormat } from "./body-format.ts";

class ArrayBody implements Body {
  readonly #limit: number;
  readonly #elements: string[] = [];
  /** Without the brackets. */
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get byteLength(): number {
    return this.#size + 2;
  }

  add(event: JsonEvent): boolean {
    const text = jsonOf(event);
    const isFirst = this.#elements.length === 0;
    const size = Buffer.byteLength(text) + (isFirst ? 0 : 1); // a comma
    if (!isFirst && this.byteLength + size > this.#limit) return false;
    this.#elements.push(text);
    this.#size += size;
    return true;
  }

  take(): Uint8Array[] {
    return [Buffer.from(`[${this.#elements.join()}]`)];
  }
}

export const JSON_ARRAY: BodyFormat = {
  contentType: "application/json",
  answerBytes: 0,
  begin: (limit) => new ArrayBody(limit),
};
