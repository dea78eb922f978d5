/** Counts of calls in a window of slices, which turns when it is looked at: it needs no timer. */
import type { Bucket, Counts } from "./types.ts";

/** What each slice counts, in the order of opossum. */
export const COUNTS: readonly (keyof Counts)[] = [
  "failures",
  "fallbacks",
  "successes",
  "rejects",
  "fires",
  "timeouts",
  "cacheHits",
  "cacheMisses",
  "coalesceCacheHits",
  "coalesceCacheMisses",
  "semaphoreRejections",
];

/** A slice without calls. */
export function emptyBucket(): Bucket {
  return {
    failures: 0,
    fallbacks: 0,
    successes: 0,
    rejects: 0,
    fires: 0,
    timeouts: 0,
    cacheHits: 0,
    cacheMisses: 0,
    coalesceCacheHits: 0,
    coalesceCacheMisses: 0,
    semaphoreRejections: 0,
    percentiles: {},
    latencyTimes: [],
  };
}

/** Stands for every slice without calls but the newest, which alone is written. */
const EMPTY = /* @__PURE__ */ emptyBucket();

/** The slices, and the sums by which a failure is judged. */
export class CountWindow {
  /** The newest slice first. */
  readonly buckets: Bucket[];
  /** ms. */
  readonly sliceMs: number;
  /** When the newest slice ends, ms; Infinity: something else turns the window. */
  endsMs: number;
  /** Calls of all slices that have ended. */
  readonly #ended = { fires: 0, failures: 0 };
  /** Calls of all slices that are forgotten. */
  readonly #forgotten = { fires: 0, failures: 0 };
  /** Calls until `judgeAnew`. */
  readonly #past = { fires: 0, failures: 0 };

  /** @param sliceMs length of a slice, ms; Infinity: time does not turn the window. */
  constructor(slices: number, sliceMs: number, nowMs: number) {
    this.buckets = [emptyBucket(), ...new Array<Bucket>(slices - 1).fill(EMPTY)];
    this.sliceMs = sliceMs;
    this.endsMs = nowMs + sliceMs;
  }

  /** Calls fired in the window, to judge by. */
  get fires(): number {
    return this.#judged("fires");
  }

  /** Calls that failed in the window, to judge by. */
  get failures(): number {
    return this.#judged("failures");
  }

  #judged(count: "fires" | "failures"): number {
    const all = this.#ended[count] + this.buckets[0]![count];
    return all - Math.max(this.#forgotten[count], this.#past[count]);
  }

  /** Judges by what is counted from now on; the slices stay. */
  judgeAnew(): void {
    const [newest] = this.buckets;
    this.#past.fires = this.#ended.fires + newest!.fires;
    this.#past.failures = this.#ended.failures + newest!.failures;
  }

  /** The slice of now. */
  current(nowMs: number): Bucket {
    if (nowMs >= this.endsMs) this.#turnUntil(nowMs);
    return this.buckets[0]!;
  }

  /** The slices, the newest first, each an object of its own. */
  slices(): Bucket[] {
    return this.buckets.map((bucket) => (bucket === EMPTY ? emptyBucket() : bucket));
  }

  /** Begins a slice; the oldest one is forgotten. */
  turn(begun = emptyBucket()): void {
    const { buckets } = this;
    const [newest] = buckets;
    this.#ended.fires += newest!.fires;
    this.#ended.failures += newest!.failures;
    const oldest = buckets.pop()!;
    this.#forgotten.fires += oldest.fires;
    this.#forgotten.failures += oldest.failures;
    buckets.unshift(begun);
  }

  #turnUntil(nowMs: number): void {
    const slices = Math.floor((nowMs - this.endsMs) / this.sliceMs) + 1;
    this.endsMs += slices * this.sliceMs;
    for (let n = Math.min(slices, this.buckets.length); n > 1; n--) this.turn(EMPTY);
    this.turn();
  }
}
