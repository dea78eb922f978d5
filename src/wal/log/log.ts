/**
 * A write-ahead log: events are appended, read in their order, and forgotten when they are done.
 *
 * What is in memory does not depend on how many events wait: those that are not written yet, a few numbers for each segment, and
 * the ranges of ids that are done.
 */
import { mkdirSync, unlinkSync } from "node:fs";
import { basename } from "node:path";
import type { RawText } from "../../ndjson/raw-text.ts";
import type { AckFile } from "./acks.ts";
import { takeLock } from "./lock.ts";
import { mendSegment } from "./mend.ts";
import { type Damage, LogReader } from "./reader.ts";
import type { LogRecord } from "./record.ts";
import { Gaps, recoverLog } from "./recover.ts";
import type { Segment } from "./segment.ts";
import { SegmentWriter, type Sync } from "./writer.ts";

/** What a log needs. */
export interface LogOptions {
  /** Made if it is not there. */
  readonly folder: string;
  /** A segment that has so many bytes is followed by another one. */
  readonly segmentBytes: number;
  readonly sync: Sync;
  /** Between two requests to the system, with `interval`, in ms. */
  readonly syncIntervalMs: number;
  /** The time of day in ms. */
  readonly now: () => number;
  /** Told of what was found damaged, in one line each. */
  readonly onProblem: (text: string) => void;
  /** Told how many events that waited were found damaged, or gone with their segment. */
  readonly onLost: (count: number) => void;
}

/** An event that is to be appended. */
export interface NewEvent {
  /** JSON; undefined: it has none. */
  readonly meta: string | undefined;
  /** The JSON of the event, without a line feed. */
  readonly text: RawText | string;
}

export class WriteAheadLog {
  /** Events that were found waiting when the log was opened. */
  readonly recovered: number;
  /** Events that waited then, and of which the last segment has no whole record any more. */
  readonly lost: number;
  readonly #options: LogOptions;
  readonly #unlock: () => void;
  readonly #segments: Segment[];
  readonly #acks: AckFile;
  readonly #writer: SegmentWriter;
  readonly #reader: LogReader;
  readonly #timer: NodeJS.Timeout | undefined;
  /** The highest id that `read` has returned, or passed over. */
  #readId: number;
  #waiting: number;
  #reading: Promise<unknown> = Promise.resolve();

