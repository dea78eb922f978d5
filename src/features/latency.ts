/** How long calls take: percentiles since the start, or of the latest time. Needs the package `hdr-histogram-js`. */
import { build, type Histogram } from "hdr-histogram-js";
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { type Clock, checkTime } from "../breaker/clock.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { numberOption, objectOption } from "../breaker/validate.ts";
import { observeReports } from "./report-observer.ts";

/** Which calls are measured, and how finely. */
export interface LatencyOptions {
  /** Calls that were reported within this time count, to a sixth of it. 1..86,400,000 ms, default: all since `reset`. */
  readonly windowMs?: number | undefined;
  /** Digits that are kept of a duration; each takes ten times the memory of the one before. 1..5, default 2: to 1 %. */
  readonly significantDigits?: number | undefined;
}

/** Times in ms; 0 where there were no calls. */
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

/** Slices of a window; it moves on by a slice at a time. */
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
  /** @internal */
  readonly _sliceMs: number;
  /** @internal */
  readonly _slices: readonly Slice[];
  /** @internal Where slices are added up. */
  readonly _sum: Histogram;
  /** @internal */
  readonly _clock: Clock;
  /** Measures no more; what was measured can still be read. */
  readonly stop: () => void;

  /** @internal Use `measureLatency`. */
  constructor(source: CircuitBreaker | CircuitBreakerRegistry, options: LatencyOptions) {
    const given = objectOption("options", options, ["windowMs", "significantDigits"]);
    const { windowMs } = given;
    const digits = numberOption(
      "significantDigits",
      given.significantDigits,
      { from: 1, to: 5, whole: true },
      2,
    );
    const count = windowMs === undefined ? 1 : SLICES;
    this._sliceMs = numberOption("windowMs", windowMs, { from: 1, to: 86_400_000 }, Infinity) / count;
    this._slices = Array.from({ length: count }, () => ({ number: 0, histogram: makeHistogram(digits) }));
    this._sum = makeHistogram(digits);
    this._clock = "tryAcquire" in source ? source._clock : source._engine.clock;
    this.stop = observeReports(source, (nowMs, durationMs, weight) => {
      this._record(nowMs, durationMs, weight);
    });
  }

  /** @internal */
  _record(nowMs: number, durationMs: number, weight: number): void {
    const number = this._numberAt(nowMs);
    const slice = this._slices[number % this._slices.length]!; // numbers are 0 and above
    if (slice.number !== number) {
      if (slice.number > number) return; // a clock that went back by more than the window
      slice.histogram.reset();
      slice.number = number;
    }
    slice.histogram.recordValueWithCount(Math.min(Math.round(durationMs * US_PER_MS), LONGEST_US), weight);
  }

  /**
   * ms that so many percent of the calls took at most; 0 where there were none.
   * @param percent 0..100
   * @throws OptionError when it is out of range, RangeError when `nowMs` is no time.
   */
  percentile(percent: number, nowMs?: number): number {
    numberOption("percent", percent, { from: 0, to: 100 });
    return percentileOf(this._all(nowMs), percent);
  }

  /** Count, mean, longest, and the usual percentiles. @throws RangeError when `nowMs` is no time. */
  snapshot(nowMs?: number): LatencySnapshot {
    const histogram = this._all(nowMs);
    const { totalCount: calls } = histogram;
    return {
      calls,
      meanMs: calls === 0 ? 0 : histogram.mean / US_PER_MS,
      maximumMs: calls === 0 ? 0 : histogram.maxValue / US_PER_MS,
      p50Ms: percentileOf(histogram, 50),
      p90Ms: percentileOf(histogram, 90),
      p99Ms: percentileOf(histogram, 99),
      p999Ms: percentileOf(histogram, 99.9),
    };
  }

  /** Forgets what was measured. */
  reset(): void {
    for (const { histogram } of this._slices) histogram.reset();
  }

  /** As `stop`. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** @internal */
  _numberAt(nowMs: number): number {
    return this._slices.length === 1 ? 0 : Math.floor(nowMs / this._sliceMs);
  }

  /** @internal The slices that are still in the window. */
  _all(nowMs: number | undefined): Histogram {
    const now = nowMs === undefined ? this._clock() : checkTime(nowMs);
    if (this._slices.length === 1) return this._slices[0]!.histogram;
    const number = this._numberAt(now);
    this._sum.reset();
    for (const slice of this._slices) {
      if (slice.number > number - SLICES) this._sum.add(slice.histogram);
    }
    return this._sum;
  }
}

/**
 * Measures the calls of a breaker, or of all breakers of a registry together, in this thread, from now on: successes and
 * failures whose duration is known. `execute`, `executeSync` and `wrap` time each call from then on (two readings of the
 * clock); `onSuccess` and `onFailure` are given the duration; batches are not measured. A breaker of a registry is measured
 * by its name: also after an eviction, a move, or when it is deleted and made anew. `stop()`, or the end of a `using`, ends it.
 * @throws OptionError for bad options.
 */
export function measureLatency(
  source: CircuitBreaker | CircuitBreakerRegistry,
  options: LatencyOptions = {},
): Latency {
  return new Latency(source, options);
}

/**
 * Of whole µs; grows with the longest. Counts of 64 bits, since 32 bits end at 4,295 reports of the largest weight. Its
 * JavaScript, not its WebAssembly, which would have to be awaited.
 */
function makeHistogram(significantDigits: number): Histogram {
  return build({
    bitBucketSize: 64,
    autoResize: true,
    numberOfSignificantValueDigits: significantDigits as 1 | 2 | 3 | 4 | 5, // checked
    useWebAssembly: false,
  });
}

function percentileOf(histogram: Histogram, percent: number): number {
  return histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(percent) / US_PER_MS;
}
