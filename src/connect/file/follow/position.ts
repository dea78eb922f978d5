/** How far a file was read and acknowledged, kept in a small file. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { rename, writeFile } from "node:fs/promises";
import { ConnectError, codeOf, fileFaultOf } from "../../base/errors.ts";

/** The first bytes of a file: they tell whether a file with the same number is another one. */
export interface Fingerprint {
  /** At most `FINGERPRINT_SIZE`. */
  readonly bytes: number;
  /** SHA-256, in hexadecimal. */
  readonly hash: string;
}

/** A place in a file. */
export interface Position {
  readonly dev: number;
  readonly ino: number;
  readonly fingerprint: Fingerprint;
  /** Bytes from the start of the file: everything before is acknowledged. */
  readonly offset: number;
}

export const FINGERPRINT_SIZE = 1_024;
const VERSION = 1;

/** Of the first `size` bytes of the file, as far as it has so many. */
export async function fingerprintOf(handle: FileHandle, size: number): Promise<Fingerprint> {
  const buffer = Buffer.alloc(Math.min(size, FINGERPRINT_SIZE));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  const hash = createHash("sha256").update(buffer.subarray(0, bytesRead)).digest("hex");
  return { bytes: bytesRead, hash };
}

/** @returns undefined where there is none yet. @throws ConnectError for a file that is none of positions */
export function readPosition(path: string): Position | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unusable(path, `cannot be read: ${fileFaultOf(error)}`, error);
  }
  const position = parse(text);
  if (position === undefined) throw unusable(path, "is no position of a source, or is damaged");
  return position;
}

function parse(text: string): Position | undefined {
  try {
    const { version, dev, ino, fingerprint, offset } = JSON.parse(text);
    const numbers = [dev, ino, offset, fingerprint.bytes];
    const isValid = version === VERSION && numbers.every((n) => Number.isSafeInteger(n) && n >= 0);
    return isValid && typeof fingerprint.hash === "string" ? { dev, ino, fingerprint, offset } : undefined;
  } catch {
    return undefined;
  }
}

function unusable(where: string, what: string, cause?: unknown): ConnectError {
  const hint = "give another file, or delete it to read from the start";
  return new ConnectError("ERR_SOURCE", { where, what, hint, cause });
}

/** Writes positions, the latest only, one write after the other. The file is replaced as a whole. */
export class PositionFile {
  readonly #path: string;
  #latest: Position | undefined;
  #isWriting = false;
  #isClosed = false;

  constructor(path: string) {
    this.#path = path;
  }

  save(position: Position): void {
    this.#latest = position;
    if (!this.#isWriting) void this.#write();
  }

  /** Writes what is not written. @throws ConnectError where that fails */
  close(): void {
    this.#isClosed = true;
    const latest = this.#latest;
    if (latest === undefined) return;
    try {
      writeFileSync(this.#temporary("last"), textOf(latest));
      renameSync(this.#temporary("last"), this.#path);
    } catch (error) {
      throw unusable(this.#path, `cannot be written: ${fileFaultOf(error)}`, error);
    }
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (let written: Position | undefined; written !== this.#latest && !this.#isClosed; ) {
      const position = this.#latest as Position; // `save` has set it
      try {
        await writeFile(this.#temporary("new"), textOf(position));
        if (!this.#isClosed) await rename(this.#temporary("new"), this.#path);
      } catch {
        // The next write may succeed; `close` reports what fails then.
      }
      written = position;
    }
    this.#isWriting = false;
  }

  #temporary(ending: string): string {
    return `${this.#path}.${ending}`;
  }
}

function textOf(position: Position): string {
  return `${JSON.stringify({ version: VERSION, ...position })}\n`;
}
