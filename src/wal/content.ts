/** An event of a log, as the graph takes it. */
import type { EventContent, Meta } from "../flow/protocol/event.ts";
import type { RawText } from "../ndjson/raw-text.ts";
import type { LogRecord } from "./log/record.ts";

const DECODER = new TextDecoder();

/** Parsed when something asks for its data. */
export class LoggedContent implements EventContent {
  readonly meta: Meta | undefined;
  readonly raw: RawText;
  #text: string | undefined;
  #data: { readonly value: unknown } | undefined;

  constructor({ text, meta }: LogRecord) {
    this.raw = { bytes: text, start: 0, end: text.length };
    this.meta = meta === undefined ? undefined : JSON.parse(meta);
  }

  get text(): string {
    this.#text ??= DECODER.decode(this.raw.bytes);
    return this.#text;
  }

  get data(): unknown {
    this.#data ??= { value: JSON.parse(this.text) };
    return this.#data.value;
  }
}
