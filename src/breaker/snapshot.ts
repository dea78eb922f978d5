/** A look at a breaker that changes nothing. */
import { STATE_RETURNING } from "../../assembly/layout.ts";
import type { Core } from "../core/core.ts";
import { MODES, type Opening, STATES, type State } from "./event/event.ts";
import type { Mode } from "./options/options.ts";
import { shareAfter } from "./options/ramp.ts";
import type { Slot, Switchboard } from "./switchboard.ts";
import { MAXIMUM_TIME_MS } from "./time/clock.ts";

/** A breaker at one moment. Taking it changes nothing. */
export interface Snapshot {
  /** Name of the breaker. */
  readonly endpoint: string;
  /** What it does with calls; "closed" in shadow mode, which never refuses. */
  readonly state: State;
  /** What it was told to do. */
  readonly mode: Mode;
  /** Calls in the time window, or else in the count window. Every change of state empties it: see `opened`. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
  /** Of `calls`, those that took longer than `slowCallMs`; 0 without that option. */
  readonly slow: number;
  /** 0..1; 1 where there are no calls. */
  readonly successRate: number;
  /** Failures since the last success, where the detector is "consecutive_failures"; else 0. */
  readonly consecutiveFailures: number;
  /** Calls that are out, admitted in the time window that there is now; 0 without `hungAfterMs`. */
  readonly pending: number;
  /** Those of them that are out for longer than `hungAfterMs`: a verdict adds them to `calls` and `failures`. */
  readonly hung: number;
  /** How many times in a row it opened, less what healthy time has taken off. */
  readonly level: number;
  /** Raised by one with every transition, 1..4,194,303; then it starts again at 1. */
  readonly generation: number;
  /** Results that came after their generation had ended; they changed nothing. */
  readonly late: number;
  /** Calls that were refused, over the life of the breaker; 2^32 of them begin at 0 again. */
  readonly refused: number;
  /** 0..1: how many of the calls that ask may pass. 1 while closed; 0 while open, and half-open beside the probes; between on a ramp. */
  readonly share: number;
  /** ms; see `retryAfterMs`. */
  readonly retryAfterMs: number;
  /**
   * Why it is not closed, since when, and what its window held when it opened; undefined when it is closed, when it came out
   * of an import, or when another thread opened it and this one has not heard of it.
   */
  readonly opened: Opening | undefined;
}

/** The breaker of that name, which is there. */
export function snapshotOf(board: Switchboard, name: string, slot: Slot, nowMs: number): Snapshot {
  const { core, herald } = board;
  const { address, terms } = slot;
  const measure = core.measure(address, nowMs);
  const { hasTimeWindow } = terms;
  const calls = hasTimeWindow ? measure.calls : measure.countCalls;
  const failures = hasTimeWindow ? measure.failures : measure.countFailures;
  const mode = MODES[core.modeOf(address)]!; // the core has no other
  const state = core.stateOf(address);
  return {
    endpoint: name,
    state: mode === "shadow" ? "closed" : STATES[state]!,
    mode,
    calls,
    failures,
    slow: hasTimeWindow ? measure.slow : measure.countSlow,
    successRate: calls === 0 ? 1 : (calls - failures) / calls,
    consecutiveFailures: measure.consecutiveFailures,
    pending: measure.pending,
    hung: measure.hung,
    level: measure.level,
    generation: core.generationOf(address),
    late: measure.late,
    refused: measure.refused,
    share: shareOf(core, slot, nowMs),
    retryAfterMs: retryAfterMs(core, slot, nowMs),
    opened: STATES[state] === "closed" ? undefined : herald.openingOf(address),
  };
}

/** ms until a probe may pass; 0 when it is not open or in shadow mode, Infinity when it is forced open. */
export function retryAfterMs(core: Core, slot: Slot, nowMs: number): number {
  const { address } = slot;
  if (STATES[core.stateOf(address)] !== "open" || MODES[core.modeOf(address)] === "shadow") return 0;
  return Math.max(0, core.deadlineOf(address) - timeOf(core, slot, nowMs));
}

/** The share of calls that may pass, 0..1. */
function shareOf(core: Core, slot: Slot, nowMs: number): number {
  const { address, terms } = slot;
  const state = core.stateOf(address);
  if (STATES[state] === "closed" || MODES[core.modeOf(address)] === "shadow") return 1;
  if (state !== STATE_RETURNING) return 0;
  return shareAfter(terms.options.halfOpen.ramp, timeOf(core, slot, nowMs) - core.deadlineOf(address));
}

/** The time that counts: time never goes back. */
function timeOf(core: Core, { stripe }: Slot, nowMs: number): number {
  const latest = core.latestOf(stripe);
  return nowMs > latest && nowMs <= MAXIMUM_TIME_MS ? nowMs : latest;
}
