/** A look at a breaker that changes nothing. */
import type { Core } from "../core/core.ts";
import type { State } from "./event.ts";
import type { Mode, ResolvedOptions } from "./options.ts";

/** A breaker at one moment. Taking it changes nothing. */
export interface Snapshot {
  /** Name of the breaker. */
  readonly endpoint: string;
  /** What it does with calls; "closed" in shadow mode, which never refuses. */
  readonly state: State;
  /** What it was told to do. */
  readonly mode: Mode;
  /** Calls in the time window, or else in the count window. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
  /** Of `calls`, those that took longer than `slowCallMs`; 0 without that option. */
  readonly slow: number;
  /** 0..1; 1 where there are no calls. */
  readonly successRate: number;
  /** Failures since the last success, where the detector is "consecutive_failures"; else 0. */
  readonly consecutiveFailures: number;
  /** How many times in a row it opened, less what healthy time has taken off. */
  readonly level: number;
  /** Raised by one with every transition, 1..4,194,303; then it starts again at 1. */
  readonly generation: number;
  /** Results that came after their generation had ended; they changed nothing. */
  readonly late: number;
  /** Calls that were refused, over the life of the breaker; 2^32 of them begin at 0 again. */
  readonly refused: number;
  /** ms; see `retryAfterMs`. */
  readonly retryAfterMs: number;
}

/** What a snapshot needs to know of a breaker. */
export interface Subject {
  /** The endpoint. */
  readonly name: string;
  /** Its address in linear memory. */
  readonly id: number;
  /** What it was configured with. */
  readonly options: ResolvedOptions;
  /** What it does with calls. */
  readonly state: State;
  /** What it was told to do. */
  readonly mode: Mode;
}

/** `retryAfterMs` as the breaker reckons it at that time. */
export function snapshotOf(breaker: Subject, core: Core, nowMs: number, retryAfterMs: number): Snapshot {
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
    level: measure.level,
    generation: core.generationOf(breaker.id),
    late: measure.late,
    refused: measure.refused,
    retryAfterMs,
  };
}
