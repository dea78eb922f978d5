/** An event of a log, as the graph takes it. */
import type { EventContent, Meta } from "../flow/protocol/event.ts";
import type { RawText } from "../ndjson/raw-text.ts";
import type { LogRecord } from "./log/record.ts";

const DECODER = new TextDecoder();

/** Parsed when something asks for its data. */
export class LoggedContent implements EventContent {
  readonly meta: Meta | undefined;
  #raw: RawText;
  #text: string | undefined;
  #data: { readonly value: unknown } | undefined;

  constructor({ raw, meta }: LogRecord) {
    this.#raw = raw;
    this.meta = meta === undefined ? undefined : JSON.parse(meta);
  }

  get raw(): RawText {
    return this.#raw;
  }

  get text(): string {
    const { bytes, start, end } = this.#raw;
    this.#text ??= DECODER.decode(bytes.subarray(start, end));
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
    this.#raw = { bytes: new Uint8Array(bytes.subarray(start, end)), start: 0, end: end - start };
  }
}
