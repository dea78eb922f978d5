/** A source that is made of a reader of bytes and a splitter. */
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import type { Item, ItemReader } from "../../ndjson/item.ts";
import type { ByteReader } from "./byte-reader.ts";

/** One chunk a pull. A pull may bring no event, such as one in the middle of a very long line. */
export class SplitSource implements Source {
  readonly name: string;
  readonly #reader: ByteReader;
  readonly #splitter: ItemReader;
  #ended = false;

  constructor(name: string, reader: ByteReader, splitter: ItemReader) {
    this.name = name;
    this.#reader = reader;
    this.#splitter = splitter;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (this.#ended) return undefined;
    const chunk = await this.#reader.read();
    // Closed meanwhile: what was kept is no last line, it was cut off.
    if (this.#ended) return undefined;
    const items: Item[] = [];
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
