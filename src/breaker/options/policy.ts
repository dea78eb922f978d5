/** From options to the numbers of the core. */
import {
  JITTER_DECORRELATED,
  JITTER_EQUAL,
  JITTER_FULL,
  JITTER_NONE,
  MODE_DISABLED,
  MODE_ENABLED,
  MODE_FORCED_OPEN,
  MODE_SHADOW,
} from "../../../assembly/layout.ts";
import type { Policy, RateRule } from "../../core/policy.ts";
import { type Detector, MAXIMUM_SLOW_RATE } from "./detector.ts";
import type { ResolvedOptions } from "./options.ts";
import { frozen } from "./ramp.ts";

const JITTERS = {
  none: JITTER_NONE,
  equal: JITTER_EQUAL,
  full: JITTER_FULL,
  decorrelated: JITTER_DECORRELATED,
} as const;

export const MODE_CODES = {
  enabled: MODE_ENABLED,
  disabled: MODE_DISABLED,
  forced_open: MODE_FORCED_OPEN,
  shadow: MODE_SHADOW,
} as const;

/** The same numbers for the same options: fit to be shared by all breakers of those options. */
export function policyOf(options: ResolvedOptions): Policy {
  const policy: Policy = {
    delaysMs: options.backoff.delaysMs,
    jitter: JITTERS[options.backoff.jitter],
    startMode: MODE_CODES[options.mode],
    decayMs: options.decayMs,
    ...options.halfOpen,
  };
  return options.detectors.reduce(withDetector, policy);
}

function withDetector(policy: Policy, detector: Detector): Policy {
  switch (detector.kind) {
    case "success_rate_over_time_window": {
      const bucketMs = detector.windowMs / detector.buckets;
      const { buckets, hungAfterMs = 0 } = detector;
      return { ...policy, timeWindow: { ...ratesOf(detector), bucketMs, buckets, hungAfterMs } };
    }
    case "success_rate_over_count_window":
      return { ...policy, countWindow: { ...ratesOf(detector), calls: detector.calls } };
    case "consecutive_failures":
      return { ...policy, consecutiveFailures: detector.failures };
  }
}

/** The inverse of `policyOf`: options of a breaker that another thread made. */
export function optionsOf(policy: Policy): ResolvedOptions {
  const { timeWindow, countWindow, consecutiveFailures: failures } = policy;
  const detectors: Detector[] = [];
  if (timeWindow !== undefined) {
    const { bucketMs, buckets, hungAfterMs, ...rule } = timeWindow;
    detectors.push({
      kind: "success_rate_over_time_window",
      ...detectorRates(rule),
      windowMs: windowOf(bucketMs, buckets),
      buckets,
      hungAfterMs: hungAfterMs || undefined,
    });
  }
  if (countWindow !== undefined) {
    const { calls, ...rule } = countWindow;
    detectors.push({ kind: "success_rate_over_count_window", ...detectorRates(rule), calls });
  }
  if (failures !== undefined) detectors.push({ kind: "consecutive_failures", failures });
  const { delaysMs, decayMs, probes, successesToClose, probeTimeoutMs, ramp } = policy;
  return Object.freeze({
    detectors: Object.freeze(detectors.map((detector) => Object.freeze(detector))),
    backoff: Object.freeze({ delaysMs: Object.freeze(delaysMs), jitter: nameOf(JITTERS, policy.jitter) }),
    decayMs,
    halfOpen: Object.freeze({
      probes,
      successesToClose,
      probeTimeoutMs,
      ...(ramp && { ramp: frozen(ramp) }),
    }),
    mode: nameOf(MODE_CODES, policy.startMode),
  });
}

/** The window whose buckets are that wide: the product may be off in its last bit, and people write short numbers. */
function windowOf(bucketMs: number, buckets: number): number {
  const short = Number((bucketMs * buckets).toPrecision(15));
  return short / buckets === bucketMs ? short : bucketMs * buckets;
}

function detectorRates({ slowCallMs, ...rule }: RateRule) {
  if (Number.isFinite(slowCallMs)) return { ...rule, slowCallMs };
  return { ...rule, slowCallMs: undefined, maximumSlowRate: MAXIMUM_SLOW_RATE };
}

function nameOf<Name extends string>(codes: Readonly<Record<Name, number>>, code: number): Name {
  return (Object.keys(codes) as Name[]).find((name) => codes[name] === code)!; // the core knows no other code
}

function ratesOf(detector: Exclude<Detector, { kind: "consecutive_failures" }>): RateRule {
  return {
    minimumCalls: detector.minimumCalls,
    requiredSuccessRate: detector.requiredSuccessRate,
    slowCallMs: detector.slowCallMs ?? Number.POSITIVE_INFINITY,
    // No rate exceeds 1: calls that were slow by options of before are not judged by options that know none.
    maximumSlowRate: detector.slowCallMs === undefined ? 1 : detector.maximumSlowRate,
  };
}
