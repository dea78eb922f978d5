/** Feeds a splitter. */

import type { Splitter } from "../../../src/connect/text/splitter.ts";
import type { SourceItem } from "../../../src/flow/ends.ts";

/** What comes out when the bytes arrive cut at `cuts`, each piece in one buffer that is overwritten afterwards. */
export function splitAt(splitter: Splitter, bytes: Buffer, cuts: readonly number[]): SourceItem[] {
  const items: SourceItem[] = [];
  const borders = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < borders.length && !splitter.done; i++) {
    const chunk = Buffer.from(bytes.subarray(borders[i - 1], borders[i]));
    splitter.feed(chunk, items);
    chunk.fill("~");
  }
  if (!splitter.done) splitter.end(items);
  return items;
}

export function split(splitter: Splitter, text: string | Buffer): SourceItem[] {
  return splitAt(splitter, Buffer.from(text), []);
}

/** The data of every item; fails at a malformed one. */
export function dataOf(items: readonly SourceItem[]): unknown[] {
  return items.map((item) => {
    if ("malformed" in item) throw new Error(`malformed: ${JSON.stringify(item.malformed)}`);
    return item.data;
  });
}
