/** How much memory something takes while it runs. */

/** Bytes on and off the heap, at most, above what was there when it was made. Call `look` often. */
export class MemoryPeak {
  readonly #before = inUse();
  #peak = 0;

  look(): void {
    this.#peak = Math.max(this.#peak, inUse() - this.#before);
  }

  get megabytes(): number {
    return this.#peak / 1_000_000;
  }
}

/** `external` has the array buffers in it. */
function inUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
