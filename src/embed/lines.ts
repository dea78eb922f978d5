/** Newline-delimited JSON from any stream of bytes or text, as a source. Web standards only. */
import { numberOption, objectOption } from "../breaker/validate.ts";
import type { Source, SourceItem } from "../flow/ends.ts";
import { destroyerOf } from "./source.ts";

/** All are optional. A value out of range is an OptionError. */
export interface LinesOptions {
  /** For messages. Default "lines". */
  readonly name?: string;
  /** A longer line is malformed, and skipped in constant memory. In bytes of UTF-8, 1 to 268,435,456; default 1,048,576. */
  readonly maximumLineBytes?: number;
}

/** Such as the body of a response, or a file of a form by its `stream()`. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>;

const LINE_FEED = 10;
/** What JSON calls white space. */
const BLANK = /^[ \t\r]*$/;
/** Characters of a line that is too long that are kept. */
const EXCERPT_LENGTH = 200;
/** Bytes that hold as many characters for certain. */
const EXCERPT_SIZE = EXCERPT_LENGTH * 4;
/** The first half of a character beyond U+FFFF, at the end of a text. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/**
 * A source for `deploy`: each line is an event with its text, so that a sink can write it as it was read. Blank lines are passed
 * over; a line that is no JSON, no UTF-8 or too long goes to the pipeline's `err` with its number.
 *
 * @throws OptionError for an option out of range
 */
export function linesFrom(stream: ByteStream, options?: LinesOptions): Source {
  const given = objectOption("options", options, ["name", "maximumLineBytes"]);
  const range = { from: 1, to: 268_435_456, whole: true };
  const limit = numberOption("maximumLineBytes", given.maximumLineBytes, range, 1_048_576);
  return new LineSource(options?.name ?? "lines", stream, limit);
}

class LineSource implements Source {
  readonly name: string;
  readonly #chunks: AsyncIterator<Uint8Array | string>;
  readonly #isStream: boolean;
  readonly #destroy: (() => void) | undefined;
  readonly #cutter: Cutter;
  readonly #encoder = new TextEncoder();
  /** Half a character, whose other half comes with the next text. */
  #half = "";
  #ended = false;

  constructor(name: string, stream: ByteStream, limit: number) {
    this.name = name;
    this.#isStream = "getReader" in stream;
    this.#destroy = destroyerOf(stream);
    this.#chunks = "getReader" in stream ? chunksOf(stream) : stream[Symbol.asyncIterator]();
    this.#cutter = new Cutter(limit);
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (this.#ended) return undefined;
    const { value, done } = await this.#chunks.next();
    // Closed meanwhile: what was kept is no last line, it was cut off.
    if (this.#ended) return undefined;
    const items: SourceItem[] = [];
    if (done) {
      this.#ended = true;
      if (this.#half !== "") this.#cutter.feed(this.#encoder.encode(this.#half), items);
      this.#cutter.end(items);
    } else this.#cutter.feed(typeof value === "string" ? this.#encode(value) : value, items);
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
    // A generator that waits for something would let us wait as well: it is told, and not waited for.
    else if (!isOver) this.#chunks.return?.()?.then(undefined, () => {});
  }
}

/** What a malformed line quotes: all of it, unless it is too long. */
interface MalformedText {
  readonly text: string;
  /** Of the whole line, where it is too long. */
  readonly bytes?: number;
  /** The bytes, where they are not UTF-8. */
  readonly base64?: string;
}

/** Cuts bytes at line feeds and parses each line. */
class Cutter {
  readonly #limit: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #lenient = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Of the line that is not complete: its bytes; of one that is too long the first few. */
  #parts: Uint8Array[] = [];
  #kept = 0;
  #length = 0;
  #line = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  feed(chunk: Uint8Array, items: SourceItem[]): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#read(items);
      start = end + 1;
    }
    // A copy: whoever owns the chunk may use its memory again.
    this.#keep(chunk.slice(start));
  }

  end(items: SourceItem[]): void {
    if (this.#length > 0) this.#read(items);
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    const room = this.#length > this.#limit ? Math.max(EXCERPT_SIZE - this.#kept, 0) : part.length;
    if (room === 0 || part.length === 0) return;
    // A copy of what is too long: a view would keep all of it in memory.
    const kept = room < part.length ? part.slice(0, room) : part;
    this.#parts.push(kept);
    this.#kept += kept.length;
  }

  #read(items: SourceItem[]): void {
    const [parts, kept, length] = [this.#parts, this.#kept, this.#length];
    this.#parts = [];
    this.#kept = 0;
    this.#length = 0;
    this.#line++;
    const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : joined(parts, kept);
    if (length > this.#limit) {
      const text = this.#lenient.decode(bytes.subarray(0, EXCERPT_SIZE)).slice(0, EXCERPT_LENGTH);
      this.#refuse(`longer than ${this.#limit} bytes`, { text, bytes: length }, items);
    } else this.#parse(bytes, items);
  }

  #parse(bytes: Uint8Array, items: SourceItem[]): void {
    let text: string;
    try {
      text = this.#textOf(this.#decoder.decode(bytes));
    } catch {
      const given = { text: this.#textOf(this.#lenient.decode(bytes)), base64: base64Of(bytes) };
      this.#refuse("not valid UTF-8", given, items);
      return;
    }
    try {
      if (!BLANK.test(text)) items.push({ data: JSON.parse(text), text });
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error), { text }, items);
    }
  }

  /** Without the byte order mark of the first line and the carriage return of Windows. */
  #textOf(text: string): string {
    const from = this.#line === 1 && text.startsWith("\uFEFF") ? 1 : 0;
    return text.slice(from, text.endsWith("\r") ? -1 : undefined);
  }

  #refuse(error: string, text: MalformedText, items: SourceItem[]): void {
    items.push({ malformed: { line: this.#line, error, ...text } });
  }
}

/** Not every runtime has `toBase64`. */
function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Not every browser can iterate over a stream; and `return` of a generator would wait for a read that is under way. */
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
