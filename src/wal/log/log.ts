/**
 * A write-ahead log: events are appended, read in their order, and forgotten when they are done.
 *
 * What is in memory does not depend on how many events wait: those that are not written yet, and the ranges of ids that are done.
 */
import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, unlinkSync, writev } from "node:fs";
import { promisify } from "node:util";
import { AckFile, readAcks } from "./acks.ts";
import { takeLock } from "./lock.ts";
import { type Damage, LogReader } from "./reader.ts";
import { encodeRecord, type LogRecord } from "./record.ts";
import {
  createSegment,
  cutSegment,
  replaceSegment,
  type Segment,
  segmentsIn,
  surveySegment,
} from "./segment.ts";

const writeAll = promisify(writev);
const syncData = promisify(fdatasync);

/** When the system is asked to bring what was written to the disk. */
export type Sync = "always" | "interval" | "never";

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
}

export class WriteAheadLog {
  /** Events that were found waiting when the log was opened. */
  readonly recovered: number;
  readonly #options: LogOptions;
  readonly #unlock: () => void;
  readonly #segments: Segment[];
  readonly #acks: AckFile;
  readonly #reader: LogReader;
  readonly #timer: NodeJS.Timeout | undefined;
  /** Of the last segment. */
  #fd: number | undefined;
  #nextId: number;
  /** The highest id that `read` has returned. */
  #readId = 0;
  /** Appended, not written yet. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #waiting: number;
  #isUnsynced = false;
  #flushing: Promise<number> | undefined;

  /** @throws what the file system throws; Error where another process uses the log */
  constructor(options: LogOptions) {
    const { folder, onProblem } = options;
    this.#options = options;
    mkdirSync(folder, { recursive: true });
    this.#unlock = takeLock(folder);
    try {
      const { done, lostBytes } = readAcks(folder);
      if (lostBytes > 0)
        onProblem(`${folder}: ${lostBytes} bytes about delivered events cannot be read: some are sent again`);
      this.#segments = segmentsIn(folder);
      const records = this.#mendLast();
      const latestId = Math.max(
        records.at(-1)?.id ?? 0,
        done.ranges.at(-1)?.to ?? 0,
        (this.#segments.at(-1)?.firstId ?? 1) - 1,
      );
      // An id that is done and not in the log was lost with its segment: no other event may have it.
      this.#nextId = latestId + 1;
      this.#acks = new AckFile(folder, done);
      const firstId = this.#segments[0]?.firstId ?? this.#nextId;
      this.#acks.forgetBelow(firstId);
      this.#forgetMissing(this.#segments.at(-1)?.firstId ?? this.#nextId, records);
      this.#waiting = this.#nextId - firstId - done.countIn(firstId, latestId);
      this.recovered = this.#waiting;
      this.#reader = new LogReader(() => this.#segments);
    } catch (error) {
      this.#unlock();
      throw error;
    }
    if (options.sync === "interval") {
      this.#timer = setInterval(() => void this.#syncNow().catch(() => {}), options.syncIntervalMs);
      this.#timer.unref();
    }
  }

  /** Events that are written and not done. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Bytes of all segments, and of what is not written yet. */
  get bytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, this.#pendingBytes);
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Appends an event; it is not written before `flush`. Returns its id. @throws RangeError for more than 256 MiB */
  append(event: Omit<LogRecord, "id" | "timeMs">): number {
    const id = this.#nextId;
    const bytes = encodeRecord({ ...event, id, timeMs: this.#options.now() });
    this.#nextId++;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    return id;
  }

  /**
   * Writes what was appended, and with `always` waits for the disk. Returns the id of the last event that is written. Calls that
   * come meanwhile wait for the next write together.
   *
   * @throws what writing throws; nothing of it is in the log then, and the next call tries again
   */
  flush(): Promise<number> {
    const before = this.#flushing ?? Promise.resolve(0);
    const next = before.then(
      () => this.#write(),
      () => this.#write(),
    );
    this.#flushing = next;
    return next;
  }

  /** The next events that are not done, in their order; none: all were read. @throws what reading throws */
  async read(): Promise<readonly LogRecord[]> {
    for (;;) {
      const read = await this.#reader.read();
      if ("reason" in read) {
        this.#mend(read);
        continue;
      }
      if (read.length === 0) return [];
      const open = read.filter(({ id }) => id > this.#readId && !this.#acks.done.has(id));
      this.#readId = Math.max(this.#readId, read.at(-1)?.id ?? 0);
      if (open.length > 0) return open;
    }
  }

  /** The event is done: it is not read any more, also after a restart once `writeAcks` was called. */
  ack(id: number): void {
    if (this.#acks.add(id)) this.#waiting--;
  }

  /** Writes which events are done, and deletes segments of which all are. @throws what writing throws */
  writeAcks(): void {
    this.#acks.write();
    while (this.#segments.length > 1) {
      const [first, second] = this.#segments as [Segment, Segment];
      if (this.#acks.done.firstMissing(first.firstId) < second.firstId) break;
      unlinkSync(first.path);
      this.#segments.shift();
      this.#acks.forgetBelow(second.firstId);
    }
  }

  /** Writes everything, and gives the folder back. @throws what writing throws, after everything is closed */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    try {
      await this.flush();
      if (this.#options.sync !== "never") await this.#syncNow();
      this.writeAcks();
    } finally {
      this.#reader.close();
      if (this.#fd !== undefined) closeSync(this.#fd);
      this.#acks.close();
      this.#unlock();
    }
  }

  async #write(): Promise<number> {
    const parts = this.#pending;
    const bytes = this.#pendingBytes;
    if (parts.length === 0) return this.#nextId - 1;
    const lastId = this.#nextId - 1;
    const segment = this.#segmentFor(lastId - parts.length + 1);
    const fd = this.#fd as number;
    this.#pending = [];
    try {
      await writeFully(fd, parts, bytes);
      if (this.#options.sync === "always") await syncData(fd);
    } catch (error) {
      ftruncateSync(fd, segment.size);
      this.#pending = [...parts, ...this.#pending];
      throw error;
    }
    this.#pendingBytes -= bytes;
    segment.size += bytes;
    this.#waiting += parts.length;
    this.#isUnsynced = this.#options.sync === "interval";
    return lastId;
  }

  /** The segment for the next write. */
  #segmentFor(firstId: number): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.size < this.#options.segmentBytes) {
      this.#fd ??= openSync(last.path, "a");
      return last;
    }
    const { segment, fd } = createSegment(this.#options.folder, firstId);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = fd;
    this.#segments.push(segment);
    return segment;
  }

  async #syncNow(): Promise<void> {
    if (this.#isUnsynced && this.#fd !== undefined) {
      this.#isUnsynced = false;
      await syncData(this.#fd);
    }
    this.#acks.sync();
  }

  /** Looks through the last segment, where a process may have died while it wrote. Returns its events. */
  #mendLast(): readonly LogRecord[] {
    const last = this.#segments.at(-1);
    if (last === undefined) return [];
    const { records, soundBytes, isDamaged } = surveySegment(last);
    const { onProblem } = this.#options;
    if (isDamaged || soundBytes === 0) {
      onProblem(`${last.path}: damaged, set aside; ${records.length} of its events are whole and kept`);
      replaceSegment(last, records);
    } else {
      const cut = cutSegment(last, soundBytes);
      if (cut > 0) onProblem(`${last.path}: ${cut} bytes of an event that was not wholly written are cut`);
    }
    return records;
  }

  /** Ids from `firstId` on that no record has are done. Returns how many were not before. */
  #forgetMissing(firstId: number, records: readonly LogRecord[], endId = this.#nextId): number {
    let lost = 0;
    let from = firstId;
    for (const end of [...records.map(({ id }) => id), endId]) {
      for (let id = from; id < end; id++) if (this.#acks.add(id)) lost++;
      from = end + 1;
    }
    return lost;
  }

  /** Sets a damaged segment aside, and goes on with its events that are whole. The others are lost. */
  #mend({ segment, offset, reason }: Damage): void {
    const { records } = surveySegment(segment);
    const next = this.#segments.find(({ firstId }) => firstId > segment.firstId)?.firstId ?? this.#nextId;
    replaceSegment(segment, records);
    const lost = this.#forgetMissing(segment.firstId, records, next);
    this.#waiting -= lost;
    this.#options.onProblem(
      `${segment.path}: ${reason} at byte ${offset}: the segment is set aside; ${records.length} of its events are whole and kept, ${lost} are lost`,
    );
    this.#reader.restart(segment);
  }
}

/** Writes all parts: one call may write less. */
async function writeFully(fd: number, parts: readonly Uint8Array[], bytes: number): Promise<void> {
  // Many small parts cost more than a copy.
  let rest: Uint8Array = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, bytes);
  while (rest.length > 0) {
    const { bytesWritten } = await writeAll(fd, [rest]);
    rest = rest.subarray(bytesWritten);
  }
}
