/** Ten minutes of one breaker: a value a second, in rings of fixed size. */
import { type Columns, HISTORY_SECONDS, MINUTE, NONE, type Point } from "./protocol.ts";

/** The state of a second in which no sample was taken. */
const UNSAMPLED = 255;
/** The rate of a second without calls in the window. */
const NO_RATE = 65_535;

/** Seconds without a point that do not show as a gap. */
const LONGEST_PAUSE = 4;
/** Seconds over which rates in the table are smoothed: those of a few calls a second jump. */
const SMOOTHING = 5;

/** Calls a second, by their end. */
export interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  readonly refused: number;
}

interface Latencies {
  readonly p50: Float32Array;
  readonly p99: Float32Array;
}

/** About 10 kB; 15 kB where latency is measured. */
export class History {
  readonly #state = new Uint8Array(HISTORY_SECONDS).fill(UNSAMPLED);
  readonly #share = new Uint16Array(HISTORY_SECONDS);
  readonly #rate = new Uint16Array(HISTORY_SECONDS);
  readonly #succeeded = new Float32Array(HISTORY_SECONDS);
  readonly #failed = new Float32Array(HISTORY_SECONDS);
  readonly #refused = new Float32Array(HISTORY_SECONDS);
  #latencies: Latencies | undefined;
  #lastSecond = 0;

  /** The latest point; undefined before the first. */
  get latest(): Point | undefined {
    return this.#lastSecond === 0 ? undefined : this.#at(this.#lastSecond);
  }

  /** A point of an earlier second than the latest is ignored, one of the same second replaces it. */
  add(point: Point): void {
    const { second } = point;
    if (second < this.#lastSecond) return;
    const skipped = Math.min(second - this.#lastSecond, HISTORY_SECONDS) - 1;
    for (let back = skipped; back > 0; back--) {
      // Timers are late: rates are those of the whole time since the point before.
      if (skipped <= LONGEST_PAUSE) this.#put((second - back) % HISTORY_SECONDS, point);
      else this.#state[(second - back) % HISTORY_SECONDS] = UNSAMPLED;
    }
    this.#lastSecond = second;
    this.#put(second % HISTORY_SECONDS, point);
  }

  #put(place: number, point: Point): void {
    this.#state[place] = point.state;
    this.#share[place] = point.share;
    this.#rate[place] = point.rate === NONE ? NO_RATE : point.rate;
    this.#succeeded[place] = point.succeeded;
    this.#failed[place] = point.failed;
    this.#refused[place] = point.refused;
    if (point.p50 !== NONE) this.#latencies ??= noLatencies();
    if (!this.#latencies) return;
    this.#latencies.p50[place] = point.p50;
    this.#latencies.p99[place] = point.p99;
  }

  /** The ten minutes up to the latest point, without what lies before the first. */
  columns(): Columns {
    const points: Point[] = [];
    for (let second = this.#lastSecond - HISTORY_SECONDS + 1; second <= this.#lastSecond; second++) {
      const point = this.#at(second);
      if (points.length > 0 || point.state !== NONE) points.push(point);
    }
    const column = (name: keyof Point) => points.map((point) => point[name]);
    return {
      lastSecond: this.#lastSecond,
      state: column("state"),
      share: column("share"),
      rate: column("rate"),
      succeeded: column("succeeded"),
      failed: column("failed"),
      refused: column("refused"),
      p50: this.#latencies ? column("p50") : [],
      p99: this.#latencies ? column("p99") : [],
    };
  }

  /** Mean rates of the latest seconds. */
  mean(second = this.#lastSecond): Counts {
    let count = 0;
    const sums = { succeeded: 0, failed: 0, refused: 0 };
    for (let at = second - SMOOTHING + 1; at <= second; at++) {
      const { succeeded, failed, refused } = this.#kept(at);
      if (succeeded === NONE) continue;
      count++;
      sums.succeeded += succeeded;
      sums.failed += failed;
      sums.refused += refused;
    }
    const mean = (sum: number) => (count === 0 ? NONE : rounded(sum / count));
    return { succeeded: mean(sums.succeeded), failed: mean(sums.failed), refused: mean(sums.refused) };
  }

  /** Successes, failures and refusals of the minute up to that second, three numbers a second; 0 where nothing was sampled. */
  minute(lastSecond: number): number[] {
    const values: number[] = [];
    for (let second = lastSecond - MINUTE + 1; second <= lastSecond; second++) {
      const { succeeded, failed, refused } = this.mean(second);
      values.push(Math.max(0, succeeded), Math.max(0, failed), Math.max(0, refused));
    }
    return values;
  }

  /** A point, also of a second that is no longer or not yet there. */
  #kept(second: number): Point {
    const isKept = second <= this.#lastSecond && second > this.#lastSecond - HISTORY_SECONDS;
    return isKept ? this.#at(second) : unsampled(second);
  }

  #at(second: number): Point {
    const place = (second + HISTORY_SECONDS) % HISTORY_SECONDS;
    const state = this.#state[place]!;
    if (state === UNSAMPLED) return unsampled(second);
    const rate = this.#rate[place]!;
    return {
      second,
      state,
      share: this.#share[place]!,
      rate: rate === NO_RATE ? NONE : rate,
      succeeded: rounded(this.#succeeded[place]!),
      failed: rounded(this.#failed[place]!),
      refused: rounded(this.#refused[place]!),
      p50: rounded(this.#latencies?.p50[place] ?? NONE),
      p99: rounded(this.#latencies?.p99[place] ?? NONE),
    };
  }
}

function unsampled(second: number): Point {
  return {
    second,
    state: NONE,
    share: NONE,
    rate: NONE,
    succeeded: NONE,
    failed: NONE,
    refused: NONE,
    p50: NONE,
    p99: NONE,
  };
}

function noLatencies(): Latencies {
  return {
    p50: new Float32Array(HISTORY_SECONDS).fill(NONE),
    p99: new Float32Array(HISTORY_SECONDS).fill(NONE),
  };
}

/** Three significant digits, so that messages are short; above 1,000 whole numbers. */
export function rounded(value: number): number {
  if (value >= 1_000) return Math.round(value);
  return Number(value.toPrecision(3));
}
