/** Appends events to the last segment of a log: what waits is written together, and brought to the disk once. */
import { closeSync, fdatasync, ftruncateSync, openSync, writev } from "node:fs";
import { promisify } from "node:util";
import type { RawText } from "../../ndjson/raw-text.ts";
import { AppendBuffer, type Batch } from "./append-buffer.ts";
import { createSegment, type Segment, syncFolder } from "./segment.ts";

const writeAt = promisify(writev);
const syncData = promisify(fdatasync);
/** The system takes no more at once; see IOV_MAX in limits.h. */
const MAXIMUM_PARTS = 1_024;

/** When the system is asked to bring what was written to the disk. */
export type Sync = "always" | "interval" | "never";

export interface WriterParts {
  readonly folder: string;
  /** A segment that has so many bytes is followed by another one. */
  readonly segmentBytes: number;
  readonly sync: Sync;
  /** Those of the log; new ones are added. */
  readonly segments: Segment[];
  readonly nextId: number;
  /** Called with the number of events that were written. */
  readonly onWritten: (count: number) => void;
}

export class SegmentWriter {
  readonly #parts: WriterParts;
  readonly #buffer = new AppendBuffer();
  /** Could not be written. */
  #failed: Batch[] = [];
  /** Bytes that are taken from the buffer, and not written. */
  #takenBytes = 0;
  /** Of the last segment. */
  #fd: number | undefined;
  #nextId: number;
  #writtenId: number;
  #isUnsynced = false;
  #syncing: Promise<unknown> = Promise.resolve();
  #latest: Promise<unknown> = Promise.resolve();

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#nextId = parts.nextId;
    this.#writtenId = parts.nextId - 1;
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return this.#buffer.byteLength + this.#takenBytes;
  }

  /** Id of the latest event that is written. */
  get writtenId(): number {
    return this.#writtenId;
  }

  /** Returns the id of the event, which is not written before `flush`. @throws RangeError for more than 256 MiB */
  append(timeMs: number, meta: string | undefined, text: RawText | string): number {
    this.#buffer.add(this.#nextId, timeMs, meta, text);
    return this.#nextId++;
  }

  /**
   * Writes what was appended, and with `always` waits for the disk.
   *
   * @throws what writing throws; nothing of it is in the log then, and the next call tries again
   */
  flush(): Promise<void> {
    return this.alone(() => this.#write());
  }

  /** Does `work` when all writing before has ended; writing that is asked for later begins behind it. */
  alone<T>(work: () => Promise<T> | T): Promise<T> {
    const next = this.#latest.then(work);
    this.#latest = next.catch(() => {});
    return next;
  }

  /** Waits until the disk has what was written. @throws what the system throws: some of it may be lost then */
  sync(): Promise<void> {
    const syncing = this.#syncing.then(() => this.#syncFile());
    this.#syncing = syncing.catch(() => {});
    return syncing;
  }

  /** Closes the last segment; the next write opens it again, or begins another one. */
  release(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  async #syncFile(): Promise<void> {
    const fd = this.#fd;
    if (!this.#isUnsynced || fd === undefined) return;
    this.#isUnsynced = false;
    try {
      await syncData(fd);
    } catch (error) {
      if (fd === this.#fd) throw error; // else it was closed: its segment is gone
    }
  }

  async #write(): Promise<void> {
    const batch = this.#buffer.take();
    if (batch !== undefined) {
      this.#failed.push(batch);
      this.#takenBytes += batch.byteLength;
    }
    for (let next = this.#failed[0]; next !== undefined; next = this.#failed[0]) {
      await this.#append(next);
      this.#failed.shift();
      this.#takenBytes -= next.byteLength;
      this.#writtenId = next.firstId + next.count - 1;
      this.#parts.onWritten(next.count);
    }
  }

  async #append({ firstId, parts, byteLength, count }: Batch): Promise<void> {
    const { sync } = this.#parts;
    const segment = await this.#segmentFor(firstId);
    const fd = this.#fd as number;
    try {
      await writeFully(fd, parts, segment.size);
      if (sync === "always") await syncData(fd);
    } catch (error) {
      ftruncateSync(fd, segment.size); // else what follows overwrites it
      throw error;
    }
    segment.size += byteLength;
    segment.open += count;
    this.#isUnsynced = sync !== "always";
  }

  /** The segment for the next write. */
  async #segmentFor(firstId: number): Promise<Segment> {
    const { folder, segmentBytes, segments, sync } = this.#parts;
    const last = segments.at(-1);
    if (last !== undefined && last.size < segmentBytes) {
      this.#fd ??= openSync(last.path, "r+");
      return last;
    }
    if (sync !== "never") await this.sync();
    const { segment, fd } = createSegment(folder, firstId);
    if (sync !== "never") syncFolder(folder);
    this.release();
    this.#fd = fd;
    segments.push(segment);
    return segment;
  }
}

/** One call may write less than all. */
async function writeFully(fd: number, parts: readonly Uint8Array[], position: number): Promise<void> {
  let rest = parts;
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await writeAt(fd, rest.slice(0, MAXIMUM_PARTS), at);
    at += bytesWritten;
    rest = behind(rest, bytesWritten);
  }
}

/** The parts without their first bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  let index = 0;
  for (; index < parts.length; index++) {
    const { length } = parts[index] as Uint8Array;
    if (left < length) break;
    left -= length;
  }
  const [first, ...others] = parts.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}
