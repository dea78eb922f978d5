/** Detector options: what the user may write, and what it means in full. */
import { MAXIMUM_BUCKETS, MAXIMUM_COUNT_CALLS } from "../../../assembly/layout.ts";
import { nameOption, numberOption, objectOption, outOfRange, type Range, wrongType } from "./check.ts";

/** The two rates that either window judges. */
export interface RateOptions {
  /** Opens when the share of successful calls is strictly below. 0..1, default 0.8. */
  readonly requiredSuccessRate?: number;
  /** Calls in the window below which there is no verdict. 1..1,000,000, default 20 (at most the calls of a count window). */
  readonly minimumCalls?: number;
  /** A call that took strictly longer is slow, whether it failed or not. 1..86,400,000 ms, default: none is. */
  readonly slowCallMs?: number;
  /** Opens when the share of slow calls is strictly above. 0..1, default 0.5. Needs `slowCallMs`. */
  readonly maximumSlowRate?: number;
}

/** The share of successful calls in the last `windowMs`. */
export interface TimeWindowOptions extends RateOptions {
  /** Says which detector this is. */
  readonly kind: "success_rate_over_time_window";
  /** Length of the window. 1..86,400,000 ms, default 10,000. */
  readonly windowMs?: number;
  /** Slices of the window; it moves on by a slice at a time. 1..64, each at least 1 ms long, default 10. */
  readonly buckets?: number;
  /**
   * A call that is out for longer counts as a failure until it reports, and then as what it was. Told by the bucket in
   * which it was admitted, so up to a bucket's length late and never early. 1 ms to two buckets less than `windowMs`,
   * default: none does.
   */
  readonly hungAfterMs?: number;
}

/** The share of successful calls among exactly the last `calls`. */
export interface CountWindowOptions extends RateOptions {
  /** Says which detector this is. */
  readonly kind: "success_rate_over_count_window";
  /** Calls in the window. 1..10,000, default 100. */
  readonly calls?: number;
}

/** That many failures with no success between them. */
export interface ConsecutiveFailuresOptions {
  /** Says which detector this is. */
  readonly kind: "consecutive_failures";
  /** 1..1,000,000, default 5. */
  readonly failures?: number;
}

/** The rule by which a breaker decides that its endpoint fails. */
export type DetectorOptions = TimeWindowOptions | CountWindowOptions | ConsecutiveFailuresOptions;
/** A detector by its name, with the defaults of its options. */
export type DetectorName = DetectorOptions["kind"];

/** A detector with every value filled in. */
export type Detector =
  | (Required<Omit<TimeWindowOptions, "slowCallMs" | "hungAfterMs">> & {
      /** ms; a call that takes longer is slow. undefined: none is. */
      readonly slowCallMs: number | undefined;
      /** ms; a call that is out for longer counts as a failure. undefined: none does. */
      readonly hungAfterMs: number | undefined;
    })
  | (Required<Omit<CountWindowOptions, "slowCallMs">> & {
      /** ms; a call that takes longer is slow. undefined: none is. */
      readonly slowCallMs: number | undefined;
    })
  | Required<ConsecutiveFailuresOptions>;

const NAMES: readonly DetectorName[] = [
  "success_rate_over_time_window",
  "success_rate_over_count_window",
  "consecutive_failures",
];
const RATE_KEYS = ["kind", "requiredSuccessRate", "minimumCalls", "slowCallMs", "maximumSlowRate"];
/** Where none is given. */
export const MAXIMUM_SLOW_RATE = 0.5;
const SHARE: Range = { from: 0, to: 1 };
const CALLS: Range = { from: 1, to: 1_000_000, whole: true };
const ONE_DAY: Range = { from: 1, to: 86_400_000 };

/** One detector, or several of different kinds of which any one trips, in the order in which the core asks them. */
export function resolveDetectors(value: unknown): readonly Detector[] {
  if (!Array.isArray(value)) return Object.freeze([resolveDetector("detector", value)]);
  if (value.length === 0) throw outOfRange("detector", "a detector, or an array of at least one", value);
  const detectors = value.map((entry, index) => resolveDetector(`detector[${index}]`, entry));
  detectors.forEach((detector, index) => {
    if (detectors.findIndex((other) => other.kind === detector.kind) !== index) {
      throw outOfRange(`detector[${index}]`, "of another kind than those before it", detector.kind);
    }
  });
  return Object.freeze(detectors.sort((one, other) => NAMES.indexOf(one.kind) - NAMES.indexOf(other.kind)));
}

