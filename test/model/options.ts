/**
 * What the model needs to know of a breaker's options: every number spelled out, no defaults, no names.
 */

import type { RampRule } from "./ramp.ts";
import type { ThrottleRule } from "./throttle.ts";

/** How a delay is scattered. */
export type JitterKind = "none" | "equal" | "full" | "decorrelated";

/** What a breaker does with calls. */
export type ModelMode = "enabled" | "disabled" | "forced_open" | "shadow";

/** The rule that both windows share. */
export interface RateRule {
  /** Least share of successes, 0..1. */
  readonly requiredSuccessRate: number;
  /** Fewer calls give no verdict. */
  readonly minimumCalls: number;
  /** A call that took longer is slow; Infinity: none is. */
  readonly slowCallMs: number;
  /** Largest share of slow calls, 0..1. */
  readonly maximumSlowRate: number;
}

/** A rule over the outcomes of the latest `buckets` slices of time. */
export interface TimeWindowRule extends RateRule {
  readonly windowMs: number;
  readonly buckets: number;
  /** Calls that are out for longer have failed, until they report. */
  readonly hungAfterMs?: number | undefined;
}

/** A rule over the latest `calls` outcomes. */
export interface CountWindowRule extends RateRule {
  readonly calls: number;
}

/** All options of one breaker. */
export interface ModelOptions {
  readonly timeWindow?: TimeWindowRule;
  readonly countWindow?: CountWindowRule;
  /** Failures in a row that open. */
  readonly consecutiveFailures?: number;
  /** Delay of each level, in ms; the last one serves all higher levels. */
  readonly delaysMs: readonly number[];
  readonly jitter: JitterKind;
  /** Closed time that lowers the level by one, in ms; 0: closing resets it. */
  readonly decayMs: number;
  readonly probes: number;
  readonly successesToClose: number;
  readonly probeTimeoutMs: number;
  /** Failed probes that do not open it. */
  readonly toleratedFailures?: number | undefined;
  /** Refuses a share of the calls of an overloaded endpoint; only with a time window. */
  readonly overload?: ThrottleRule | undefined;
  /** Calls that may be out at once; only with a time window. */
  readonly maximumPending?: number | undefined;
  /** What comes between the probes and closing; absent: nothing. */
  readonly ramp?: RampRule | undefined;
  readonly mode: ModelMode;
}
