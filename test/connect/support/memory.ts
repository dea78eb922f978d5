/** How much memory something takes while it runs. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes that are in use, on and off the heap, at most, above what was there when it was made. Garbage does not count. */
export class MemoryPeak {
  readonly #before = inUse();
  #peak = 0;
  #looks = 0;

  /** Every fiftieth look is a real one, for it takes some milliseconds. */
  look(): void {
    if (this.#looks++ % 50 === 0) this.#peak = Math.max(this.#peak, inUse() - this.#before);
  }

  get megabytes(): number {
    return this.#peak / 1_000_000;
  }
}

/** `external` has the array buffers in it. */
function inUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