function resolveDetector(option: string, value: unknown): Detector {
  if (typeof value === "string") return resolveDetector(option, { kind: nameOption(option, value, NAMES) });
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongType(option, "the name of a detector or an object", value);
  }
  const kind = nameOption(`${option}.kind`, "kind" in value ? value.kind : undefined, NAMES);
  if (kind === "consecutive_failures") return resolveConsecutive(option, value);
  return kind === "success_rate_over_time_window" ? resolveTime(option, value) : resolveCount(option, value);
}

function resolveConsecutive(option: string, value: object): Detector {
  const fields = objectOption(option, value, ["kind", "failures"]);
  const failures = numberOption(`${option}.failures`, fields.failures, CALLS, 5);
  return Object.freeze({ kind: "consecutive_failures", failures });
}

function resolveTime(option: string, value: object): Detector {
  const fields = objectOption(option, value, [...RATE_KEYS, "windowMs", "buckets", "hungAfterMs"]);
  const windowMs = numberOption(`${option}.windowMs`, fields.windowMs, ONE_DAY, 10_000);
  const most = Math.min(MAXIMUM_BUCKETS, Math.floor(windowMs));
  const buckets = numberOption(
    `${option}.buckets`,
    fields.buckets,
    { from: 1, to: most, whole: true },
    Math.min(10, most),
  );
  return Object.freeze({
    kind: "success_rate_over_time_window",
    ...resolveRates(option, fields, 20, CALLS),
    windowMs,
    buckets,
    hungAfterMs: resolveHung(`${option}.hungAfterMs`, fields.hungAfterMs, windowMs, buckets),
  });
}

/** Calls that hang must be in the window for at least the length of a bucket, or nobody need ever see them. */
function resolveHung(option: string, value: unknown, windowMs: number, buckets: number): number | undefined {
  if (value === undefined) return undefined;
  const longest = windowMs - 2 * (windowMs / buckets);
  if (longest < 1) {
    throw outOfRange(
      option,
      "left out where there is less than 1 ms of the window besides two buckets",
      value,
    );
  }
  return numberOption(option, value, { from: 1, to: longest });
}

function resolveCount(option: string, value: object): Detector {
  const fields = objectOption(option, value, [...RATE_KEYS, "calls"]);
  const range = { from: 1, to: MAXIMUM_COUNT_CALLS, whole: true };
  const calls = numberOption(`${option}.calls`, fields.calls, range, 100);
  const rates = resolveRates(option, fields, Math.min(20, calls), { ...range, to: calls });
  return Object.freeze({ kind: "success_rate_over_count_window", ...rates, calls });
}

function resolveRates(
  option: string,
  fields: Readonly<Record<string, unknown>>,
  minimumCalls: number,
  minimumRange: Range,
) {
  const { slowCallMs, maximumSlowRate } = fields;
  if (slowCallMs === undefined && maximumSlowRate !== undefined) {
    throw outOfRange(`${option}.maximumSlowRate`, "left out where there is no slowCallMs", maximumSlowRate);
  }
  return {
    requiredSuccessRate: numberOption(
      `${option}.requiredSuccessRate`,
      fields.requiredSuccessRate,
      SHARE,
      0.8,
    ),
    minimumCalls: numberOption(`${option}.minimumCalls`, fields.minimumCalls, minimumRange, minimumCalls),
    slowCallMs:
      slowCallMs === undefined ? undefined : numberOption(`${option}.slowCallMs`, slowCallMs, ONE_DAY),
    maximumSlowRate: numberOption(`${option}.maximumSlowRate`, maximumSlowRate, SHARE, MAXIMUM_SLOW_RATE),
  };
}

/** ms; a call that takes longer is slow for some detector. Infinity: for none. */
export function slowCallMsOf(detectors: readonly Detector[]): number {
  const limits = detectors.map(
    (detector) => ("slowCallMs" in detector && detector.slowCallMs) || Number.POSITIVE_INFINITY,
  );
  return Math.min(...limits);
}

/** Whether calls that are out too long count as failures. */
export function canHang(detectors: readonly Detector[]): boolean {
  return detectors.some((detector) => "hungAfterMs" in detector && detector.hungAfterMs !== undefined);
}