  /** @throws what the file system throws; Error where another process uses the log */
  constructor(options: LogOptions) {
    const { folder, segmentBytes, sync, onProblem } = options;
    this.#options = options;
    mkdirSync(folder, { recursive: true });
    this.#unlock = takeLock(folder);
    try {
      const { segments, acks, nextId, lost } = recoverLog(folder, onProblem);
      this.#segments = segments;
      this.#acks = acks;
      this.#readId = (segments[0]?.firstId ?? nextId) - 1;
      this.#waiting = segments.reduce((sum, { open }) => sum + open, 0);
      this.recovered = this.#waiting;
      this.lost = lost;
      this.#reader = new LogReader(() => this.#segments);
      this.#writer = new SegmentWriter({
        folder,
        segmentBytes,
        sync,
        segments,
        nextId,
        onWritten: (count) => {
          this.#waiting += count;
        },
      });
    } catch (error) {
      this.#unlock();
      throw error;
    }
    if (sync === "interval") {
      this.#timer = setInterval(() => void this.#syncInTime(), options.syncIntervalMs);
      this.#timer.unref();
    }
  }

  /** Events that are written and not done. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Bytes of all segments, and of what is not written yet. */
  get bytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, this.#writer.pendingBytes);
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  /** Appends an event; it is not written before `flush`. Returns its id. @throws RangeError for more than 256 MiB */
  append({ meta, text }: NewEvent): number {
    return this.#writer.append(this.#options.now(), meta, text);
  }

  /**
   * Writes what was appended, and with `always` waits for the disk. Calls that come meanwhile wait for the next write together.
   *
   * @throws what writing throws; nothing of it is in the log then, and the next call tries again
   */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** The next events that are not done, in their order; none: all were read. For one caller at a time. @throws what reading throws */
  read(): Promise<readonly LogRecord[]> {
    const records = this.#read();
    this.#reading = records.catch(() => {});
    return records;
  }

  /** The event is done: it is not read any more, also after a restart once `writeAcks` was called. */
  ack(id: number): void {
    this.#forget(id, id);
  }

  /**
   * Deletes segments of which all events are done, and writes which events are done.
   *
   * A disk that is full can always give back the first segments: the place where the log begins says that they are done. Others
   * are not deleted before it is written that their events are done.
   *
   * @throws what writing throws
   */
  writeAcks(): void {
    while (this.#segments.length > 0 && this.#isDone(0)) this.#delete(0);
    this.#acks.write();
    const done = [...this.#segments.keys()].filter((index) => this.#isDone(index));
    if (done.length === 0) return;
    if (this.#options.sync !== "never") this.#acks.sync();
    for (const index of done.reverse()) this.#delete(index);
  }

  /** Writes everything, and gives the folder back. @throws what writing throws, after everything is closed */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
    try {
      await this.flush();
      this.writeAcks();
      if (this.#options.sync !== "never") await this.#syncNow();
    } finally {
      this.#reader.close();
      this.#writer.release();
      this.#acks.close();
      this.#unlock();
    }
  }

  async #read(): Promise<readonly LogRecord[]> {
    for (;;) {
      const read = await this.#reader.read();
      if ("reason" in read) await this.#writer.alone(() => this.#mend(read));
      else if (read.length === 0) return [];
      else {
        const open = read.filter(({ id }) => this.#isNew(id));
        if (open.length > 0) return open;
      }
    }
  }

  /** The reader has come to this id. False where its event is done, or was read before. */
  #isNew(id: number): boolean {
    if (id <= this.#readId) return false;
    // A folder in which a segment was deleted by hand.
    const missing = id > this.#readId + 1 ? this.#forget(this.#readId + 1, id - 1) : 0;
    if (missing > 0) {
      const { folder, onProblem, onLost } = this.#options;
      onProblem(`${folder}: ${missing} events before number ${id} are lost: their segment is missing`);
      onLost(missing);
    }
    this.#readId = id;
    return !this.#acks.done.has(id);
  }

  /** From now on these ids are done. Returns how many were not before. */
  #forget(from: number, to: number): number {
    let forgotten = 0;
    let index = this.#indexOf(from);
    for (let id = from; id <= to; index++) {
      const end = Math.min(to, (this.#segments[index + 1]?.firstId ?? Number.POSITIVE_INFINITY) - 1);
      const added = this.#acks.add(id, end);
      const segment = this.#segments[index];
      if (segment !== undefined) {
        segment.open -= added;
        this.#waiting -= added;
        forgotten += added;
      }
      id = end + 1;
    }
    return forgotten;
  }

  /** The index of the segment with this id; -1: it lies before the first. */
  #indexOf(id: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.firstId ?? 0) <= id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The last segment takes events until it is large enough. */
  #isDone(index: number): boolean {
    const segment = this.#segments[index];
    if (segment === undefined || segment.open > 0) return false;
    return index < this.#segments.length - 1 || segment.size >= this.#options.segmentBytes;
  }

  #delete(index: number): void {
    const segment = this.#segments[index];
    if (segment === undefined) return;
    unlinkSync(segment.path);
    if (index === this.#segments.length - 1) this.#writer.release();
    this.#segments.splice(index, 1);
  }

  /** Sets a damaged segment aside, and goes on with its events that are whole. The others are lost. */
  #mend({ segment, offset, reason }: Damage): void {
    const { onProblem, onLost } = this.#options;
    const index = this.#segments.indexOf(segment);
    const isLast = index === this.#segments.length - 1;
    const gaps = new Gaps({ add: (from, to) => this.#forget(from, to ?? from) }, segment.firstId);
    const { scan, size, aside } = mendSegment(segment, gaps.keep);
    gaps.end(this.#segments[index + 1]?.firstId ?? this.#writer.writtenId + 1);
    if (isLast) this.#writer.release();
    segment.size = size;
    const { lost } = gaps;
    onProblem(
      `${segment.path}: ${reason} at byte ${offset}: set aside as ${basename(aside)}; ${scan.count} of its events are whole and kept, ${lost} are lost`,
    );
    if (lost > 0) onLost(lost);
    this.#reader.enter(segment);
  }

  async #syncNow(): Promise<void> {
    await this.#writer.sync();
    this.#acks.sync();
  }

  async #syncInTime(): Promise<void> {
    try {
      await this.#syncNow();
    } catch (error) {
      this.#options.onProblem(
        `${this.#options.folder}: the disk did not take what was written: ${String(error)}`,
      );
    }
  }
}
