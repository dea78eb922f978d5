/** A range of a file as a source. */

import { countLines, RangeBytes } from "../../connect/file/file-range.ts";
import { SplitSource } from "../../connect/file/split-source.ts";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { SourceDecorator } from "../../flow/runtime/source-decorator.ts";
import { LineReader, type LineReaderOptions } from "../../ndjson/line-reader.ts";
import type { LineRange } from "../../ndjson/ranges.ts";

/**
 * Malformed lines have their numbers in the file: the lines before the range are counted when there is one.
 *
 * @throws ConnectError when the file cannot be opened
 */
export async function openRange(path: string, range: LineRange, lines: LineReaderOptions): Promise<Source> {
  const reader = await RangeBytes.open(path, range);
  const source = new SplitSource(path, reader, () => new LineReader(lines));
  let linesBefore: number | undefined;
  return new SourceDecorator(source, async (lines) => {
    const items = await lines.pull();
    if (range.start === 0 || !items?.some((item) => "malformed" in item)) return items;
    linesBefore ??= (await countLines(path, { start: 0, end: range.start })).lines;
    const before = linesBefore;
    return items.map((item) => ("malformed" in item ? moved(item, before) : item));
  });
}

function moved(
  { malformed }: { readonly malformed: Readonly<Record<string, unknown>> },
  by: number,
): SourceItem {
  return { malformed: { ...malformed, line: Number(malformed.line) + by } };
}
