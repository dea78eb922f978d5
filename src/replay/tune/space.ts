/** The options that a search may choose: a list of values for each, and a candidate is an index into each list. */
import type { CircuitBreakerOptions, DetectorOptions } from "../../breaker/options.ts";

/** Indices by dimension. */
export type Candidate = readonly number[];

/** Values of one dimension. */
interface Dimension {
  readonly name: string;
  readonly values: readonly number[];
}

/** 0 in `slow`, `consecutive`, `throttle`: without. */
const DIMENSIONS: readonly Dimension[] = [
  { name: "windowMs", values: [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000] },
  { name: "minimumCalls", values: [3, 5, 10, 20, 50, 100, 200, 500] },
  { name: "requiredSuccessRate", values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95] },
  { name: "slow", values: [0, 0, 0, 1, 2, 3] },
  { name: "maximumSlowRate", values: [0.2, 0.3, 0.5, 0.7, 0.9] },
  { name: "consecutive", values: [0, 0, 3, 5, 10, 20, 50] },
  { name: "initialMs", values: [100, 250, 500, 1_000, 2_000, 5_000, 10_000] },
  { name: "maximumFactor", values: [1, 2, 5, 10, 30] },
  { name: "successesToClose", values: [1, 1, 2, 3] },
  { name: "throttle", values: [0, 0, 0.8, 0.9] },
];

/** ms: no back-off grows above. */
const LONGEST_DELAY_MS = 60_000;

/** A number from 0 to below `below`, the next of a sequence. */
export type Chance = (below: number) => number;

/** Numbers that are the same for the same seed (Marsaglia, "Xorshift RNGs", 2003). */
export function chanceOf(seed: number): Chance {
  let state = (seed ^ 0x9e3779b9) | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function randomCandidate(chance: Chance): Candidate {
  return DIMENSIONS.map(({ values }) => chance(values.length));
}

/** Another candidate: one or two dimensions are a step away, or sometimes anywhere. */
export function neighbourOf(candidate: Candidate, chance: Chance): Candidate {
  const next = [...candidate];
  for (let changes = 1 + chance(2); changes > 0; changes--) {
    const dimension = chance(next.length);
    const { values } = DIMENSIONS[dimension]!;
    const step = chance(2) === 0 ? 1 : -1;
    const moved = chance(5) === 0 ? chance(values.length) : next[dimension]! + step;
    next[dimension] = Math.min(Math.max(moved, 0), values.length - 1);
  }
  return next;
}

/** @param slowMs thresholds for slow calls, one to three */
export function optionsOfCandidate(candidate: Candidate, slowMs: readonly number[]): CircuitBreakerOptions {
  const value = (name: string) => {
    const index = DIMENSIONS.findIndex((one) => one.name === name);
    return DIMENSIONS[index]!.values[candidate[index]!]!;
  };
  const slowCallMs = slowMs[value("slow") - 1];
  const initialMs = value("initialMs");
  const throttle = value("throttle");
  const failures = value("consecutive");
  const successesToClose = value("successesToClose");
  const window: DetectorOptions = {
    kind: "success_rate_over_time_window",
    windowMs: value("windowMs"),
    minimumCalls: value("minimumCalls"),
    // A throttle takes what is less than a full outage: above its rate the breaker would open before it works.
    requiredSuccessRate:
      throttle > 0 ? Math.min(value("requiredSuccessRate"), 0.5) : value("requiredSuccessRate"),
    ...(slowCallMs !== undefined && { slowCallMs, maximumSlowRate: value("maximumSlowRate") }),
  };
  return {
    detector: failures > 0 ? [window, { kind: "consecutive_failures", failures }] : window,
    backoff: {
      kind: "exponential",
      initialMs,
      maximumMs: Math.min(initialMs * value("maximumFactor"), LONGEST_DELAY_MS),
    },
    ...(successesToClose > 1 && { halfOpen: { successesToClose } }),
    ...(throttle > 0 && { overload: { kind: "throttle", successRate: throttle } }),
  };
}
