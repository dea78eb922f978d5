/** Takes what is whole out of a damaged segment, and sets the damaged one aside. */
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { AppendBuffer } from "./append-buffer.ts";
import type { LogRecord } from "./record.ts";
import { type Scan, scanSegment } from "./scan.ts";
import {
  CORRUPT_SUFFIX,
  headerOf,
  SEGMENT_HEADER_SIZE,
  type SegmentFile,
  syncFolder,
  writeWhole,
} from "./segment.ts";

/** Bytes that are gathered before they are written. */
const WRITE_SIZE = 1_048_576;

/** What became of a damaged segment. */
export interface Mended {
  readonly scan: Scan;
  /** Bytes of the segment that took its place. */
  readonly size: number;
  /** The damaged segment. */
  readonly aside: string;
}

/**
 * Puts a segment with the whole records of a damaged one in its place. A process that dies meanwhile leaves the damaged one.
 *
 * @param keep takes each whole record
 * @throws what reading and writing throw
 */
export function mendSegment(segment: SegmentFile, keep: (record: LogRecord) => void): Mended {
  const { path, firstId } = segment;
  const fresh = `${path}.new`;
  const fd = openSync(fresh, "w");
  let size = SEGMENT_HEADER_SIZE;
  let scan: Scan;
  try {
    writeWhole(fd, headerOf(firstId));
    const buffer = new AppendBuffer();
    const write = (): void => {
      for (const part of buffer.take()?.parts ?? []) writeWhole(fd, part);
    };
    scan = scanSegment(segment, (record) => {
      const before = buffer.byteLength;
      buffer.add(record.id, record.timeMs, record.meta, record);
      size += buffer.byteLength - before;
      if (buffer.byteLength > WRITE_SIZE) write();
      keep(record);
    });
    write();
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  const aside = asideOf(path);
  linkSync(path, aside); // both names for a moment: the log has the segment at any time
  renameSync(fresh, path);
  syncFolder(dirname(path));
  return { scan, size, aside };
}

/** Removes what a process left that died while it mended. */
export function removeUnfinished(paths: readonly string[]): void {
  for (const path of paths) rmSync(`${path}.new`, { force: true });
}

/** A name that no earlier damaged segment has. */
function asideOf(path: string): string {
  return `${path}.${Date.now()}${CORRUPT_SUFFIX}`;
}
