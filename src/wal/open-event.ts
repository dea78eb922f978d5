/** An event that was read from a log and is not done. */
import type { EventContent, Meta } from "../flow/protocol/event.ts";
import type { RawText } from "../ndjson/raw-text.ts";
import { decodeLeniently } from "../ndjson/utf8.ts";
import type { LogRecord } from "./log/record.ts";

/** As the graph takes it: parsed when something asks for its data. */
export class OpenEvent implements EventContent {
  /** A log takes what a reader that does not validate has let pass. */
  readonly isUnchecked = true;
  /** Its number in the log. */
  readonly id: number;
  /** When it was written, in ms since 1970. */
  readonly timeMs: number;
  readonly meta: Meta | undefined;
  /** How often a sink failed it. */
  tries = 0;
  /** How often it was refused since. */
  refusals = 0;
  /** When to send it again, in ms. */
  dueMs = 0;
  #raw: RawText;
  #text: string | undefined;
  #data: { readonly value: unknown } | undefined;

  constructor(record: LogRecord) {
    this.id = record.id;
    this.timeMs = record.timeMs;
    this.meta = record.meta === undefined ? undefined : JSON.parse(record.meta);
    this.#raw = record;
  }

  get raw(): RawText {
    return this.#raw;
  }

  /** Bytes of the text. */
  get byteLength(): number {
    return this.#raw.end - this.#raw.start;
  }

  get text(): string {
    const { bytes, start, end } = this.#raw;
    this.#text ??= decodeLeniently(bytes.subarray(start, end));
    return this.#text;
  }

  get data(): unknown {
    this.#data ??= { value: JSON.parse(this.text) };
    return this.#data.value;
  }

  /** Copies the text: an event that waits keeps no more than itself in memory. */
  detach(): void {
    const { bytes, start, end } = this.#raw;
    if (bytes.length === end - start) return;
    this.#raw = { bytes: bytes.slice(start, end), start: 0, end: end - start };
  }
}
