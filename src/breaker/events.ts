/** Events of a breaker: which there are, how a record of the journal becomes one, and who listens. */
/// <reference lib="esnext.disposable" preserve="true" />
import {
  CAUSE_MODE,
  CAUSE_OVERLOADED,
  CAUSE_RELIEVED,
  CAUSE_RESET,
  MODE_ENABLED,
  MODE_FORCED_OPEN,
} from "../../assembly/layout.ts";
import type { JournalRecord } from "../core/journal.ts";
import { MODES, type Mode } from "./options.ts";
import { functionOption, nameOption } from "./validate.ts";

/** What a breaker does with calls: "closed" lets them pass, "open" refuses them, "half_open" lets a few probes pass. */
export type State = "closed" | "open" | "half_open";

/** By STATE_ code, twice half-open: on a ramp it still is. */
export const STATES: readonly State[] = ["closed", "open", "half_open", "half_open"];

/**
 * Why a breaker changed. The first six are verdicts of detectors; "delay_ended" and those of probes and ramp are the way back;
 * "tripped": by `trip`; "overloaded" and "relieved": a throttle begins and ends; "mode": by a switch; "reset": by `reset`.
 */
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
  | "tripped"
  | "overloaded"
  | "relieved"
  | "mode"
  | "reset";

/** All causes, by their CAUSE_ codes from 1 on. */
export const CAUSES: readonly Cause[] = [
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
  "tripped",
  "overloaded",
  "relieved",
  "mode",
  "reset",
];

/**
 * What happened to a breaker. "half_opened": probes may pass; once more, with the cause "probes_succeeded", where a ramp
 * begins, or with that of a detector, where it steps back. "throttled" and "restored": a throttle begins to refuse calls, and lets
 * all of them pass again; the state stays closed. "shadowed": switched to shadow mode; "reset": started over by `reset`.
 */
export type EventKind =
  | "closed"
  | "opened"
  | "half_opened"
  | "enabled"
  | "disabled"
  | "shadowed"
  | "reset"
  | "throttled"
  | "restored";

/** All kinds of events: of the states by their codes, of the modes, of `reset`, of throttles. */
export const EVENT_KINDS: readonly EventKind[] = [
  "closed",
  "opened",
  "half_opened",
  "enabled",
  "disabled",
  "shadowed",
  "reset",
  "throttled",
  "restored",
];

/** What is kept of an error: of the failure that opened a breaker. */
export interface ErrorSummary {
  /** `name` of the error; "Error" where it has none. */
  readonly name: string;
  /** `message` of the error, or the value itself as text; at most 500 characters. */
  readonly message: string;
  /** `code` of the error, such as "ECONNREFUSED"; undefined where it has none. */
  readonly code: string | number | undefined;
}

/** An opening, and what the window held. */
export interface Opening {
  /** Why. */
  readonly cause: Cause;
  /** ms, on the clock of the calls. */
  readonly atMs: number;
  /** Calls in the window that gave the verdict, hung calls included; 0 for other causes. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
  /** Of `calls`, those that took longer than `slowCallMs`; a slow call may be a success. */
  readonly slow: number;
  /** 0..1; undefined where there were no calls. */
  readonly successRate: number | undefined;
  /** The failure that opened it; undefined where none did, or where it was reported without its error. */
  readonly lastError: ErrorSummary | undefined;
}

/** One change of one breaker, and why. */
export interface CircuitBreakerEvent extends Opening {
  /** What happened. */
  readonly kind: EventKind;
  /** Name of the breaker. */
  readonly endpoint: string;
  /** The state before. */
  readonly from: State;
  /** The state after; the same where only the mode changed. */
  readonly to: State;
  /** The mode after the change. "shadow": the breaker reports what it would have done. */
  readonly mode: Mode;
  /** Number of the generation that began, 1..4,194,303; then it starts again at 1. throttled, restored: that goes on. */
  readonly generation: number;
  /** How many times in a row it opened. */
  readonly level: number;
  /** 0..1: the share of calls that passes from here on, as in a snapshot; without the probes. */
  readonly share: number;
  /**
   * opened: ms until the first probe, by the backoff or by a longer `Retry-After` of the failure that opened it; Infinity
   * when forced open. Otherwise 0.
   */
  readonly delayMs: number;
  /** opened: `atMs` + `delayMs`. Otherwise `atMs`. */
  readonly retryAtMs: number;
}

