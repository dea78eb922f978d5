/** Random options, and how the library spells them. */

import type {
  BackoffOptions,
  CircuitBreakerOptions,
  ConsecutiveFailuresOptions,
  CountWindowOptions,
  TimeWindowOptions,
} from "../../src/entry/main.ts";
import { exponentialDelays } from "../model/backoff.ts";
import type {
  CountWindowRule,
  JitterKind,
  ModelMode,
  ModelOptions,
  RateRule,
  TimeWindowRule,
} from "../model/options.ts";
import type { Choices } from "./generator.ts";

/** How many numbers the options of one breaker are made of, at most. */
export const OPTION_NUMBERS = 29;

type DetectorOptions = TimeWindowOptions | CountWindowOptions | ConsecutiveFailuresOptions;

const NONE = Number.POSITIVE_INFINITY;
const DETECTORS: readonly [readonly string[], ...(readonly string[])[]] = [
  ["consecutive"],
  ["time"],
  ["count"],
  ["time", "consecutive"],
  ["time", "count"],
  ["count", "consecutive"],
  ["time", "count", "consecutive"],
];
const RATES = [0.5, 0.8, 0.9, 1, 1 / 3, 0.999, 0] as const;
const SLOW_CALLS = [NONE, NONE, 10, 1, 5_000] as const;
const SLOW_RATES = [1, 0.5, 0.25, 0] as const;

/** A table of delays, and a way to say it to the library. */
interface BackoffCase {
  readonly kind: string;
  readonly delaysMs: readonly number[];
  spell(jitter: JitterKind): BackoffOptions;
}

const BACKOFFS: readonly [BackoffCase, ...BackoffCase[]] = [
  { kind: "constant", delaysMs: [100], spell: (jitter) => ({ kind: "constant", delayMs: 100, jitter }) },
  stepsCase([100, 200, 400]),
  exponentialCase(1_000, 2, 60_000),
  exponentialCase(1.7, 3, 1_000),
  stepsCase([50, 10, 1_000_000]),
  {
    kind: "function",
    delaysMs: Array.from({ length: 64 }, (_, level) => linear(level)),
    spell: (jitter) => (jitter === "none" ? linear : { kind: "steps", delaysMs: linear, jitter }),
  },
  {
    kind: "iterable",
    delaysMs: [7, 700, 70],
    spell: (jitter) =>
      jitter === "none" ? new Set([7, 700, 70]) : { kind: "steps", delaysMs: new Set([7, 700, 70]), jitter },
  },
];

function linear(level: number): number {
  return 40 + 15.5 * level;
}

function stepsCase(delaysMs: readonly number[]): BackoffCase {
  return { kind: "steps", delaysMs, spell: (jitter) => ({ kind: "steps", delaysMs, jitter }) };
}

function exponentialCase(initialMs: number, factor: number, maximumMs: number): BackoffCase {
  return {
    kind: "exponential",
    delaysMs: exponentialDelays(initialMs, factor, maximumMs),
    spell: (jitter) => ({ kind: "exponential", initialMs, factor, maximumMs, jitter }),
  };
}

/** The case that those options were made from. */
export function backoffOf(options: ModelOptions): BackoffCase {
  return BACKOFFS.find(({ delaysMs }) => delaysMs === options.delaysMs) ?? stepsCase(options.delaysMs);
}

const JITTERS: readonly [JitterKind, ...JitterKind[]] = ["none", "equal", "full", "decorrelated"];
const MODES: readonly [ModelMode, ...ModelMode[]] = [
  "enabled",
  "enabled",
  "enabled",
  "enabled",
  "shadow",
  "disabled",
  "forced_open",
];

/** Any combination of detectors, jitters, leases and modes. */
export function optionsFrom(choices: Choices): ModelOptions {
  const detectors = choices.pick(DETECTORS);
  return {
    ...(detectors.includes("time") && { timeWindow: timeWindowFrom(choices) }),
    ...(detectors.includes("count") && { countWindow: countWindowFrom(choices) }),
    ...(detectors.includes("consecutive") && { consecutiveFailures: choices.pick([2, 1, 3, 5]) }),
    delaysMs: choices.pick(BACKOFFS).delaysMs,
    jitter: choices.pick(JITTERS),
    decayMs: choices.pick([0, 10_000, 1_000, 50]),
    probes: choices.pick([1, 1, 2, 3, 64]),
    successesToClose: choices.pick([1, 1, 2, 3]),
    probeTimeoutMs: choices.pick([30_000, 50, 1, 7.3]),
    mode: choices.pick(MODES),
    ...rampFrom(choices),
    toleratedFailures: choices.pick([0, 0, 1, 2]),
    ...(detectors.includes("time") && limitsFrom(choices)),
  };
}

