/** Linear memory and the views through which JavaScript sees it. */
import type { Heap } from "./exports.ts";

const PAGE_SIZE = 65_536;
/** 4 GiB: all that 32 bits can address. */
const MAXIMUM_PAGES = 65_536;

/**
 * A memory with views of all of it. Growing replaces the views (and detaches the old ones where the memory is not
 * shared), so nobody keeps one.
 */
export class LinearMemory {
  readonly memory: Heap;
  readonly shared: boolean;
  u8!: Uint8Array;
  u16!: Uint16Array;
  u32!: Uint32Array;
  f64!: Float64Array;
  u64!: BigUint64Array;
  /** Bytes that the views cover. */
  size!: number;

  constructor(memory: Heap, shared: boolean) {
    this.memory = memory;
    this.shared = shared;
    this.#view();
  }

  /** Makes the views cover what another thread may have added. */
  refresh(): void {
    if (this.memory.buffer.byteLength === this.size) this.memory.grow(0); // else an engine may show a buffer of before
    this.#view();
  }

  /**
   * Makes memory and views reach to `end`.
   * @throws RangeError when the runtime gives no more memory; nothing is changed then.
   */
  reserve(end: number): void {
    if (end <= this.size) return;
    if (this.shared) this.refresh();
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
