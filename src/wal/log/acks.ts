/**
 * Which events of a log are done: a file that grows until it is written anew.
 *
 * It begins with 8 bytes, ACK_MAGIC. Each entry is a range of ids: two f64 and the CRC-32 of their 16 bytes, little-endian. The
 * first range begins at 1: up to its end every event is done. An entry that is cut or wrong is passed over: its events are sent
 * again.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type IdRange, RangeSet } from "./range-set.ts";
import { writeWhole } from "./segment.ts";

export const ACK_FILE = "acks";
export const ACK_MAGIC = "BSACKS01";
const RANGE_SIZE = 16;
const ENTRY_SIZE = RANGE_SIZE + 4;
/** Bytes from which on the file is written anew. */
const COMPACT_SIZE = 1_048_576;

/** The ids that are done, and how many bytes of the file could not be read. */
export interface ReadAcks {
  readonly done: RangeSet;
  readonly lostBytes: number;
}

/** Reads the file of a folder; where there is none, nothing is done. @throws what reading throws */
export function readAcks(folder: string): ReadAcks {
  const done = new RangeSet();
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(folder, ACK_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { done, lostBytes: 0 };
    throw error;
  }
  if (bytes.toString("latin1", 0, ACK_MAGIC.length) !== ACK_MAGIC) return { done, lostBytes: bytes.length };
  let lostBytes = 0;
  let at = ACK_MAGIC.length;
  for (; at + ENTRY_SIZE <= bytes.length; at += ENTRY_SIZE) {
    const { from, to, isWhole } = entryAt(bytes, at);
    if (isWhole) done.add(from, to);
    else lostBytes += ENTRY_SIZE;
  }
  return { done, lostBytes: lostBytes + bytes.length - at };
}

function entryAt(bytes: Buffer, at: number): IdRange & { readonly isWhole: boolean } {
  const isWhole = crc32(bytes.subarray(at, at + RANGE_SIZE)) === bytes.readUInt32LE(at + RANGE_SIZE);
  return { from: bytes.readDoubleLE(at), to: bytes.readDoubleLE(at + 8), isWhole };
}

function encode(ranges: readonly IdRange[]): Buffer {
  const bytes = Buffer.alloc(ranges.length * ENTRY_SIZE);
  for (const [index, { from, to }] of ranges.entries()) {
    const at = index * ENTRY_SIZE;
    bytes.writeDoubleLE(from, at);
    bytes.writeDoubleLE(to, at + 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + RANGE_SIZE)), at + RANGE_SIZE);
  }
  return bytes;
}

/** Writes to the file of one folder. */
export class AckFile {
  readonly done: RangeSet;
  readonly #folder: string;
  #fd: number;
  /** Bytes that are written. */
  #size = 0;
  /** Not written yet. */
  #fresh = new RangeSet();

  /** Opens the file, written anew. @throws what writing throws */
  constructor(folder: string, done: RangeSet) {
    this.#folder = folder;
    this.done = done;
    this.#fd = this.#rewrite();
  }

  /** From now on the ids are done. Returns how many were not before. */
  add(from: number, to = from): number {
    const added = this.done.add(from, to);
    if (added > 0) this.#fresh.add(from, to);
    return added;
  }

  /** Hands to the system what was added since. @throws what writing throws; the next call writes it then */
  write(): void {
    const { ranges } = this.#fresh;
    if (ranges.length === 0) return;
    if (this.#size > COMPACT_SIZE) {
      const old = this.#fd;
      this.#fd = this.#rewrite();
      closeSync(old);
    } else {
      this.#append(encode(ranges));
    }
    this.#fresh = new RangeSet();
  }

  /** Waits until the disk has what was written. @throws what the system throws */
  sync(): void {
    fsyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Entries stand at multiples of their size: a part of one that a full disk took is written over, or cut. */
  #append(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#size + at);
      }
    } catch (error) {
      ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  /** A new file takes the place of the old one as a whole. Returns its descriptor. */
  #rewrite(): number {
    const path = join(this.#folder, ACK_FILE);
    const bytes = Buffer.concat([Buffer.from(ACK_MAGIC, "latin1"), encode(this.done.ranges)]);
    const fd = openSync(`${path}.new`, "w");
    try {
      writeWhole(fd, bytes);
      fsyncSync(fd);
      renameSync(`${path}.new`, path);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.#size = bytes.length;
    return fd;
  }
}
