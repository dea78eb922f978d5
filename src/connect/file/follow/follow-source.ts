/** A file that is read as it grows, and from where the last run has ended. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Insight } from "../../../flow/protocol/insight.ts";
import type { Source, SourceItem } from "../../../flow/protocol/source-and-sink.ts";
import type { Item } from "../../../ndjson/item.ts";
import { LineReader } from "../../../ndjson/line-reader.ts";
import { ConnectError, codeOf, fileFaultOf } from "../../base/errors.ts";
import type { LineOptions } from "../../base/line-options.ts";
import { FollowedFile } from "./followed-file.ts";
import { Offsets } from "./offsets.ts";
import { PositionFile, readPosition } from "./position.ts";
import { resume, type Start } from "./resume.ts";

/** Between two looks at a file that does not grow, in ms. */
const LOOK_MS = 100;
/** How long a file that was replaced is still read after its latest bytes, in ms: its writer may not have noticed. */
const GRACE_MS = 1_000;
const LINE_FEED = 10;

export interface FollowOptions {
  /** False: the end of the file is the end of the source. */
  readonly follow: boolean;
  /** The file that keeps the position; undefined: none. */
  readonly position: string | undefined;
  /** How lines are read. */
  readonly lines: LineOptions;
}

/**
 * Rotation by renaming and by truncating is followed; a file that does not exist is waited for. With a position the source
 * goes on behind the last event that is acknowledged with all before it.
 */
export class FollowSource implements Source {
  readonly name: string;
  readonly transactional: boolean;
  readonly replays = false;
  readonly #options: FollowOptions;
  readonly #positions: PositionFile | undefined;
  readonly #offsets = new Offsets<FollowedFile>();
  readonly #closing = new AbortController();
  /** Files to read before the current one counts as followed: the last one is the path itself. */
  readonly #starts: Start[];
  /** Said with the first events. */
  readonly #notes: SourceItem[];
  #file: FollowedFile | undefined;
  #reader: LineReader;
  /** Offset behind the latest event of the file. */
  #latest = 0;
  /** Since when the file is replaced and gives nothing, in ms. */
  #quietSinceMs: number | undefined;
  #isAtEnd = false;
  #isEnded = false;

  private constructor(path: string, options: FollowOptions, starts: Start[], notes: SourceItem[]) {
    this.name = path;
    this.transactional = options.position !== undefined;
    this.#options = options;
    this.#starts = starts;
    this.#notes = notes;
    this.#reader = this.#newReader();
    if (options.position !== undefined) this.#positions = new PositionFile(options.position);
  }

