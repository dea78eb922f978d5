/** A breaker at one moment. Taking it changes nothing. */
import { MAXIMUM_JUMP, MEASURE_SIZE, STATE_CLOSED, STATE_RETURNING } from "../../assembly/layout.ts";
import { type Measure, readMeasure } from "../core/measure.ts";
import { MAXIMUM_TIME_MS } from "./clock.ts";
import type { Engine } from "./engine.ts";
import { type Opening, rateOf, STATES, type State } from "./events.ts";
import { MODES, type Mode, type Ramp } from "./options.ts";
import type { PolicyEntry } from "./policy-cache.ts";

/**
 * What a breaker has counted since it was made. Totals only rise, also over transitions, resets, `configure` and an import;
 * a breaker that was evicted and made anew starts at 0. Exact to 2^52. A call that stands for several counts as so many; one
 * that is released, or that passes while the breaker is disabled, counts nowhere.
 */
export interface Totals {
  /** Calls that succeeded, probes included. */
  readonly succeeded: number;
  /** Calls that failed, probes included. */
  readonly failed: number;
  /** Of both, those that took longer than `slowCallMs` of the time window, or else of the count window. */
  readonly slow: number;
  /** Calls refused; in shadow mode those that would have been. */
  readonly refused: number;
  /** `refused` by the reason. */
  readonly refusedBy: {
    /** While open, half-open or on a ramp. */
    readonly open: number;
    /** While forced open. */
    readonly forced_open: number;
    /** By the throttle of `overload`. Moved to `open` when `configure` takes away `overload` and `maximumPending`. */
    readonly throttled: number;
    /** Because `maximumPending` calls were pending. Moved likewise. */
    readonly busy: number;
  };
  /** Calls whose result came after their generation had ended: in neither `succeeded` nor `failed`. */
  readonly late: number;
  /** Times that it opened: by a verdict, by a probe, by `trip`; not by `forceOpen`. */
  readonly opened: number;
}

/** Counts, rates and state of a breaker at one moment. */
export interface Snapshot {
  /** Name of the breaker. */
  readonly endpoint: string;
  /** What it does with calls; "closed" in shadow mode, which never refuses. */
  readonly state: State;
  /** What the breaker was told to do. */
  readonly mode: Mode;
  /** Calls in the time window, or else in the count window. Every change of state empties it: see `opened`. */
  readonly calls: number;
  /** Of `calls`, those that failed. */
  readonly failures: number;
  /** Of `calls`, those that took longer than `slowCallMs`; 0 without that option. */
  readonly slow: number;
  /** 0..1; undefined where there are no calls. */
  readonly successRate: number | undefined;
  /** Failures since the last success, where the detector is "consecutive_failures"; else 0. */
  readonly consecutiveFailures: number;
  /** Calls that are out, admitted in the present time window; 0 without `hungAfterMs` and `maximumPending`. */
  readonly pending: number;
  /** Of them, those out for longer than `hungAfterMs`: a verdict adds them to `calls` and `failures`. */
  readonly hung: number;
  /** How many times in a row it opened, less what healthy time has taken off. */
  readonly level: number;
  /** Raised by one with every transition, 1..4,194,303; then it starts again at 1. */
  readonly generation: number;
  /** The same as `totals.late`. */
  readonly late: number;
  /** The same as `totals.refused`. */
  readonly refused: number;
  /** What it has counted over its life. */
  readonly totals: Totals;
  /**
   * 0..1: the share of calls that may pass. 1 while closed; 0 while open, and half-open beside the probes; between on a ramp
   * and while a throttle works.
   */
  readonly share: number;
  /** ms; see `retryAfterMs`. */
  readonly retryAfterMs: number;
  /**
   * Why it is not closed, since when, and what its window held when it opened; undefined when it is closed, when its state
   * was imported, or when another thread opened it and this one has not read that yet.
   */
  readonly opened: Opening | undefined;
}

/** A breaker in memory; address 0: it was evicted, and is as a new one. */
export interface Block {
  readonly address: number;
  /** Address of the stripe that this thread writes. */
  readonly stripe: number;
  readonly policy: PolicyEntry;
}

/** The measure of a breaker that was evicted; its share is that of a closed one. */
const NOTHING = /* @__PURE__ */ (() => ({
  u32: new Uint32Array(MEASURE_SIZE >>> 2),
  f64: new Float64Array(MEASURE_SIZE >>> 3),
}))();

