/** Linear memory and the views through which JavaScript sees it. */
import { BLOCK_UNIT, REGISTRY_ADDRESS, REGISTRY_END_OFFSET } from "../../assembly/layout.ts";
import type { Heap } from "./exports.ts";

const END_INDEX = (REGISTRY_ADDRESS + REGISTRY_END_OFFSET) >>> 2;
/** No block but a table of the directory is larger, and no part of one lies further from its start. */
export const LARGEST_BLOCK = 131_072;
const PAGE_SIZE = 65_536;
/** 4 GiB: all that 32 bits can address. */
const MAXIMUM_PAGES = 65_536;

/**
 * A memory with views of all of it. Growing replaces the views (and detaches the old ones where the memory is not
 * shared), so nobody keeps one.
 */
export class LinearMemory {
  // Declared only: a field that is made first and set afterwards holds anything as far as V8 knows, and every use
  // of it checks what.
  declare readonly memory: Heap;
  declare readonly shared: boolean;
  declare u8: Uint8Array;
  declare u16: Uint16Array;
  declare u32: Uint32Array;
  declare f64: Float64Array;
  declare u64: BigUint64Array;
  /** Bytes that the views cover. */
  declare size: number;

  constructor(memory: Heap, shared: boolean) {
    this.memory = memory;
    this.shared = shared;
    this.#view();
  }

  /**
   * To be called before something is read that another thread may have made: makes the views cover the memory up to
   * `end`, if it is in use. What lies beyond a view reads as undefined and is not written, without a word.
   */
  cover(end: number): void {
    if (end > this.size && Atomics.load(this.u32, END_INDEX) * BLOCK_UNIT > this.size) this.#refresh();
  }

  #refresh(): void {
    if (this.memory.buffer.byteLength === this.size) this.memory.grow(0); // else an engine may show a buffer of before
    this.#view();
  }

  /**
   * Makes memory and views reach to `end`.
   * @throws RangeError when the runtime gives no more memory; nothing is changed then.
   */
  reserve(end: number): void {
    if (end <= this.size) return;
    if (this.shared) this.#refresh();
    if (end <= this.size) return;
    // A quarter more each time: few steps to a large memory, little waste in a small one.
    const wanted = Math.max(end - this.size, Math.floor(this.size / 4));
    const pages = Math.min(Math.ceil(wanted / PAGE_SIZE), MAXIMUM_PAGES - this.size / PAGE_SIZE);
    if (this.size + pages * PAGE_SIZE < end) throw outOfMemory(end);
    try {
      this.memory.grow(pages);
    } catch {
      throw outOfMemory(end);
    }
    this.#view();
  }

  #view(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.size = buffer.byteLength;
  }
}

function outOfMemory(end: number): RangeError {
  return new RangeError(
    `no memory for another breaker: ${end} bytes are needed, and the runtime gives no more`,
  );
}
