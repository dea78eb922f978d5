/** Options of a breaker: plain data, checked once, copied and frozen. The core trusts them from here on. */
import { MAXIMUM_PROBES } from "../../assembly/layout.ts";
import { type Backoff, type BackoffName, type BackoffOptions, resolveBackoff } from "./backoff.ts";
import { nameOption, numberOption, objectOption } from "./check.ts";
import { type Detector, type DetectorName, type DetectorOptions, resolveDetectors } from "./detector.ts";

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
  /** Probes, with every value. */
  readonly halfOpen: Required<HalfOpenOptions>;
  /** The mode it begins in. */
  readonly mode: Mode;
}

const KEYS = ["detector", "backoff", "decayMs", "halfOpen", "mode"];
const HALF_OPEN_KEYS = ["probes", "successesToClose", "probeTimeoutMs"];
const MODES: readonly Mode[] = ["enabled", "disabled", "forced_open", "shadow"];

/**
 * Fills in what is missing from `defaults` (each option by itself; `halfOpen` value by value).
 * @throws OptionError (a TypeError or RangeError) that names option, range and value.
 */
export function resolveOptions(options: unknown, defaults: ResolvedOptions = DEFAULTS): ResolvedOptions {
  const fields = objectOption("options", options, KEYS);
  const halfOpen = objectOption("halfOpen", fields.halfOpen, HALF_OPEN_KEYS);
  const base = defaults.halfOpen;
  return Object.freeze({
    detectors: fields.detector === undefined ? defaults.detectors : resolveDetectors(fields.detector),
    backoff: fields.backoff === undefined ? defaults.backoff : resolveBackoff(fields.backoff),
    decayMs: numberOption("decayMs", fields.decayMs, { from: 0, to: 86_400_000 }, defaults.decayMs),
    halfOpen: Object.freeze({
      probes: numberOption(
        "halfOpen.probes",
        halfOpen.probes,
        { from: 1, to: MAXIMUM_PROBES, whole: true },
        base.probes,
      ),
      successesToClose: numberOption(
        "halfOpen.successesToClose",
        halfOpen.successesToClose,
        { from: 1, to: 1_000, whole: true },
        base.successesToClose,
      ),
      probeTimeoutMs: numberOption(
        "halfOpen.probeTimeoutMs",
        halfOpen.probeTimeoutMs,
        { from: 1, to: 86_400_000 },
        base.probeTimeoutMs,
      ),
    }),
    mode: nameOption("mode", fields.mode, MODES, defaults.mode),
  });
}

/** What holds where nobody says otherwise. */
export const DEFAULTS: ResolvedOptions = /* @__PURE__ */ Object.freeze({
  detectors: /* @__PURE__ */ resolveDetectors("success_rate_over_time_window"),
  backoff: /* @__PURE__ */ resolveBackoff("exponential"),
  decayMs: 10_000,
  halfOpen: /* @__PURE__ */ Object.freeze({ probes: 1, successesToClose: 1, probeTimeoutMs: 30_000 }),
  mode: "enabled",
});