function rampFrom(choices: Choices): Pick<ModelOptions, "ramp"> {
  const shares = choices.pick([undefined, undefined, [0.1, 0.25, 0.5], [0.5], [1 / 3, 0.9], [0.01]]);
  const stepMs = choices.pick([50, 7.3, 1_000]);
  return shares === undefined ? {} : { ramp: { shares, stepMs } };
}

/** A throttle, a maximum of calls that are out, both, or neither. */
function limitsFrom(choices: Choices): Pick<ModelOptions, "overload" | "maximumPending"> {
  const successRate = choices.pick([undefined, 0.8, 0.5, 1, 1 / 3]);
  const maximumRefused = choices.pick([0.97, 0.5, 0.999]);
  const maximumPending = choices.pick([undefined, undefined, undefined, 1, 3, 20]);
  return {
    ...(successRate !== undefined && { overload: { successRate, maximumRefused } }),
    ...(maximumPending !== undefined && { maximumPending }),
  };
}

function timeWindowFrom(choices: Choices): TimeWindowRule {
  const windowMs = choices.pick([1_000, 10_000, 100, 7.5]);
  const buckets = Math.min(choices.pick([10, 1, 2, 3, 7, 64]), Math.floor(windowMs));
  return { ...rateRuleFrom(choices, NONE), windowMs, buckets, ...hungFrom(choices, windowMs, buckets) };
}

/** Calls that hang: after a part of a bucket, some buckets, the longest time that there is; or never. */
function hungFrom(choices: Choices, windowMs: number, buckets: number): Pick<TimeWindowRule, "hungAfterMs"> {
  const widthMs = windowMs / buckets;
  const longestMs = windowMs - 2 * widthMs;
  const wantedMs = choices.pick([undefined, undefined, widthMs, 1, 1.5 * widthMs, longestMs]);
  if (wantedMs === undefined || longestMs < 1) return {};
  return { hungAfterMs: Math.min(Math.max(wantedMs, 1), longestMs) };
}

function countWindowFrom(choices: Choices): CountWindowRule {
  const calls = choices.pick([5, 10, 100, 1, 3, 16, 17, 1_000]);
  return { ...rateRuleFrom(choices, calls), calls };
}

function rateRuleFrom(choices: Choices, mostCalls: number): RateRule {
  return {
    requiredSuccessRate: choices.pick(RATES),
    minimumCalls: Math.min(choices.pick([1, 2, 3, 5, 20]), mostCalls),
    slowCallMs: choices.pick(SLOW_CALLS),
    maximumSlowRate: choices.pick(SLOW_RATES),
  };
}

/** The same in the library's words. */
export function inLibraryWords(options: ModelOptions): CircuitBreakerOptions {
  const { jitter, decayMs, mode, probes, successesToClose, probeTimeoutMs, ramp } = options;
  const { toleratedFailures = 0, overload, maximumPending } = options;
  return {
    detector: detectorsOf(options),
    backoff: backoffOf(options).spell(jitter),
    decayMs,
    halfOpen: { probes, successesToClose, toleratedFailures, probeTimeoutMs, ...(ramp && { ramp }) },
    ...(overload && { overload }),
    ...(maximumPending !== undefined && { maximumPending }),
    mode,
  };
}

function detectorsOf({ timeWindow, countWindow, consecutiveFailures }: ModelOptions): DetectorOptions[] {
  const detectors: DetectorOptions[] = [];
  if (timeWindow) {
    const { windowMs, buckets, hungAfterMs } = timeWindow;
    const rule = { ...ratesOf(timeWindow), windowMs, buckets };
    const hung = hungAfterMs === undefined ? {} : { hungAfterMs };
    detectors.push({ kind: "success_rate_over_time_window", ...rule, ...hung });
  }
  if (countWindow) {
    const { calls } = countWindow;
    detectors.push({ kind: "success_rate_over_count_window", ...ratesOf(countWindow), calls });
  }
  if (consecutiveFailures !== undefined) {
    detectors.push({ kind: "consecutive_failures", failures: consecutiveFailures });
  }
  return detectors;
}

/** The library says that no call is slow by leaving both limits out. */
function ratesOf({ requiredSuccessRate, minimumCalls, slowCallMs, maximumSlowRate }: RateRule) {
  const rates = { requiredSuccessRate, minimumCalls };
  return slowCallMs === NONE ? rates : { ...rates, slowCallMs, maximumSlowRate };
}
