/**
 * Segments: the files of a log, each with events whose ids follow one another.
 *
 * A segment is named by the id of its first event, and begins with 16 bytes: SEGMENT_MAGIC and that id as f64, little-endian.
 * Records follow, see record.ts.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { decodeRecord, encodeRecord, FIXED_SIZE, type LogRecord } from "./record.ts";

export const SEGMENT_MAGIC = "BSLOG001";
export const SEGMENT_HEADER_SIZE = 16;
const NAME = /^(\d{16})\.log$/;
/** What a segment that was found damaged is renamed to. */
export const CORRUPT_SUFFIX = ".corrupt";

/** One file of a log. */
export interface Segment {
  readonly path: string;
  readonly firstId: number;
  /** Bytes of the file. */
  size: number;
}

/** The segments of a folder by their first id. @throws what reading the folder throws */
export function segmentsIn(folder: string): Segment[] {
  return readdirSync(folder)
    .map((name) => NAME.exec(name))
    .filter((match) => match !== null)
    .map(([name, id]) => {
      const path = join(folder, name);
      return { path, firstId: Number(id), size: statSync(path).size };
    })
    .sort((a, b) => a.firstId - b.firstId);
}

/** Segments that were set aside because they are damaged. */
export function corruptIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(CORRUPT_SUFFIX));
}

/** Makes an empty segment. Returns it with its open descriptor. @throws what writing throws */
export function createSegment(folder: string, firstId: number): { segment: Segment; fd: number } {
  const path = join(folder, `${String(firstId).padStart(16, "0")}.log`);
  const fd = openSync(path, "a");
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, headerOf(firstId));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { segment: { path, firstId, size: SEGMENT_HEADER_SIZE }, fd };
}

function headerOf(firstId: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_SIZE);
  header.write(SEGMENT_MAGIC, "latin1");
  header.writeDoubleLE(firstId, SEGMENT_MAGIC.length);
  return header;
}

/** What is whole in the bytes of a segment. */
export interface Survey {
  readonly records: readonly LogRecord[];
  /** Bytes from the start that hold nothing but the header and whole records. */
  readonly soundBytes: number;
  /** True: whole records come behind a damaged place. False: at most the end was cut. */
  readonly isDamaged: boolean;
}

/** Reads a segment as a whole, past damaged places. @throws what reading throws */
export function surveySegment({ path, firstId }: Segment): Survey {
  const bytes = readFileSync(path);
  const isHeaded =
    bytes.length >= SEGMENT_HEADER_SIZE && bytes.subarray(0, SEGMENT_HEADER_SIZE).equals(headerOf(firstId));
  const records: LogRecord[] = [];
  let at = isHeaded ? SEGMENT_HEADER_SIZE : 0;
  let soundBytes = isHeaded ? at : 0;
  let isSound = isHeaded;
  let isDamaged = false;
  let next = firstId;
  while (at < bytes.length) {
    const found = decodeRecord(bytes, at);
    if (found.kind === "record" && found.record.id >= next) {
      isDamaged ||= !isSound || found.record.id > next;
      records.push(found.record);
      next = found.record.id + 1;
      at += found.size;
      if (isSound) soundBytes = at;
      continue;
    }
    isSound = false;
    at++; // the next record may begin anywhere
    if (bytes.length - at < FIXED_SIZE) break;
  }
  return { records, soundBytes, isDamaged };
}

/** Cuts what follows the last whole record. Returns the bytes that were cut. @throws what writing throws */
export function cutSegment(segment: Segment, soundBytes: number): number {
  const cut = segment.size - soundBytes;
  if (cut <= 0) return 0;
  const fd = openSync(segment.path, "r+");
  ftruncateSync(fd, soundBytes);
  fsyncSync(fd);
  closeSync(fd);
  segment.size = soundBytes;
  return cut;
}

/** Sets a damaged segment aside, and puts one with its whole records in its place. @throws what writing throws */
export function replaceSegment(segment: Segment, records: readonly LogRecord[]): void {
  const path = `${segment.path}.new`;
  const fd = openSync(path, "w");
  const parts = [headerOf(segment.firstId), ...records.map(encodeRecord)];
  let size = 0;
  for (const part of parts) {
    writeSync(fd, part);
    size += part.length;
  }
  fsyncSync(fd);
  closeSync(fd);
  renameSync(segment.path, asideOf(segment.path));
  renameSync(path, segment.path);
  segment.size = size;
}

/** A name that no earlier damaged segment has. */
function asideOf(path: string): string {
  return `${path}.${Date.now()}${CORRUPT_SUFFIX}`;
}
