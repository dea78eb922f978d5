/** Events of a breaker: which there are, and how a record of the journal becomes one. */
import {
  CAUSE_MODE,
  CAUSE_RESET,
  MODE_DISABLED,
  MODE_ENABLED,
  MODE_FORCED_OPEN,
  MODE_SHADOW,
} from "../../../assembly/layout.ts";
import type { JournalRecord } from "../../core/journal.ts";
import type { Mode } from "../options/options.ts";

/** What a breaker does with calls: lets them through, refuses them, lets a few probes through. */
export type State = "closed" | "open" | "half_open";

/**
 * `half_opened`: probes may pass; told once more, with the cause `probes_succeeded`, where a ramp begins. `shadowed`:
 * switched to shadow mode; `reset`: started over by hand.
 */
export type EventKind = "opened" | "closed" | "half_opened" | "enabled" | "disabled" | "shadowed" | "reset";

/** Why a breaker changed. The first six are verdicts of detectors. */
export type Cause =
  | "success_rate_over_time_window"
  | "slow_call_rate_over_time_window"
  | "success_rate_over_count_window"
  | "slow_call_rate_over_count_window"
  | "consecutive_failures"
  | "hung_calls"
  | "delay_ended"
  | "probe_failed"
  | "probe_timed_out"
  | "probes_succeeded"
  | "ramp_ended"
  | "mode"
  | "reset";

/** What listeners are told: one change of one breaker, and why. */
export interface CircuitBreakerEvent {
  /** What happened. */
  readonly kind: EventKind;
  /** Name of the breaker. */
  readonly endpoint: string;
  /** The state before. */
  readonly from: State;
  /** The state after; the same where only the mode changed. */
  readonly to: State;
  /** Why: the detector, what became of probes, or who said so. */
  readonly cause: Cause;
  /** The mode after the change. "shadow": the breaker only says what it would have done. */
  readonly mode: Mode;
  /** ms, on the clock of the calls. */
  readonly atMs: number;
  /** Number of the generation that began, 1..4,194,303; then it starts again at 1. */
  readonly generation: number;
  /** What the window held that gave the verdict, calls that hang among calls and failures; 0 for other causes. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
  /** Of `calls`, those that took longer than `slowCallMs`; a slow call may be a success. */
  readonly slow: number;
  /** 0..1; 1 where there were no calls. */
  readonly successRate: number;
  /** How many times in a row it opened. */
  readonly level: number;
  /**
   * opened: ms until the first probe, as the backoff says, or for longer where the failure that opened it does so
   * (`Retry-After`); Infinity when forced open. Otherwise 0.
   */
  readonly delayMs: number;
  /** opened: `atMs` + `delayMs`. Otherwise `atMs`. */
  readonly retryAtMs: number;
}

/** The opening since which a breaker has not been closed, and what its window held then. */
export interface Opening {
  /** Why it opened. */
  readonly cause: Cause;
  /** ms, on the clock of the calls. */
  readonly atMs: number;
  /** In the window that gave the verdict; 0 for other causes. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
  /** Of `calls`, those that were slow. */
  readonly slow: number;
  /** 0..1; 1 where there were no calls. */
  readonly successRate: number;
}

/** By STATE_ code: one that returns is still half-open. */
export const STATES: readonly State[] = ["closed", "open", "half_open", "half_open"];
export const MODES: readonly Mode[] = ["enabled", "disabled", "forced_open", "shadow"];

/** By CAUSE_ code; 0 is no cause. */
const CAUSES: readonly Cause[] = [
  "reset",
  "success_rate_over_time_window",
  "slow_call_rate_over_time_window",
  "success_rate_over_count_window",
  "slow_call_rate_over_count_window",
  "consecutive_failures",
  "hung_calls",
  "delay_ended",
  "probe_failed",
  "probe_timed_out",
  "probes_succeeded",
  "ramp_ended",
  "mode",
  "reset",
];
/** By STATE_ code. */
const KINDS: readonly EventKind[] = ["closed", "opened", "half_opened", "half_opened"];

/** All kinds of events. */
export const EVENT_KINDS: readonly EventKind[] = [
  "closed",
  "opened",
  "half_opened",
  "enabled",
  "disabled",
  "shadowed",
  "reset",
];

/** Why the breaker changed. */
export function causeOf(record: JournalRecord): Cause {
  return CAUSES[record.cause]!;
}

/** The opening that a record tells of. */
export function openingOf(record: JournalRecord): Opening {
  const { timeMs, calls, failures, slow } = record;
  return {
    cause: causeOf(record),
    atMs: timeMs,
    calls,
    failures,
    slow,
    successRate: calls === 0 ? 1 : (calls - failures) / calls,
  };
}

/** The event that a record tells of. `endMs`: until when the state lasts at least, that began; it may be held for longer. */
export function eventOf(
  record: JournalRecord,
  endpoint: string,
  endMs = record.deadlineMs,
): CircuitBreakerEvent {
  const { calls, failures, slow, delayMs, deadlineMs } = record;
  return {
    kind: kindOf(record),
    endpoint,
    from: STATES[record.fromState]!,
    to: STATES[record.toState]!,
    cause: causeOf(record),
    mode: MODES[record.toMode]!,
    atMs: record.timeMs,
    generation: record.generation,
    calls,
    failures,
    slow,
    successRate: calls === 0 ? 1 : (calls - failures) / calls,
    level: record.level,
    delayMs: endMs > deadlineMs ? endMs - record.timeMs : delayMs,
    retryAtMs: endMs,
  };
}

function kindOf(record: JournalRecord): EventKind {
  if (record.cause === CAUSE_RESET) return "reset";
  if (record.cause !== CAUSE_MODE || record.toMode === MODE_FORCED_OPEN) return KINDS[record.toState]!;
  if (record.toMode === MODE_DISABLED) return "disabled";
  if (record.toMode === MODE_SHADOW) return "shadowed";
  return record.toMode === MODE_ENABLED && record.fromMode === MODE_FORCED_OPEN ? "closed" : "enabled";
}
