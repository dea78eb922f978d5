/** Linear memory: who owns which address. Grows on demand, hands freed blocks out again. */
import type { Heap } from "./exports.ts";

const PAGE_SIZE = 65_536;
/** 4 GiB: all that 32 bits can address. */
const MAXIMUM_PAGES = 65_536;
/** Address 0 stays unused, so that 0 can mean "none". */
const FIRST_ADDRESS = 64;

export class LinearMemory {
  readonly memory: Heap;
  #u32: Uint32Array;
  #f64: Float64Array;
  #end = FIRST_ADDRESS;
  readonly #freed = new Map<number, number[]>();

  constructor(memory: Heap) {
    this.memory = memory;
    this.#u32 = new Uint32Array(this.memory.buffer);
    this.#f64 = new Float64Array(this.memory.buffer);
  }

  /** The whole memory as u32; asked for anew after every allocation, since growing detaches the old view. */
  get u32(): Uint32Array {
    if (this.#u32.buffer !== this.memory.buffer) this.#u32 = new Uint32Array(this.memory.buffer);
    return this.#u32;
  }

  /** The same as f64. */
  get f64(): Float64Array {
    if (this.#f64.buffer !== this.memory.buffer) this.#f64 = new Float64Array(this.memory.buffer);
    return this.#f64;
  }

  /** Bytes in use, freed blocks included. */
  get size(): number {
    return this.#end;
  }

  /**
   * A zeroed block whose address leaves `remainder` when divided by `alignment`.
   * @throws RangeError when the runtime gives no more memory; nothing is changed then.
   */
  allocate(size: number, alignment = 8, remainder = 0): number {
    const blocks = this.#freed.get(size);
    const again = blocks?.at(-1);
    if (blocks !== undefined && again !== undefined && again % alignment === remainder) {
      blocks.pop();
      this.u32.fill(0, again >>> 2, (again + size) >>> 2);
      return again;
    }
    const address = this.#end + ((((remainder - this.#end) % alignment) + alignment) % alignment);
    this.#reserve(address + size);
    this.#end = address + size;
    return address;
  }

  /** Gives a block back, to be handed out again to whoever asks for that size. */
  free(address: number, size: number): void {
    const blocks = this.#freed.get(size);
    if (blocks === undefined) this.#freed.set(size, [address]);
    else blocks.push(address);
  }

  #reserve(end: number): void {
    const held = this.memory.buffer.byteLength;
    if (end <= held) return;
    // A quarter more each time: few steps to a large memory, little waste in a small one.
    const wanted = Math.max(end - held, Math.floor(held / 4));
    const pages = Math.min(Math.ceil(wanted / PAGE_SIZE), MAXIMUM_PAGES - held / PAGE_SIZE);
    if (held + pages * PAGE_SIZE < end) throw outOfMemory(end);
    try {
      this.memory.grow(pages);
    } catch {
      throw outOfMemory(end);
    }
  }
}

function outOfMemory(end: number): RangeError {
  return new RangeError(
    `no memory for another breaker: ${end} bytes are needed, and the runtime gives no more`,
  );
}
