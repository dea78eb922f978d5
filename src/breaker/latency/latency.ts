/** How long calls took: percentiles since the start, or of the latest time only. */

import { DISPOSE } from "../dispose.ts";
import { numberOption, objectOption } from "../options/check.ts";
import { checkTime } from "../time/clock.ts";

/** What of the calls is measured. */
export interface LatencyOptions {
  /** Only calls that were reported so long ago at most count, to a sixth of it. 1..86,400,000 ms, default: all since `reset`. */
  readonly windowMs?: number;
  /** Digits that are kept of a duration; each takes ten times the memory of the one before. 1..5, default 2: to 1 %. */
  readonly significantDigits?: number;
}

/** ms, all of them; 0 where there were no calls. */
export interface LatencySnapshot {
  /** How many were measured. */
  readonly calls: number;
  /** Their mean. */
  readonly meanMs: number;
  /** The longest. */
  readonly maximumMs: number;
  /** Half of them took that long at most. */
  readonly p50Ms: number;
  /** 90 %. */
  readonly p90Ms: number;
  /** 99 %. */
  readonly p99Ms: number;
  /** 99.9 %. */
  readonly p999Ms: number;
}

/** A histogram of whole µs. */
export interface Histogram {
  readonly totalCount: number;
  readonly mean: number;
  readonly maxValue: number;
  recordValueWithCount(value: number, count: number): void;
  getValueAtPercentile(percentile: number): number;
  add(other: Histogram): void;
  reset(): void;
}

const SLICES = 6;
const US_PER_MS = 1_000;
/** A day; what takes longer counts as that. */
const LONGEST_US = 86_400_000_000;

/** One slice of the window, or all there is. */
interface Slice {
  number: number;
  readonly histogram: Histogram;
}

/** What `measureLatency` measures. */
export class Latency {
  readonly #sliceMs: number;
  readonly #slices: readonly Slice[];
  /** Where slices are put together. */
  readonly #sum: Histogram;
  readonly #clock: () => number;
  #detach: () => void = () => {};

  /** @internal Use `measureLatency`. */
  constructor(options: LatencyOptions, make: (significantDigits: number) => Histogram, clock: () => number) {
    const { windowMs, significantDigits } = objectOption("options", options, [
      "windowMs",
      "significantDigits",
    ]);
    const digits = numberOption("significantDigits", significantDigits, { from: 1, to: 5, whole: true }, 2);
    const hasWindow = windowMs !== undefined;
    this.#sliceMs = hasWindow
      ? numberOption("windowMs", windowMs, { from: 1, to: 86_400_000 }) / SLICES
      : Number.POSITIVE_INFINITY;
    this.#slices = Array.from({ length: hasWindow ? SLICES : 1 }, () => ({
      number: 0,
      histogram: make(digits),
    }));
    this.#sum = make(digits);
    this.#clock = clock;
  }

  /** @internal `detach`: stops the measuring. */
  begin(detach: () => void): this {
    this.#detach = detach;
    return this;
  }

  /** @internal */
  record(nowMs: number, durationMs: number, weight: number): void {
    const number = this.#numberAt(nowMs);
    const slice = this.#slices[number % this.#slices.length]!; // numbers are 0 and above
    if (slice.number !== number) {
      if (slice.number > number) return; // a clock that went back by more than the window
      slice.histogram.reset();
      slice.number = number;
    }
    const us = Math.min(Math.round(durationMs * US_PER_MS), LONGEST_US);
    slice.histogram.recordValueWithCount(us, weight);
  }

  /**
   * ms that so many percent of the calls took at most; 0 where there were none.
   * @param percent 0..100
   * @throws OptionError when it is out of range, RangeError when `nowMs` is no time.
   */
  percentile(percent: number, nowMs?: number): number {
    numberOption("percent", percent, { from: 0, to: 100 });
    const histogram = this.#all(nowMs);
    return histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(percent) / US_PER_MS;
  }

  /** @throws RangeError when `nowMs` is no time. */
  snapshot(nowMs?: number): LatencySnapshot {
    const histogram = this.#all(nowMs);
    const { totalCount: calls } = histogram;
    const at = (percent: number) => (calls === 0 ? 0 : histogram.getValueAtPercentile(percent) / US_PER_MS);
    return {
      calls,
      meanMs: calls === 0 ? 0 : histogram.mean / US_PER_MS,
      maximumMs: calls === 0 ? 0 : histogram.maxValue / US_PER_MS,
      p50Ms: at(50),
      p90Ms: at(90),
      p99Ms: at(99),
      p999Ms: at(99.9),
    };
  }

  /** Forgets what was measured. */
  reset(): void {
    for (const { histogram } of this.#slices) histogram.reset();
  }

  /** Measures no more; what was measured can still be read. */
  stop(): void {
    this.#detach();
  }

  /** As `stop`. */
  [DISPOSE](): void {
    this.stop();
  }

  #numberAt(nowMs: number): number {
    return this.#slices.length === 1 ? 0 : Math.floor(nowMs / this.#sliceMs);
  }

  /** The slices that are still in the window. */
  #all(nowMs: number | undefined): Histogram {
    if (this.#slices.length === 1) return this.#slices[0]!.histogram;
    const number = this.#numberAt(checkTime(nowMs ?? this.#clock()));
    this.#sum.reset();
    for (const slice of this.#slices) {
      if (slice.number > number - SLICES) this.#sum.add(slice.histogram);
    }
    return this.#sum;
  }
}
