/**
 * Which events of a log are done: a file that only grows until it is written anew.
 *
 * It begins with 8 bytes, ACK_MAGIC. Each entry is a range of ids: two f64 and the CRC-32 of their 16 bytes, little-endian. What
 * comes behind the first entry that is cut or wrong is not read: those events are sent again.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type IdRange, RangeSet } from "./range-set.ts";

export const ACK_FILE = "acks";
export const ACK_MAGIC = "BSACKS01";
const ENTRY_SIZE = 20;
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
  let at = ACK_MAGIC.length;
  for (; at + ENTRY_SIZE <= bytes.length; at += ENTRY_SIZE) {
    if (crc32(bytes.subarray(at, at + 16)) !== bytes.readUInt32LE(at + 16)) break;
    done.add(bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8));
  }
  return { done, lostBytes: bytes.length - at };
}

function encode(ranges: readonly IdRange[]): Buffer {
  const bytes = Buffer.alloc(ranges.length * ENTRY_SIZE);
  for (const [index, { from, to }] of ranges.entries()) {
    const at = index * ENTRY_SIZE;
    bytes.writeDoubleLE(from, at);
    bytes.writeDoubleLE(to, at + 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 16)), at + 16);
  }
  return bytes;
}

/** Writes to the file of one folder. */
export class AckFile {
  readonly done: RangeSet;
  readonly #folder: string;
  #fd: number;
  #size = 0;
  /** Not written yet. */
  #fresh = new RangeSet();

  /** Opens the file, written anew. @throws what writing throws */
  constructor(folder: string, done: RangeSet) {
    this.#folder = folder;
    this.done = done;
    this.#fd = this.#rewrite();
  }

  /** From now on the id is done. Returns false where it was before. */
  add(id: number): boolean {
    if (this.done.add(id) === 0) return false;
    this.#fresh.add(id);
    return true;
  }

  /** Ids below are done, and need not be remembered one by one: the log has no record of them any more. */
  forgetBelow(id: number): void {
    if (id <= 1) return;
    this.done.add(1, id - 1);
  }

  /** Hands to the system what was added since. @throws what writing throws; then nothing counts as written */
  write(): void {
    const { ranges } = this.#fresh;
    if (ranges.length === 0) return;
    if (this.#size > COMPACT_SIZE) {
      const old = this.#fd;
      this.#fd = this.#rewrite();
      closeSync(old);
    } else {
      const bytes = encode(ranges);
      writeSync(this.#fd, bytes);
      this.#size += bytes.length;
    }
    this.#fresh = new RangeSet();
  }

  /** Waits until the disk has what was written. */
  sync(): void {
    fsyncSync(this.#fd);
  }

  close(): void {
    this.write();
    closeSync(this.#fd);
  }

  /** A new file takes the place of the old one as a whole. Returns its descriptor. */
  #rewrite(): number {
    const path = join(this.#folder, ACK_FILE);
    const fd = openSync(`${path}.new`, "w");
    const bytes = Buffer.concat([Buffer.from(ACK_MAGIC, "latin1"), encode(this.done.ranges)]);
    writeSync(fd, bytes);
    fsyncSync(fd);
    renameSync(`${path}.new`, path);
    this.#size = bytes.length;
    return fd;
  }
}
