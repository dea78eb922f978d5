/** The beginning of a line or element that ends in a later chunk. Takes constant memory beyond the limit. */
import { EXCERPT_SIZE } from "./malformed.ts";

export class PartialLine {
  readonly #limit: number;
  /**
   * Grows by doubling and is kept, so that a line in many small chunks costs no more than one in a large
   * chunk.
   */
  #buffer = new Uint8Array(EXCERPT_SIZE);
  #length = 0;
  #overflowed = false;
  #total = 0;

  /** @param limit bytes up to which everything is kept; beyond it the head that an excerpt needs. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held. */
  get length(): number {
    return this.#length;
  }

  /** More than the limit were appended: only the head is held. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Bytes appended since it was empty, also those that are not held. */
  get total(): number {
    return this.#total;
  }

  /** Copies `bytes`. */
  append(bytes: Uint8Array): void {
    this.#total += bytes.length;
    if (this.#total > this.#limit) this.#overflowed = true;
    const kept = this.#overflowed ? bytes.subarray(0, Math.max(EXCERPT_SIZE - this.#length, 0)) : bytes;
    this.#reserve(this.#length + kept.length);
    this.#buffer.set(kept, this.#length);
    this.#length += kept.length;
  }

  /**
   * All bytes held, followed by `more`, as an array of its own, or `more` itself. Holds nothing afterwards.
   */
  take(more: Uint8Array = new Uint8Array(0)): Uint8Array {
    const length = this.#length;
    this.#length = 0;
    this.#total = 0;
    this.#overflowed = false;
    if (length === 0) return more;
    const whole = new Uint8Array(length + more.length);
    whole.set(this.#buffer.subarray(0, length));
    whole.set(more, length);
    return whole;
  }

  #reserve(size: number): void {
    if (size <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(size, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
