/** One file that may still grow. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { CHUNK_SIZE } from "../byte-reader.ts";
import { FINGERPRINT_SIZE, type Fingerprint, fingerprintOf, type Position } from "./position.ts";

export class FollowedFile {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  /** Where the next read begins. */
  offset: number;
  readonly #handle: FileHandle;
  #fingerprint: Fingerprint;
  /** Size when it was looked at last. */
  #seenSize = -1;

  private constructor(
    path: string,
    handle: FileHandle,
    identity: { readonly dev: number; readonly ino: number },
    fingerprint: Fingerprint,
    offset: number,
  ) {
    this.path = path;
    this.#handle = handle;
    this.dev = identity.dev;
    this.ino = identity.ino;
    this.#fingerprint = fingerprint;
    this.offset = offset;
  }

  /** @throws what the system says */
  static async open(path: string, offset = 0): Promise<FollowedFile> {
    const handle = await open(path, "r");
    return new FollowedFile(path, handle, await handle.stat(), await fingerprintOf(handle, offset), offset);
  }

  /** The place behind that many bytes. */
  positionAt(offset: number): Position {
    return { dev: this.dev, ino: this.ino, fingerprint: this.#fingerprint, offset };
  }

  /** The next bytes; undefined: there are none now. */
  async read(): Promise<Buffer | undefined> {
    const buffer = Buffer.allocUnsafe(CHUNK_SIZE);
    const { bytesRead } = await this.#handle.read(buffer, 0, CHUNK_SIZE, this.offset);
    if (bytesRead === 0) return undefined;
    this.offset += bytesRead;
    if (this.#fingerprint.bytes < FINGERPRINT_SIZE) {
      this.#fingerprint = await fingerprintOf(this.#handle, this.offset);
    }
    return buffer.subarray(0, bytesRead);
  }

  /** It is shorter than what was read of it, or begins with other bytes. */
  async isTruncated(): Promise<boolean> {
    const { size } = await this.#handle.stat();
    if (size < this.offset) return true;
    if (size === this.#seenSize) return false;
    this.#seenSize = size;
    const { bytes, hash } = this.#fingerprint;
    return (await fingerprintOf(this.#handle, bytes)).hash !== hash;
  }

  /** Its path leads to another file now. */
  async isReplaced(): Promise<boolean> {
    const now = await stat(this.path).catch(() => undefined);
    return now !== undefined && (now.ino !== this.ino || now.dev !== this.dev);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