/** Why the breaker changed. */
export function causeOf({ cause }: JournalRecord): Cause {
  return CAUSES[(cause || CAUSE_RESET) - 1]!; // 0: no cause is in the record
}

/** What a record says of its cause. */
export function openingOf(record: JournalRecord, lastError: ErrorSummary | undefined): Opening {
  const { atMs, calls, failures, slow } = record;
  return {
    cause: causeOf(record),
    atMs,
    calls,
    failures,
    slow,
    successRate: rateOf(calls, failures),
    lastError,
  };
}

/** 0..1; undefined where there are no calls. */
export function rateOf(calls: number, failures: number): number | undefined {
  return calls > 0 ? (calls - failures) / calls : undefined;
}

/**
 * The event of a record. `endMs`: until when the state that began lasts at least, which may be held for longer than the
 * record says.
 */
export function eventOf(
  record: JournalRecord,
  endpoint: string,
  endMs: number,
  opening: Opening,
): CircuitBreakerEvent {
  const { atMs, generation, level, share, delayMs, deadlineMs } = record;
  return {
    kind: kindOf(record),
    endpoint,
    from: STATES[record.fromState]!,
    to: STATES[record.toState]!,
    mode: MODES[record.toMode]!,
    ...opening,
    generation,
    level,
    share,
    delayMs: endMs > deadlineMs ? endMs - atMs : delayMs,
    retryAtMs: endMs,
  };
}

function kindOf({ cause, toState, toMode, fromMode }: JournalRecord): EventKind {
  if (cause === CAUSE_RESET) return "reset";
  if (cause === CAUSE_OVERLOADED) return "throttled";
  if (cause === CAUSE_RELIEVED) return "restored";
  // Forced open and back: "opened", "closed".
  const isOfMode =
    cause === CAUSE_MODE &&
    toMode !== MODE_FORCED_OPEN &&
    (toMode !== MODE_ENABLED || fromMode !== MODE_FORCED_OPEN);
  return EVENT_KINDS[isOfMode ? 3 + Math.min(toMode, 2) : Math.min(toState, 2)]!;
}

/** Called inside the call that caused the event. An error that it throws goes to `onError` and changes nothing. */
export type Listener = (event: CircuitBreakerEvent) => void;

/** Takes back what it was returned for; does nothing the second time. `using` calls it at the end of the block. */
export type Unsubscribe = (() => void) & Disposable;

/** The listeners of a breaker or of a registry. */
export class Listeners {
  #byKind: Partial<Record<EventKind, Set<Listener>>> = {};
  size = 0;

  /** Adds a listener; the same function added twice is called once. `changed`: called when one is gone. */
  add(kind: EventKind, listener: Listener, changed: () => void = () => {}): Unsubscribe {
    nameOption("kind", kind, EVENT_KINDS);
    functionOption("listener", listener);
    this.#byKind[kind] ??= new Set();
    const listeners = this.#byKind[kind];
    if (!listeners.has(listener)) this.size++;
    listeners.add(listener);
    const off = () => {
      if (!listeners.delete(listener)) return;
      this.size--;
      changed();
    };
    return Object.assign(off, { [Symbol.dispose]: off });
  }

  clear(): void {
    for (const kind of EVENT_KINDS) this.#byKind[kind]?.clear();
    this.size = 0;
  }

  /** Calls the listeners of the event's kind; one that throws stops no other one. */
  emit(event: CircuitBreakerEvent, onError: (error: unknown) => void): void {
    for (const listener of this.#byKind[event.kind] ?? []) {
      try {
        listener(event);
      } catch (error) {
        onError(error);
      }
    }
  }
}

/** Adds a listener for the next event of that kind only. */
export function listenOnce(
  source: { on(kind: EventKind, listener: Listener): Unsubscribe },
  kind: EventKind,
  listener: Listener,
): Unsubscribe {
  functionOption("listener", listener);
  const off = source.on(kind, (event) => {
    off();
    listener(event);
  });
  return off;
}
