/** A source that is made of a reader of bytes and a reader of items. */
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import type { Item, ItemReader } from "../../ndjson/item.ts";
import type { ByteReader } from "./byte-reader.ts";

/** One chunk a pull. A pull may bring no event, such as one in the middle of a very long line. */
export class SplitSource implements Source {
  readonly name: string;
  readonly #bytes: ByteReader;
  readonly #choose: (start: Buffer) => ItemReader;
  #items: ItemReader | undefined;
  #ended = false;

  /** @param choose the reader for what begins with these bytes: the first chunk. */
  constructor(name: string, bytes: ByteReader, choose: (start: Buffer) => ItemReader) {
    this.name = name;
    this.#bytes = bytes;
    this.#choose = choose;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (this.#ended) return undefined;
    const chunk = await this.#bytes.read();
    // Closed meanwhile: what was kept is no last line, it was cut off.
    if (this.#ended) return undefined;
    const items: Item[] = [];
    if (chunk === undefined) this.#items?.end(items);
    else {
      this.#items ??= this.#choose(chunk);
      this.#items.feed(chunk, items);
    }
    this.#ended = chunk === undefined || this.#items?.done === true;
    return items;
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#bytes.close();
  }
}
