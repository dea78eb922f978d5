/** A look at a breaker that changes nothing. */
import type { Core } from "../core/core.ts";
import type { State } from "./event.ts";
import type { Mode, ResolvedOptions } from "./options.ts";

export interface Snapshot {
  readonly endpoint: string;
  readonly state: State;
  readonly mode: Mode;
  /** Calls in the time window, or else in the count window. */
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** 0..1; 1 where there are no calls. */
  readonly successRate: number;
  readonly consecutiveFailures: number;
  /** Calls that are out, admitted in the time window that there is now; 0 without `hungAfterMs`. */
  readonly pending: number;
  /** Those of them that are out for longer than `hungAfterMs`: a verdict adds them to `calls` and `failures`. */
  readonly hung: number;
  /** How many times in a row it opened, less what healthy time has taken off. */
  readonly level: number;
  readonly generation: number;
  /** Results that came after their generation had ended; they changed nothing. */
  readonly late: number;
  readonly refused: number;
  /** 0..1: how many of the calls that ask may pass. 1 while closed; 0 while open, and half-open beside the probes; between on a ramp. */
  readonly share: number;
  /** ms; see `retryAfterMs`. */
  readonly retryAfterMs: number;
}

/** What a snapshot needs to know of a breaker. */
export interface Subject {
  readonly name: string;
  readonly id: number;
  readonly options: ResolvedOptions;
  readonly state: State;
  readonly mode: Mode;
}

/** `retryAfterMs` and `share` as the breaker reckons them at that time. */
export function snapshotOf(
  breaker: Subject,
  core: Core,
  nowMs: number,
  retryAfterMs: number,
  share: number,
): Snapshot {
  const measure = core.measure(breaker.id, nowMs);
  const ofTime = breaker.options.detectors.some(({ kind }) => kind === "success_rate_over_time_window");
  const calls = ofTime ? measure.calls : measure.countCalls;
  const failures = ofTime ? measure.failures : measure.countFailures;
  return {
    endpoint: breaker.name,
    state: breaker.state,
    mode: breaker.mode,
    calls,
    failures,
    slow: ofTime ? measure.slow : measure.countSlow,
    successRate: calls === 0 ? 1 : (calls - failures) / calls,
    consecutiveFailures: measure.consecutiveFailures,
    pending: measure.pending,
    hung: measure.hung,
    level: measure.level,
    generation: core.generationOf(breaker.id),
    late: measure.late,
    refused: measure.refused,
    share,
    retryAfterMs,
  };
}