/** The snapshot of a breaker. */
export function snapshotOf(engine: Engine, endpoint: string, block: Block, nowMs: number): Snapshot {
  const { core, dispatcher } = engine;
  const { address, policy } = block;
  const measure = address ? core.measure(address, nowMs) : readMeasure(NOTHING, 0);
  const { hasTimeWindow } = policy;
  const { totals } = measure;
  const calls = hasTimeWindow ? measure.calls : measure.countCalls;
  const failures = hasTimeWindow ? measure.failures : measure.countFailures;
  const mode = modeOf(engine, block);
  const state = stateOf(engine, block);
  return {
    endpoint,
    state,
    mode,
    calls,
    failures,
    slow: hasTimeWindow ? measure.slow : measure.countSlow,
    successRate: rateOf(calls, failures),
    consecutiveFailures: measure.consecutiveFailures,
    pending: measure.pending,
    hung: measure.hung,
    level: measure.level,
    generation: core.generationOf(address),
    late: totals.late,
    refused: totals.refused,
    totals,
    share: shareOf(engine, block, nowMs, measure),
    retryAfterMs: retryAfterMsOf(engine, block, nowMs),
    opened: state === "closed" && mode !== "shadow" ? undefined : dispatcher.outageOf(address)?.opening,
  };
}

/** The mode of a breaker. */
export function modeOf({ core }: Engine, { address, policy }: Block): Mode {
  return address ? MODES[core.modeOf(address)]! : policy.options.mode;
}

/** The state of a breaker; "closed" in shadow mode. */
export function stateOf(engine: Engine, block: Block): State {
  const mode = modeOf(engine, block);
  if (mode === "shadow") return "closed";
  if (!block.address) return mode === "forced_open" ? "open" : "closed";
  return STATES[engine.core.stateOf(block.address)]!;
}

/** Why a call was just refused that no switch refuses. */
export function limitOf(engine: Engine, block: Block, nowMs: number): "open" | "busy" | "throttled" {
  const { address, policy } = block;
  const { maximumPending, overload } = policy.options;
  if (!address || !(maximumPending || overload)) return "open";
  const state = engine.core.stateOf(address);
  if (state !== STATE_CLOSED && state !== STATE_RETURNING) return "open";
  if (maximumPending && engine.core.measure(address, nowMs).pending >= maximumPending) return "busy";
  return state === STATE_CLOSED ? "throttled" : "open";
}

/** ms until a probe may pass; 0 when it is not open or in shadow mode, Infinity when it is forced open. */
export function retryAfterMsOf(engine: Engine, block: Block, nowMs: number): number {
  if (stateOf(engine, block) !== "open") return 0;
  if (!block.address) return Infinity;
  return Math.max(0, engine.core.deadlineOf(block.address) - timeOf(engine, block, nowMs));
}

/** The share of calls that may pass, 0..1. */
function shareOf(engine: Engine, block: Block, nowMs: number, { share }: Measure): number {
  const state = stateOf(engine, block);
  const { core } = engine;
  if (state === "closed") return block.address && modeOf(engine, block) === "enabled" ? share : 1;
  if (!block.address || core.stateOf(block.address) !== STATE_RETURNING) return 0;
  const sinceMs = timeOf(engine, block, nowMs) - core.deadlineOf(block.address);
  return shareAfter(block.policy.options.halfOpen.ramp, sinceMs);
}

/** The share of calls that passes so many ms after the ramp began; 1 when it is over. assembly/ramp.ts computes the same. */
function shareAfter(ramp: Ramp | undefined, sinceMs: number): number {
  return ramp?.shares[Math.floor(Math.max(sinceMs, 0) / ramp.stepMs)] ?? 1;
}

/** The time that counts, as `latestAt` of assembly/stripe.ts computes it: it never goes back, nor far ahead at once. */
function timeOf({ core }: Engine, { stripe, policy }: Block, nowMs: number): number {
  const latest = core.latestOfAll(stripe, policy.placed);
  if (!(nowMs > latest && nowMs <= MAXIMUM_TIME_MS)) return latest;
  return latest ? Math.min(nowMs, latest + MAXIMUM_JUMP) : nowMs;
}
