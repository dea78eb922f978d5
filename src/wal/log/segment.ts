/**
 * Segments: the files of a log, each with events whose ids rise.
 *
 * A segment is named by the id of its first event, and begins with 16 bytes: SEGMENT_MAGIC and that id as f64, little-endian.
 * Records follow, see record.ts.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

export const SEGMENT_MAGIC = "BSLOG001";
export const SEGMENT_HEADER_SIZE = 16;
const NAME = /^(\d{16})\.log$/;
/** What a segment that was found damaged is renamed to. */
export const CORRUPT_SUFFIX = ".corrupt";

/** One file of a log, as it was found. */
export interface SegmentFile {
  readonly path: string;
  readonly firstId: number;
  /** Bytes of the file. */
  readonly size: number;
}

/** One file of a log that is in use. */
export interface Segment {
  readonly path: string;
  readonly firstId: number;
  /** Bytes that are written. */
  size: number;
  /** Events in it that are not done. */
  open: number;
}

/** The segments of a folder by their first id. One that is deleted meanwhile is left out. @throws what reading the folder throws */
export function segmentsIn(folder: string): SegmentFile[] {
  return readdirSync(folder)
    .map((name) => NAME.exec(name))
    .filter((match) => match !== null)
    .flatMap(([name, id]) => {
      const path = join(folder, name);
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      return size === undefined ? [] : [{ path, firstId: Number(id), size }];
    })
    .sort((a, b) => a.firstId - b.firstId);
}

/** Names of segments that were set aside because they are damaged. */
export function corruptIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(CORRUPT_SUFFIX));
}

/** Makes an empty segment. Returns it with its open descriptor. @throws what writing throws */
export function createSegment(folder: string, firstId: number): { segment: Segment; fd: number } {
  const path = join(folder, `${String(firstId).padStart(16, "0")}.log`);
  const fd = openSync(path, "w");
  try {
    writeWhole(fd, headerOf(firstId));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { segment: { path, firstId, size: SEGMENT_HEADER_SIZE, open: 0 }, fd };
}

export function headerOf(firstId: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_SIZE);
  header.write(SEGMENT_MAGIC, "latin1");
  header.writeDoubleLE(firstId, SEGMENT_MAGIC.length);
  return header;
}

/** Cuts a segment behind so many bytes, at least its header, and brings that to the disk. @throws what writing throws */
export function cutSegment({ path, firstId }: SegmentFile, soundBytes: number): void {
  const fd = openSync(path, "r+");
  try {
    if (soundBytes < SEGMENT_HEADER_SIZE) writeSync(fd, headerOf(firstId), 0, SEGMENT_HEADER_SIZE, 0);
    ftruncateSync(fd, Math.max(soundBytes, SEGMENT_HEADER_SIZE));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all bytes, where the file stands: one call may write less. @throws what writing throws */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/** Brings new and renamed files to the disk, where the system can do that for a folder (not on Windows). */
export function syncFolder(folder: string): void {
  let fd: number;
  try {
    fd = openSync(folder, "r");
  } catch {
    return;
  }
  try {
    fsyncSync(fd);
  } catch {
    // Not every file system can.
  } finally {
    closeSync(fd);
  }
}
