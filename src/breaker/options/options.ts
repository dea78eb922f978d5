/** Options of a breaker: plain data, checked once, copied and frozen. The core trusts them from here on. */
import { MAXIMUM_PROBES } from "../../../assembly/layout.ts";
import { type Backoff, type BackoffName, type BackoffOptions, resolveBackoff } from "./backoff.ts";
import { nameOption, numberOption, objectOption, type Range } from "./check.ts";
import { type Detector, type DetectorName, type DetectorOptions, resolveDetectors } from "./detector.ts";
import { completeRamp, type Ramp, type RampOptions, readRamp } from "./ramp.ts";

/** "disabled" passes and does not count; "shadow" counts and reports but never refuses. */
export type Mode = "enabled" | "disabled" | "forced_open" | "shadow";

/** How a breaker finds out that its endpoint has come back. */
export interface HalfOpenOptions {
  /** Calls let through at once while half-open. 1..64, default 1. */
  readonly probes?: number;
  /** Successful probes that close the breaker. 1..1,000, default 1. */
  readonly successesToClose?: number;
  /** A probe that has not reported by then counts as failed. 1..86,400,000 ms, default 30,000. */
  readonly probeTimeoutMs?: number;
  /** A gradual return: it stays half-open while a growing share of calls passes. Default: none, the probes close it. */
  readonly ramp?: RampOptions;
}

/** Options of a breaker: plain data, checked when given, copied and frozen. */
export interface CircuitBreakerOptions {
  /** A name with its defaults, an object, or an array of different kinds (any one trips). Default "success_rate_over_time_window". */
  readonly detector?: DetectorName | DetectorOptions | readonly (DetectorName | DetectorOptions)[];
  /** How long it stays open, by level. Default "exponential". */
  readonly backoff?: BackoffName | BackoffOptions;
  /** Closed time that lowers the level by one; 0: closing resets it. 0..86,400,000 ms, default 10,000. */
  readonly decayMs?: number;
  /** Which probes it lets through, and what they decide. Default: one probe, whose success closes. */
  readonly halfOpen?: HalfOpenOptions;
  /** Default "enabled". */
  readonly mode?: Mode;
}

/** Options with every value filled in. */
export interface ResolvedOptions {
  /** Any one of them trips, asked in this order. */
  readonly detectors: readonly Detector[];
  /** How long it stays open, by level. */
  readonly backoff: Backoff;
  /** ms of closed time that lower the level by one; 0: closing resets it. */
  readonly decayMs: number;
  /** Probes, with every value; a ramp only where there is one. */
  readonly halfOpen: Required<Omit<HalfOpenOptions, "ramp">> & {
    /** What comes between the probes and closing. */
    readonly ramp?: Ramp;
  };
  /** The mode it begins in. */
  readonly mode: Mode;
}

const KEYS = ["detector", "backoff", "decayMs", "halfOpen", "mode"];
const HALF_OPEN_RANGES: Readonly<Record<Exclude<keyof HalfOpenOptions, "ramp">, Range>> = {
  probes: { from: 1, to: MAXIMUM_PROBES, whole: true },
  successesToClose: { from: 1, to: 1_000, whole: true },
  probeTimeoutMs: { from: 1, to: 86_400_000 },
};
const MODES: readonly Mode[] = ["enabled", "disabled", "forced_open", "shadow"];

/** What somebody said, checked, and nothing else. */
export interface NamedOptions {
  readonly detectors?: readonly Detector[];
  readonly backoff?: Backoff;
  readonly decayMs?: number;
  readonly halfOpen: HalfOpenOptions;
  readonly mode?: Mode;
}

/**
 * Fills in what is missing from `defaults` (each option by itself; `halfOpen` value by value).
 * @throws OptionError (a TypeError or RangeError) that names option, range and value.
 */
export function resolveOptions(options: unknown, defaults: ResolvedOptions = DEFAULTS): ResolvedOptions {
  return complete(readOptions(options), defaults);
}

/** Checks what is said; an iterable of delays is read once. @throws OptionError */
export function readOptions(options: unknown): NamedOptions {
  const { detector, backoff, decayMs, halfOpen, mode } = objectOption("options", options, KEYS);
  return {
    ...(detector !== undefined && { detectors: resolveDetectors(detector) }),
    ...(backoff !== undefined && { backoff: resolveBackoff(backoff) }),
    ...(decayMs !== undefined && { decayMs: numberOption("decayMs", decayMs, { from: 0, to: 86_400_000 }) }),
    halfOpen: readHalfOpen(objectOption("halfOpen", halfOpen, [...Object.keys(HALF_OPEN_RANGES), "ramp"])),
    ...(mode !== undefined && { mode: nameOption("mode", mode, MODES) }),
  };
}

function readHalfOpen(fields: Readonly<Record<string, unknown>>): HalfOpenOptions {
  const named: Record<string, unknown> = {};
  for (const [name, range] of Object.entries(HALF_OPEN_RANGES)) {
    const value = fields[name];
    if (value !== undefined) named[name] = numberOption(`halfOpen.${name}`, value, range);
  }
  if (fields.ramp !== undefined) named.ramp = readRamp("halfOpen.ramp", fields.ramp);
  return named;
}

/** What is named, over what holds otherwise. */
export function complete(named: NamedOptions, defaults: ResolvedOptions): ResolvedOptions {
  return Object.freeze({
    detectors: named.detectors ?? defaults.detectors,
    backoff: named.backoff ?? defaults.backoff,
    decayMs: named.decayMs ?? defaults.decayMs,
    halfOpen: completeHalfOpen(named.halfOpen, defaults.halfOpen),
    mode: named.mode ?? defaults.mode,
  });
}

function completeHalfOpen(
  { ramp: rampOptions, ...named }: HalfOpenOptions,
  { ramp: rampBefore, ...defaults }: ResolvedOptions["halfOpen"],
): ResolvedOptions["halfOpen"] {
  const ramp = completeRamp(rampOptions, rampBefore);
  return Object.freeze({ ...defaults, ...named, ...(ramp && { ramp }) });
}

/** What either of them names; `upper` where both do. */
export function combine(lower: NamedOptions, upper: NamedOptions): NamedOptions {
  const ramp = (lower.halfOpen.ramp ?? upper.halfOpen.ramp) && {
    ...lower.halfOpen.ramp,
    ...upper.halfOpen.ramp,
  };
  return { ...lower, ...upper, halfOpen: { ...lower.halfOpen, ...upper.halfOpen, ...(ramp && { ramp }) } };
}

/** What holds where nobody says otherwise. */
export const DEFAULTS: ResolvedOptions = /* @__PURE__ */ Object.freeze({
  detectors: /* @__PURE__ */ resolveDetectors("success_rate_over_time_window"),
  backoff: /* @__PURE__ */ resolveBackoff("exponential"),
  decayMs: 10_000,
  halfOpen: /* @__PURE__ */ Object.freeze({ probes: 1, successesToClose: 1, probeTimeoutMs: 30_000 }),
  mode: "enabled",
});
