/** What the library makes of the readings of a user's clock: time that never goes back and never jumps far. */
import { MAXIMUM_JUMP_MS, MAXIMUM_TIME_MS } from "./breaker.ts";

/** ms: a clock that goes back by no more stands still; by more, its time goes on from the latest reading. */
const TOLERANCE_MS = 1_000;

export class ClockModel {
  #latestMs: number;
  #shiftMs = 0;

  constructor(firstMs: number) {
    this.#latestMs = firstMs;
  }

  copy(): ClockModel {
    const copy = new ClockModel(this.#latestMs);
    copy.#shiftMs = this.#shiftMs;
    return copy;
  }

  /** The time that a reading gives. */
  read(readingMs: number): number {
    if (!(readingMs >= 0 && readingMs <= MAXIMUM_TIME_MS)) return this.#latestMs;
    const shiftedMs = readingMs + this.#shiftMs;
    const mostMs =
      this.#latestMs === 0 ? MAXIMUM_TIME_MS : Math.min(this.#latestMs + MAXIMUM_JUMP_MS, MAXIMUM_TIME_MS);
    if (shiftedMs >= this.#latestMs && shiftedMs <= mostMs) {
      this.#latestMs = shiftedMs;
      return shiftedMs;
    }
    if (shiftedMs > mostMs) this.#latestMs = mostMs;
    const standsStill = shiftedMs <= this.#latestMs && shiftedMs >= this.#latestMs - TOLERANCE_MS;
    if (!standsStill) this.#shiftMs += this.#latestMs - shiftedMs;
    return this.#latestMs;
  }
}
