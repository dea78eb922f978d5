/**
 * The leases of the probes that are out.
 */

/** Both ends of a lease are whole numbers of ticks. */
const TICKS_PER_MS = 1024;

/** A fixed number of leases, each free or out until a tick. */
export class LeaseModel {
  readonly #ends: (number | undefined)[];

  constructor(count: number) {
    this.#ends = new Array<number | undefined>(count).fill(undefined);
  }

  /** Takes the lowest free lease; undefined when all are out. */
  take(nowMs: number, timeoutMs: number): number | undefined {
    const index = this.#ends.indexOf(undefined);
    if (index < 0) return undefined;
    this.#ends[index] = ticksOf(nowMs) + ticksOf(timeoutMs);
    return index;
  }

  /** Gives a lease back; false when it was free already. */
  free(index: number): boolean {
    const wasOut = this.#ends[index] !== undefined;
    if (wasOut) this.#ends[index] = undefined;
    return wasOut;
  }

  /** Gives all leases back. */
  clear(): void {
    this.#ends.fill(undefined);
  }

  /** Gives back the leases that have ended. Returns how many they were. */
  end(nowMs: number): number {
    const isOver = (end: number | undefined) => end !== undefined && ticksOf(nowMs) >= end;
    const count = this.#ends.filter(isOver).length;
    this.#ends.forEach((end, index) => {
      if (isOver(end)) this.#ends[index] = undefined;
    });
    return count;
  }

  /** When the first of the leases that are out ends, in ms; Infinity when none is out. */
  get nextEndMs(): number {
    return Math.min(...this.#ends.map((end) => end ?? Number.POSITIVE_INFINITY)) / TICKS_PER_MS;
  }
}

function ticksOf(ms: number): number {
  return Math.floor(ms * TICKS_PER_MS);
}
