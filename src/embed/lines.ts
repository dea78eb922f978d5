/** Newline-delimited JSON from any stream of bytes or text, as a source. Web standards only. */
import { numberOption, objectOption, wrongType } from "../breaker/validate.ts";
import type { Source, SourceItem } from "../flow/protocol/source-and-sink.ts";
import { type Item, MAXIMUM_LINE_BYTES } from "../ndjson/item.ts";
import { LineReader } from "../ndjson/line-reader.ts";
import { destroyerOf } from "./source.ts";

/** All are optional. A value out of range is an OptionError. */
export interface LinesOptions {
  /** For messages. Default "lines". */
  readonly name?: string;
  /**
   * A longer line is malformed, and skipped in constant memory. In bytes of UTF-8, 1 to 268,435,456; default
   * 1,048,576.
   */
  readonly maximumLineBytes?: number;
  /**
   * False: lines are not checked. A malformed one then reaches a sink that writes the text, and becomes
   * malformed where an expression reads it. Default: true.
   */
  readonly validate?: boolean;
}

/** The body of a response, a file of a form by its `stream()`, a Node stream. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

/** The first half of a character beyond U+FFFF, at the end of a text. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/**
 * A source for `deploy`: each line is an event, parsed when an expression or a sink reads its data. A sink
 * can write the line as it was read. Blank lines are passed over; a line that is not JSON, not UTF-8 or too
 * long goes to the pipeline's `err` with its number.
 *
 * @throws OptionError for an option out of range
 */
export function linesFrom(stream: ByteStream, options?: LinesOptions): Source {
  const given = objectOption("options", options, ["name", "maximumLineBytes", "validate"]);
  const range = { from: 1, to: 268_435_456, whole: true };
  const maximumLineBytes = numberOption(
    "maximumLineBytes",
    given.maximumLineBytes,
    range,
    MAXIMUM_LINE_BYTES,
  );
  const { validate = true } = given;
  if (typeof validate !== "boolean") throw wrongType("validate", "true or false", validate);
  return new LineSource(options?.name ?? "lines", stream, new LineReader({ maximumLineBytes, validate }));
}

class LineSource implements Source {
  readonly name: string;
  readonly #chunks: AsyncIterator<Uint8Array | string>;
  readonly #isStream: boolean;
  readonly #destroy: (() => void) | undefined;
  readonly #reader: LineReader;
  readonly #encoder = new TextEncoder();
  /** Half a character, whose other half comes with the next text. */
  #half = "";
  #ended = false;

  constructor(name: string, stream: ByteStream, reader: LineReader) {
    this.name = name;
    this.#isStream = "getReader" in stream;
    this.#destroy = destroyerOf(stream);
    this.#chunks = "getReader" in stream ? chunksOf(stream) : stream[Symbol.asyncIterator]();
    this.#reader = reader;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (this.#ended) return undefined;
    const { value, done } = await this.#chunks.next();
    // Closed meanwhile: the beginning of a line that is held was cut off.
    if (this.#ended) return undefined;
    const items: Item[] = [];
    if (done) {
      this.#ended = true;
      if (this.#half !== "") this.#reader.feed(this.#encoder.encode(this.#half), items);
      this.#reader.end(items);
    } else this.#reader.feed(typeof value === "string" ? this.#encode(value) : copyOf(value), items);
    return items;
  }

  /** A text may end between the two halves of one character. */
  #encode(text: string): Uint8Array {
    const whole = this.#half + text;
    this.#half = HALF_CHARACTER.exec(whole)?.[0] ?? "";
    return this.#encoder.encode(whole.slice(0, whole.length - this.#half.length));
  }

  async close(): Promise<void> {
    const isOver = this.#ended;
    this.#ended = true;
    if (!isOver) this.#destroy?.();
    if (this.#isStream) await this.#chunks.return?.();
    // `return` of a generator waits for the `await` that it is at, so this does not wait for `return`.
    else if (!isOver) this.#chunks.return?.()?.then(undefined, () => {});
  }
}

/** An iterable may use the memory of a chunk again. Not `slice`: that of a Buffer copies nothing. */
function copyOf(chunk: Uint8Array): Uint8Array {
  return new Uint8Array(chunk);
}

/**
 * Not every browser can iterate over a stream; `return` of a stream's iterator waits for the read that is
 * under way.
 */
function chunksOf(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array> {
  const reader = stream.getReader();
  return {
    async next() {
      const { value, done } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    async return() {
      await reader.cancel().catch(() => {}); // its error has been thrown by `next` already
      return { done: true, value: undefined };
    },
  };
}
