/** States of breakers as plain JSON data: the format, and how they are written. */
import { MAXIMUM_CALLS } from "../../assembly/layout.ts";
import { type CircuitBreakerOptions, MODES, type Mode, type ResolvedOptions } from "../breaker/options.ts";
import type { BreakerState, WindowState } from "../core/state.ts";
import type { TotalCounts } from "../core/totals.ts";

/** Raised by one with every change of the format; earlier ones stay readable. */
export const EXPORT_VERSION = 1;
/** What `format` of exported data is. */
export const EXPORT_FORMAT = "bluesmoke";

/** States by STATE_ code. "ramp": half-open, while a growing share of calls passes. */
export const STATE_NAMES = ["closed", "open", "half_open", "ramp"] as const;

/** ms; "Infinity" stands for a time that never comes, which JSON has no number for. */
export type ExportedTime = number | "Infinity";

/** Breakers at one time: plain JSON data, see docs/export-format.md. */
export interface ExportedState {
  /** Says what this is. */
  readonly format: typeof EXPORT_FORMAT;
  /** Version of the format. */
  readonly version: typeof EXPORT_VERSION;
  /** How many breakers follow. */
  readonly count: number;
  /** Different options, each once, without functions. */
  readonly options: readonly CircuitBreakerOptions[];
  /** No two have one name. */
  readonly breakers: readonly ExportedBreaker[];
}

/** One breaker. Times are ms on the clock of the exporting process; what is left out is 0 or empty. */
export interface ExportedBreaker {
  /** The endpoint. */
  readonly name: string;
  /** Index in the options of the data. */
  readonly options: number;
  /** The time for which all of this holds. */
  readonly atMs: number;
  /** "ramp": half-open, while a growing share of calls passes. */
  readonly state: (typeof STATE_NAMES)[number];
  /** What the breaker was told to do. */
  readonly mode: Mode;
  /** Open: until when; "Infinity": forced open. Otherwise: since when. */
  readonly deadlineMs: ExportedTime;
  /** How many times in a row it opened, not lowered by the healthy time since `deadlineMs`. */
  readonly level?: number;
  /** ms: the latest delay, from which decorrelated jitter goes on. */
  readonly delayMs?: ExportedTime;
  /** What it has counted over its life. */
  readonly totals?: ExportedTotals;
  /** Failures since the last success. */
  readonly consecutiveFailures?: number;
  /** Half-open: successful probes. On a ramp: calls that asked, modulo 1,024. */
  readonly probeSuccesses?: number;
  /** The time window of a closed breaker, or of one on a ramp. */
  readonly window?: ExportedWindow;
  /** Of `refused`, those that a throttle refused. */
  readonly throttled?: number;
  /** Of `refused`, those refused for the pending calls. */
  readonly busy?: number;
  /** A throttle that works. */
  readonly throttle?: ExportedThrottle;
  /** The count window, oldest call first, a digit each: 0 success, 1 failure, 2 slow success, 3 slow failure. */
  readonly outcomes?: string;
}

/** Totals; what is left out is 0. `refusedOpen`: while open, half-open or on a ramp. */
export type ExportedTotals = Partial<TotalCounts>;

/** A throttle of a closed breaker that refuses calls. */
export interface ExportedThrottle {
  /** Part of the calls that passes, in 1/65,536. */
  readonly share: number;
  /** How often it was doubled since the latest failure, 0..15. */
  readonly doublings: number;
  /** Successes since the latest doubling or failure, 0..65,535. */
  readonly successes: number;
  /** How many buckets ago that was, modulo 32. */
  readonly age: number;
  /** Part of a call that is due, in 1/2^32. */
  readonly due: number;
  /** Calls that it refused in each bucket of the window, newest first. */
  readonly refused: readonly number[];
}

/** A time window. */
export interface ExportedWindow {
  /** ms: where the newest bucket ends. */
  readonly endMs: number;
  /** Calls, failures and slow calls of each bucket, newest first; older ones that are left out are empty. */
  readonly buckets: readonly (readonly [calls: number, failures: number, slow: number])[];
}

/** One stripe holds no more calls; several may, and are then scaled down together. */
export const MOST_CALLS = 2_131_706_432; // MAXIMUM_CALLS + MAXIMUM_WEIGHT
export const TOTALS_KEYS = [
  "succeeded",
  "failed",
  "slow",
  "refusedOpen",
  "refusedForcedOpen",
  "refusedThrottled",
  "refusedBusy",
  "late",
  "opened",
] as const;

/** Collects breakers and the options that they share. */
export class StateWriter {
  readonly #options: CircuitBreakerOptions[] = [];
  readonly #breakers: ExportedBreaker[] = [];
  readonly #byText = new Map<string, number>();
  readonly #byObject = new Map<ResolvedOptions, number>();

  add(name: string, options: ResolvedOptions, state: BreakerState): void {
    this.#breakers.push(writeBreaker(name, this.#indexOf(options), state));
  }

  get data(): ExportedState {
    const breakers = this.#breakers;
    return {
      format: EXPORT_FORMAT,
      version: EXPORT_VERSION,
      count: breakers.length,
      options: this.#options,
      breakers,
    };
  }

  #indexOf(options: ResolvedOptions): number {
    let index = this.#byObject.get(options);
    if (index === undefined) {
      const text = JSON.stringify(options); // leaves out functions
      index = this.#byText.get(text) ?? this.#options.push(JSON.parse(text)) - 1;
      this.#byText.set(text, index);
      this.#byObject.set(options, index);
    }
    return index;
  }
}

function writeBreaker(name: string, options: number, state: BreakerState): ExportedBreaker {
  const { level, delayMs, totals, consecutiveFailures, probeSuccesses, window, outcomes } = state;
  const data: { -readonly [Key in keyof ExportedBreaker]: ExportedBreaker[Key] } = {
    name,
    options,
    atMs: state.nowMs,
    state: STATE_NAMES[state.state]!,
    mode: MODES[state.mode]!,
    deadlineMs: writeTime(state.deadlineMs),
  };
  if (level) data.level = level;
  if (delayMs) data.delayMs = writeTime(delayMs);
  const counted = TOTALS_KEYS.filter((key) => totals[key] > 0);
  if (counted.length > 0) data.totals = Object.fromEntries(counted.map((key) => [key, totals[key]]));
  if (consecutiveFailures) data.consecutiveFailures = consecutiveFailures;
  if (probeSuccesses) data.probeSuccesses = probeSuccesses;
  if (window) data.window = writeWindow(window);
  if (outcomes.length > 0) data.outcomes = outcomes.join("");
  if (state.throttle) data.throttle = { ...state.throttle };
  return data;
}

/** JSON makes null of Infinity and 0 of -0. */
function writeTime(ms: number): ExportedTime {
  return ms === Number.POSITIVE_INFINITY ? "Infinity" : ms + 0;
}

function writeWindow({ endMs, buckets }: WindowState): ExportedWindow {
  const total = buckets.reduce((sum, { calls }) => sum + calls, 0);
  const scale = total > MOST_CALLS ? MAXIMUM_CALLS / total : 1;
  const count = buckets.findLastIndex(({ calls }) => calls > 0) + 1;
  return {
    endMs,
    buckets: buckets
      .slice(0, count)
      .map(({ calls, failures, slow }) => [
        Math.floor(calls * scale),
        Math.floor(failures * scale),
        Math.floor(slow * scale),
      ]),
  };
}
