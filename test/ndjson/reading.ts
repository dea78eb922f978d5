/** Feeds a reader. */

import type { SourceItem } from "../../src/flow/protocol/source-and-sink.ts";
import type { Item, ItemReader } from "../../src/ndjson/item.ts";

/** The items of the bytes, which arrive cut at `cuts`. */
export function itemsAt(reader: ItemReader, bytes: Uint8Array, cuts: readonly number[]): Item[] {
  const items: Item[] = [];
  const borders = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < borders.length && !reader.done; i++) {
    reader.feed(bytes.slice(borders[i - 1], borders[i]), items);
  }
  if (!reader.done) reader.end(items);
  return items;
}

/** What each item says, read as a sink reads it: its data and its text, or what is malformed. */
export function said(items: readonly (Item | SourceItem)[]): object[] {
  return items.map((item) =>
    "malformed" in item ? { malformed: item.malformed } : { data: item.data, text: item.text },
  );
}

/** As `itemsAt`, then `said`. */
export function readAt(reader: ItemReader, bytes: Uint8Array, cuts: readonly number[]): object[] {
  return said(itemsAt(reader, bytes, cuts));
}

/** The items of a whole text in one chunk, as `said`. */
export function read(reader: ItemReader, text: string | Uint8Array): object[] {
  return readAt(reader, typeof text === "string" ? new TextEncoder().encode(text) : text, []);
}

/** The data of every item; fails at a malformed one. */
export function dataOf(items: readonly object[]): unknown[] {
  return items.map((item) => {
    if ("malformed" in item) throw new Error(`malformed: ${JSON.stringify(item.malformed)}`);
    return "data" in item ? item.data : undefined;
  });
}
