/** Linear memory that other threads write and grow. */
import { BLOCK_UNIT, REGISTRY_ADDRESS, REGISTRY_END_OFFSET } from "../../assembly/layout.ts";
import { LinearMemory } from "../core/memory.ts";
import type { Heap } from "../core/module.ts";

/** Index of the cell with the end of the memory in use, in units of BLOCK_UNIT. */
export const END_INDEX = (REGISTRY_ADDRESS + REGISTRY_END_OFFSET) >>> 2;

export class SharedMemory extends LinearMemory {
  // Declared only, as in LinearMemory.
  declare u8: Uint8Array;
  declare u16: Uint16Array;
  declare u64: BigUint64Array;

  constructor(heap: Heap) {
    super(heap, true);
  }

  /**
   * Makes the views reach `end`, if that is in use. To be called before a read of what another thread may have made: what
   * lies beyond a view reads as undefined and is not written, without an error.
   */
  cover(end: number): void {
    if (end > this.size && Atomics.load(this.u32, END_INDEX) * BLOCK_UNIT > this.size) this.#refresh();
  }

  override reserve(end: number): void {
    if (end <= this.size) return;
    this.#refresh();
    super.reserve(end);
  }

  override view(): void {
    super.view();
    const { buffer } = this.heap;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u64 = new BigUint64Array(buffer);
  }

  #refresh(): void {
    if (this.heap.buffer.byteLength === this.size) this.heap.grow(0); // else an engine may show a buffer of before
    this.view();
  }
}
