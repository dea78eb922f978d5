/** What cuts bytes into events, and the source that is made of a reader and a splitter. */
import { isUtf8 } from "node:buffer";
import type { Source, SourceItem } from "../../flow/ends.ts";
import type { ByteReader } from "./bytes.ts";

/**
 * Bytes of one line or one array element, at most; what is longer is malformed and skipped in constant memory.
 * Default of every source. From the main job's definition: a line over 1 MiB.
 */
export const MAXIMUM_LINE_BYTES = 1_048_576;

export interface Splitter {
  /** Nothing that follows can be read any more. */
  readonly done: boolean;
  /** Cuts the next bytes, appends what they complete to `items`, and keeps the rest. Keeps no view of `chunk`. */
  feed(chunk: Buffer, items: SourceItem[]): void;
  /** There are no more bytes: what was kept is the last. */
  end(items: SourceItem[]): void;
}

/** One chunk a pull. A pull may bring no event, such as one in the middle of a very long line. */
export class SplitSource implements Source {
  readonly name: string;
  readonly #reader: ByteReader;
  readonly #splitter: Splitter;
  #ended = false;

  constructor(name: string, reader: ByteReader, splitter: Splitter) {
    this.name = name;
    this.#reader = reader;
    this.#splitter = splitter;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (this.#ended) return undefined;
    const chunk = await this.#reader.read();
    // Closed meanwhile: what was kept is no last line, it was cut off.
    if (this.#ended) return undefined;
    const items: SourceItem[] = [];
    if (chunk === undefined) this.#splitter.end(items);
    else this.#splitter.feed(chunk, items);
    this.#ended = chunk === undefined || this.#splitter.done;
    return items;
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#reader.close();
  }
}

/** What is wrong with the bytes of one line or element, before anybody parses them; undefined: nothing. */
export function faultIn(bytes: Buffer, limit: number): string | undefined {
  if (bytes.length > limit) return tooLong(limit);
  return isUtf8(bytes) ? undefined : "not valid UTF-8";
}

/** @param limit in bytes. */
export function tooLong(limit: number): string {
  return `longer than ${limit} bytes`;
}
