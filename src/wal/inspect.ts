/** Looks into a log without changing anything in it, also while a process writes to it. */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { readAcks } from "./log/acks.ts";
import { lockHolder } from "./log/lock.ts";
import type { RangeSet } from "./log/range-set.ts";
import type { LogRecord } from "./log/record.ts";
import { type Scan, scanSegment } from "./log/scan.ts";
import { corruptIn, type SegmentFile, segmentsIn } from "./log/segment.ts";

/** One segment of a log. */
export interface SegmentReport {
  /** Name of the file. */
  readonly file: string;
  readonly bytes: number;
  readonly firstId: number;
  /** Of the last event. */
  readonly lastId: number;
  /** Events that are not done. Those that are damaged count until the segment has been looked through. */
  readonly waiting: number;
  /** What looking through it has found; undefined: it was not looked through. */
  readonly scan: Scan | undefined;
}

/** What is in a log. */
export interface LogReport {
  readonly folder: string;
  /** The process that uses the log now; undefined: none does. */
  readonly process: number | undefined;
  readonly segments: readonly SegmentReport[];
  /** Of all segments. */
  readonly bytes: number;
  /** Events that are not done. */
  readonly waiting: number;
  /** Up to this number every event is done. */
  readonly position: number;
  /** When the oldest event that waits was written, in ms since 1970; undefined: none waits. */
  readonly oldestMs: number | undefined;
  /** Segments that were set aside because they are damaged. */
  readonly corrupt: readonly { readonly file: string; readonly bytes: number }[];
  /** Bytes about delivered events that cannot be read. */
  readonly lostAckBytes: number;
}

/** All are optional. */
export interface InspectOptions {
  /** Looks through every segment, not the last one alone. Default: false. */
  readonly verifies?: boolean;
  /** Takes each event that is not done, in the order of the log; its text is gone after the call. */
  readonly onWaiting?: (record: LogRecord) => void;
}

/** @throws what reading the folder throws, such as ENOENT */
export function inspectLog(folder: string, options: InspectOptions = {}): LogReport {
  const files = segmentsIn(folder);
  const { done, lostBytes } = readAcks(folder);
  const segments: SegmentReport[] = [];
  const oldest = new Oldest();
  for (const [index, file] of files.entries()) {
    const next = files[index + 1]?.firstId;
    const report = inspectSegment(file, next, done, options, oldest);
    if (report !== undefined) segments.push(report);
  }
  const corrupt = corruptIn(folder).map((file) => ({ file, bytes: sizeOf(join(folder, file)) }));
  return {
    folder,
    process: lockHolder(folder),
    segments,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    waiting: segments.reduce((sum, { waiting }) => sum + waiting, 0),
    position: Math.max(done.firstMissing(1), files[0]?.firstId ?? 1) - 1,
    oldestMs: oldest.timeMs,
    corrupt,
    lostAckBytes: lostBytes,
  };
}

/** The time of the first event that waits. */
class Oldest {
  timeMs: number | undefined;
}

/** undefined: the log has deleted it meanwhile. */
function inspectSegment(
  file: SegmentFile,
  nextFirstId: number | undefined,
  done: RangeSet,
  { verifies = false, onWaiting }: InspectOptions,
  oldest: Oldest,
): SegmentReport | undefined {
  const { path, firstId, size } = file;
  const presumed = nextFirstId === undefined ? 0 : openIn(done, firstId, nextFirstId - 1);
  const isToScan =
    nextFirstId === undefined || verifies || (presumed > 0 && (onWaiting || oldest.timeMs === undefined));
  let waiting = 0;
  let scan: Scan | undefined;
  try {
    if (isToScan) {
      scan = scanSegment(file, (record) => {
        if (done.has(record.id)) return;
        waiting++;
        oldest.timeMs ??= record.timeMs;
        onWaiting?.(record);
      });
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return {
    file: basename(path),
    bytes: size,
    firstId,
    lastId: scan?.lastId || (nextFirstId ?? firstId) - 1,
    waiting: scan === undefined ? presumed : waiting,
    scan,
  };
}

function openIn(done: RangeSet, from: number, to: number): number {
  return to - from + 1 - done.countIn(from, to);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
