/** Pulls from a source as a flow does. */
import type { Source, SourceItem } from "../../../src/flow/protocol/source-and-sink.ts";

/** Pulls until there are so many items, or the source ends. */
export async function pullSome(source: Source, count: number): Promise<SourceItem[]> {
  const all: SourceItem[] = [];
  while (all.length < count) {
    const items = await source.pull();
    if (items === undefined) break;
    all.push(...items);
  }
  return all;
}

/** Pulls until the source ends. */
export function pullAll(source: Source): Promise<SourceItem[]> {
  return pullSome(source, Number.POSITIVE_INFINITY);
}
