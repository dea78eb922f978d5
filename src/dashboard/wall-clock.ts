/** The time of a registry's clock, whatever it counts from, as ms since 1970. */

/** A smaller difference is no jump: rows would change with each sample. */
const TOLERANCE_MS = 1_000;

export class WallClock {
  #offsetMs: number;

  constructor(registry: { now(): number }) {
    this.#offsetMs = Date.now() - registry.now();
  }

  /** Compares the clocks: the machine may have slept, or a user may have moved one of them. */
  adjust(nowMs: number): void {
    const offsetMs = Date.now() - nowMs;
    if (Math.abs(offsetMs - this.#offsetMs) > TOLERANCE_MS) this.#offsetMs = offsetMs;
  }

  /** ms since 1970. */
  of(atMs: number): number {
    return atMs + this.#offsetMs;
  }
}
