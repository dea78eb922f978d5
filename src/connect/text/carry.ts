/** The beginning of a line or element whose end is in a later chunk. Constant memory, however long it gets. */
import { EXCERPT_SIZE } from "./excerpt.ts";

export class Carry {
  readonly #limit: number;
  /** Grows by doubling and is kept, so that a line in many small chunks costs no more than one in a large chunk. */
  #buffer: Buffer = Buffer.alloc(EXCERPT_SIZE);
  #length = 0;
  #overflowed = false;
  #total = 0;

  /** @param limit bytes up to which everything is kept; beyond it only what an excerpt needs. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held. */
  get length(): number {
    return this.#length;
  }

  /** It grew beyond the limit: what it holds is its head, the rest was thrown away. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Bytes appended since it was empty, also those that were thrown away. */
  get total(): number {
    return this.#total;
  }

  /** Copies `bytes`, since a reader reuses its buffer. */
  append(bytes: Buffer): void {
    this.#total += bytes.length;
    if (this.#total > this.#limit) this.#overflowed = true;
    const kept = this.#overflowed ? bytes.subarray(0, Math.max(EXCERPT_SIZE - this.#length, 0)) : bytes;
    this.#reserve(this.#length + kept.length);
    kept.copy(this.#buffer, this.#length);
    this.#length += kept.length;
  }

  /** Everything held, followed by `more`; holds nothing afterwards. Valid until the next call if `more` is. */
  take(more: Buffer): Buffer {
    const held = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    this.#total = 0;
    this.#overflowed = false;
    return held.length === 0 ? more : Buffer.concat([held, more]);
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(size, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
