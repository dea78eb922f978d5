/** A range of a file as a source. */

import { countLines, RangeBytes } from "../../connect/file/file-range.ts";
import { SplitSource } from "../../connect/file/split-source.ts";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { LineReader, type LineReaderOptions } from "../../ndjson/line-reader.ts";
import type { LineRange } from "../../ndjson/ranges.ts";

/** Malformed lines have their numbers in the file: the lines before the range are counted when there is one. */
export class RangeSource implements Source {
  readonly name: string;
  readonly #range: LineRange;
  readonly #source: Source;
  /** Lines before the range; undefined: not counted yet. */
  #linesBefore: number | undefined;

  private constructor(path: string, range: LineRange, source: Source) {
    this.name = path;
    this.#range = range;
    this.#source = source;
  }

  /** @throws ConnectError when the file cannot be opened */
  static async open(path: string, range: LineRange, lines: LineReaderOptions): Promise<RangeSource> {
    const reader = await RangeBytes.open(path, range);
    return new RangeSource(path, range, new SplitSource(path, reader, () => new LineReader(lines)));
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    const items = await this.#source.pull();
    if (this.#range.start === 0 || !items?.some((item) => "malformed" in item)) return items;
    this.#linesBefore ??= (await countLines(this.name, { start: 0, end: this.#range.start })).lines;
    const before = this.#linesBefore;
    return items.map((item) => ("malformed" in item ? moved(item, before) : item));
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

function moved(
  { malformed }: { readonly malformed: Readonly<Record<string, unknown>> },
  by: number,
): SourceItem {
  return { malformed: { ...malformed, line: Number(malformed.line) + by } };
}
