/** Linear memory and the views through which JavaScript sees it. */
import type { Heap } from "./module.ts";

/** No block but a table of the shared name table is larger, and no part of one lies further from its start. */
export const LARGEST_BLOCK = 131_072;
const PAGE_SIZE = 65_536;
/** 4 GiB: all that 32 bits can address. */
const MAXIMUM_PAGES = 65_536;

/**
 * Takes reports instead of the fast path: a recorder. Whether a success, or a failure, of one call was counted.
 * @param failures 0 or 1
 */
export type ReportTap = (breaker: number, ticket: number, now: number, failures: number) => boolean;

/** A memory with views of all of it. Growing replaces the views, so no code keeps one. */
export class LinearMemory {
  // Declared only: a field that is made first and set afterwards holds anything as far as V8 knows, and every use
  // of it checks what.
  declare readonly heap: Heap;
  declare readonly shared: boolean;
  /**
   * @internal false: reports and refusals take the fast path of JavaScript. Else refusals go to the module, and reports of one call of
   * unknown duration come here: in memory that threads share, and while they are recorded.
   */
  declare _tap: ReportTap | false;
  declare u32: Uint32Array;
  declare f64: Float64Array;
  /** Bytes that the views cover. */
  declare size: number;

  constructor(heap: Heap, shared: boolean) {
    this.heap = heap;
    this.shared = shared;
    this._tap = shared && (() => false); // then these go to the module, too
    this.view();
  }

  /**
   * Makes memory and views reach to `end`.
   * @throws RangeError when the runtime gives no more memory; nothing is changed then.
   */
  reserve(end: number): void {
    if (end <= this.size) return;
    // A quarter more each time: few steps to a large memory, little waste in a small one.
    const wanted = Math.max(end - this.size, this.size / 4);
    const pages = Math.min(Math.ceil(wanted / PAGE_SIZE), MAXIMUM_PAGES - this.size / PAGE_SIZE);
    try {
      if (this.size + pages * PAGE_SIZE < end) throw undefined;
      this.heap.grow(pages);
    } catch {
      throw new RangeError(
        `no memory for another breaker: ${end} bytes are needed, and the runtime gives no more`,
      );
    }
    this.view();
  }

  /** Takes views of the memory as large as it is now. */
  view(): void {
    const { buffer } = this.heap;
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.size = buffer.byteLength;
  }
}
