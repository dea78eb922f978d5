/** Random options, and how the library spells them. */

import type {
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
import type { Choices } from "./dice.ts";

/** How many numbers the options of one breaker are made of, at most. */
export const OPTION_NUMBERS = 24;

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
const DELAYS: readonly [readonly number[], ...(readonly number[])[]] = [
  [100],
  [100, 200, 400],
  exponentialDelays(1_000, 2, 60_000),
  exponentialDelays(1.7, 3, 1_000),
  [50, 10, 1_000_000],
];
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
    delaysMs: choices.pick(DELAYS),
    jitter: choices.pick(JITTERS),
    decayMs: choices.pick([0, 10_000, 1_000, 50]),
    probes: choices.pick([1, 1, 2, 3, 64]),
    successesToClose: choices.pick([1, 1, 2, 3]),
    probeTimeoutMs: choices.pick([30_000, 50, 1, 7.3]),
    mode: choices.pick(MODES),
  };
}

function timeWindowFrom(choices: Choices): TimeWindowRule {
  const windowMs = choices.pick([1_000, 10_000, 100, 7.5]);
  const buckets = Math.min(choices.pick([10, 1, 2, 3, 7, 64]), Math.floor(windowMs));
  return { ...rateRuleFrom(choices, NONE), windowMs, buckets };
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
  const { delaysMs, jitter, decayMs, mode, probes, successesToClose, probeTimeoutMs } = options;
  return {
    detector: detectorsOf(options),
    backoff: { kind: "steps", delaysMs, jitter },
    decayMs,
    halfOpen: { probes, successesToClose, probeTimeoutMs },
    mode,
  };
}

function detectorsOf({ timeWindow, countWindow, consecutiveFailures }: ModelOptions): DetectorOptions[] {
  const detectors: DetectorOptions[] = [];
  if (timeWindow) {
    const { windowMs, buckets } = timeWindow;
    detectors.push({ kind: "success_rate_over_time_window", ...ratesOf(timeWindow), windowMs, buckets });
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
