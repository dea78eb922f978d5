/** How fast a count has been growing lately. */

/** The past that counts, in ms: short enough to show a change, long enough not to flicker. */
const WINDOW_MS = 2_000;

interface Sample {
  readonly count: number;
  readonly atMs: number;
}

export class RateMeter {
  #samples: Sample[];

  /** Counts from 0 at `startMs`. */
  constructor(startMs: number) {
    this.#samples = [{ count: 0, atMs: startMs }];
  }

  /** Growth per second over the last two seconds, or since the start. */
  measure(count: number, atMs: number): number {
    this.#samples.push({ count, atMs });
    // The newest of the samples that are older than the window stays: the measure begins there.
    const begin = this.#samples.findLastIndex((sample) => sample.atMs <= atMs - WINDOW_MS);
    this.#samples = this.#samples.slice(Math.max(begin, 0));
    const first = this.#samples[0];
    if (first === undefined || first.atMs === atMs) return 0;
    return ((count - first.count) * 1_000) / (atMs - first.atMs);
  }
}