  /** @throws ConnectError for a position that cannot be read */
  static async open(path: string, options: FollowOptions): Promise<FollowSource> {
    const position = options.position === undefined ? undefined : readPosition(options.position);
    if (position === undefined) return new FollowSource(path, options, [{ path, offset: 0 }], []);
    const { before, offset, isLost } = await resume(path, position);
    const error = "the file that was read is gone: what follows this byte in it is not read";
    const notes = isLost ? [{ malformed: { error, file: path, byte: position.offset } }] : [];
    return new FollowSource(path, options, [...before, { path, offset }], notes);
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    try {
      while (!this.#isEnded && !this.#closing.signal.aborted) {
        const items = await this.#step();
        if (items.length > 0 && !this.#closing.signal.aborted) return items;
      }
      return undefined;
    } catch (cause) {
      if (this.#closing.signal.aborted) return undefined;
      if (codeOf(cause) === "") throw cause;
      const what = `cannot be read: ${fileFaultOf(cause)}`;
      throw new ConnectError("ERR_SOURCE", { where: this.name, what, cause });
    }
  }

  onInsight({ kind, id }: Insight): void {
    if (kind !== "ack") return;
    const place = this.#offsets.take(id);
    if (place !== undefined) this.#positions?.save(place.file.positionAt(place.offset));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#file?.close();
    this.#positions?.close();
  }

  async #step(): Promise<readonly SourceItem[]> {
    const file = this.#file ?? (await this.#openNext());
    if (file === undefined) return [];
    if (this.#isAtEnd && (await file.isTruncated())) return this.#truncated(file);
    const base = file.offset;
    const chunk = await file.read();
    if (chunk === undefined) return this.#atEnd(file);
    this.#isAtEnd = false;
    this.#quietSinceMs = undefined;
    const items: Item[] = [];
    this.#reader.feed(chunk, items);
    return this.#handOver(file, items, offsetsOf(items, chunk, base, this.#latest));
  }

  async #openNext(): Promise<FollowedFile | undefined> {
    const { path, offset } = this.#starts[0] ?? { path: this.name, offset: 0 };
    try {
      const file = await FollowedFile.open(path, offset);
      if (this.#closing.signal.aborted) {
        await file.close();
        return undefined;
      }
      this.#file = file;
      this.#starts.shift();
      this.#isAtEnd = false;
      this.#latest = offset;
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || !this.#options.follow) throw error;
      if (this.#starts.length > 1) this.#starts.shift();
      else await this.#wait();
    }
    return this.#file;
  }

  async #atEnd(file: FollowedFile): Promise<readonly SourceItem[]> {
    const isRenamed = this.#starts.length > 0;
    if (isRenamed || !this.#options.follow) return this.#finish(file);
    this.#isAtEnd = true;
    if (await file.isReplaced()) {
      this.#quietSinceMs ??= performance.now();
      if (performance.now() - this.#quietSinceMs >= GRACE_MS) return this.#finish(file);
    }
    await this.#wait();
    return [];
  }

  /** The last line may have no line feed. */
  async #finish(file: FollowedFile): Promise<readonly SourceItem[]> {
    const items: Item[] = [];
    this.#reader.end(items);
    await this.#leave(file);
    if (this.#starts.length === 0 && !this.#options.follow) this.#isEnded = true;
    return this.#handOver(
      file,
      items,
      items.map(() => file.offset),
    );
  }

  async #truncated(file: FollowedFile): Promise<readonly SourceItem[]> {
    const items: Item[] = [];
    this.#reader.cut("the file was truncated inside the line", items);
    await this.#leave(file);
    return this.#handOver(
      file,
      items,
      items.map(() => file.offset),
    );
  }

  async #leave(file: FollowedFile): Promise<void> {
    this.#file = undefined;
    this.#quietSinceMs = undefined;
    this.#reader = this.#newReader();
    await file.close();
  }

  #handOver(
    file: FollowedFile,
    items: readonly SourceItem[],
    offsets: readonly number[],
  ): readonly SourceItem[] {
    const notes = items.length === 0 ? [] : this.#notes.splice(0);
    // A note is at the place of the first event.
    this.#latest = offsets.at(-1) ?? this.#latest;
    if (this.transactional) this.#offsets.add(file, [...notes.map(() => 0), ...offsets]);
    return notes.length === 0 ? items : [...notes, ...items];
  }

  #newReader(): LineReader {
    return new LineReader(this.#options.lines);
  }

  async #wait(): Promise<void> {
    await sleep(LOOK_MS, undefined, { signal: this.#closing.signal });
  }
}

/**
 * Offsets in the file behind each item; of a malformed one the offset behind the item before. Where reading goes on at a line
 * feed, a blank line is read first.
 *
 * @param base offset of the chunk.
 * @param before offset behind the item before.
 */
function offsetsOf(items: readonly Item[], chunk: Buffer, base: number, before: number): number[] {
  let latest = before;
  return items.map((item) => {
    if ("malformed" in item) return latest;
    const { raw } = item;
    // The first line of a chunk may have begun in an earlier one.
    latest = base + (raw?.bytes === chunk ? raw.end : chunk.indexOf(LINE_FEED));
    return latest;
  });
}
