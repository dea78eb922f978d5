/** What a breaker would do in a scenario, in simulated time: for assertions about options. */

import type { CircuitBreakerEvent } from "../../breaker/events.ts";
import { type CircuitBreakerOptions, resolveOptions } from "../../breaker/options.ts";
import { numberOption, objectOption, outOfRange } from "../../breaker/validate.ts";
import { type CallTrace, CallTraceBuilder, FAILURE, SUCCESS } from "../calls/call-trace.ts";
import { replayCalls } from "../whatif/replay-calls.ts";

/** A part of a scenario. */
export interface Phase {
  /** 1..86,400,000 ms. */
  readonly durationMs: number;
  /** Share of the calls that fail, spread evenly: 0..1, default 0. */
  readonly failing?: number | undefined;
  /** ms that each call takes. 0..86,400,000, default 0. A call of a breaker with `timeoutMs` fails when that has passed. */
  readonly latencyMs?: number | undefined;
}

/** Calls at even distances, and how they end. */
export interface Scenario {
  /** 0.001..1,000,000, default 100. */
  readonly callsPerSecond?: number | undefined;
  /** One after the other. Default: 60 s in which every call fails. */
  readonly phases?: readonly Phase[] | undefined;
  /** Where jitter starts: a whole number from 0 to 2^53 - 1, default 1. */
  readonly seed?: number | undefined;
}

/** What happened. */
export interface Simulation {
  /** ms from the begin of the first phase in which calls fail until it opened; undefined: it did not. */
  readonly opensAfterMs: number | undefined;
  /** ms from the end of the last phase in which calls fail until it was closed; undefined: it was not open then, or stayed so. */
  readonly closesAfterMs: number | undefined;
  /** Calls that were made or refused. */
  readonly calls: number;
  /** Calls that succeeded. */
  readonly succeeded: number;
  /** Calls that failed. */
  readonly failed: number;
  /** By the breaker. */
  readonly refused: number;
  /** Of them, those that would have succeeded. */
  readonly goodRefused: number;
  /** Calls that were let through while it was half-open or on a ramp. */
  readonly probes: number;
  /** Times that it opened. */
  readonly openings: number;
  /** All of them; times are ms from the begin plus 1,000. */
  readonly events: readonly CircuitBreakerEvent[];
}

/** A phase with every value. */
interface ReadPhase {
  readonly durationMs: number;
  readonly failing: number;
  readonly latencyMs: number;
}

/** ms: times of a breaker begin above 0. */
const START_MS = 1_000;
const MOST_CALLS = 20_000_000;
const ENDPOINT = "simulated";
const DAY_MS = 86_400_000;
const OUTAGE: readonly Phase[] = [{ durationMs: 60_000, failing: 1 }];

/**
 * Plays a scenario against a breaker with those options; the same ones give the same result.
 * @throws OptionError for bad options or a bad scenario
 */
export function simulate(options: CircuitBreakerOptions = {}, scenario: Scenario = {}): Simulation {
  const { timeoutMs = Infinity } = resolveOptions(options);
  const given = objectOption("scenario", scenario, ["callsPerSecond", "phases", "seed"]) as Scenario;
  const rate = numberOption("scenario.callsPerSecond", given.callsPerSecond, { from: 0.001, to: 1e6 }, 100);
  const phases = readPhases(given.phases ?? OUTAGE, rate);
  const calls = callsOf(phases, rate, timeoutMs);
  const { total, events } = replayCalls(calls, { defaults: options, seed: given.seed });
  const { failedSaved, goodRefused, succeeded, failed, probes } = total;
  const opened = events.filter(({ kind }) => kind === "opened");
  const [firstMs, lastMs] = failingTime(phases);
  const opening = opened.find(({ atMs }) => atMs >= firstMs);
  const after = events.filter(({ atMs }) => atMs >= lastMs);
  const wasOpen = events.findLast(({ atMs }) => atMs < lastMs)?.to ?? "closed";
  const closing =
    wasOpen === "closed" && !after.some(({ kind }) => kind === "opened")
      ? undefined
      : after.find(({ kind }) => kind === "closed");
  return {
    opensAfterMs: opening && opening.atMs - firstMs,
    closesAfterMs: closing && closing.atMs - lastMs,
    calls: total.calls,
    succeeded,
    failed,
    refused: failedSaved + goodRefused,
    goodRefused,
    probes,
    openings: opened.length,
    events,
  };
}

/** @throws OptionError */
function readPhases(phases: unknown, rate: number): readonly ReadPhase[] {
  if (!Array.isArray(phases) || phases.length === 0) {
    throw outOfRange("scenario.phases", "an array of 1 phase or more", phases);
  }
  const read = phases.map((phase, index) => {
    const path = `scenario.phases[${index}]`;
    const given = objectOption(path, phase, ["durationMs", "failing", "latencyMs"]);
    return {
      durationMs: numberOption(`${path}.durationMs`, given.durationMs, { from: 1, to: DAY_MS }),
      failing: numberOption(`${path}.failing`, given.failing, { from: 0, to: 1 }, 0),
      latencyMs: numberOption(`${path}.latencyMs`, given.latencyMs, { from: 0, to: DAY_MS }, 0),
    };
  });
  const calls = Math.ceil((read.reduce((sum, { durationMs }) => sum + durationMs, 0) * rate) / 1_000);
  if (calls > MOST_CALLS) throw outOfRange("scenario", `of at most ${MOST_CALLS} calls`, calls);
  return read;
}

/** ms: begin of the first and end of the last phase in which calls fail. */
function failingTime(phases: readonly ReadPhase[]): readonly [number, number] {
  let [atMs, firstMs, lastMs] = [START_MS, Infinity, Infinity];
  for (const { durationMs, failing } of phases) {
    if (failing > 0) {
      firstMs = Math.min(firstMs, atMs);
      lastMs = atMs + durationMs;
    }
    atMs += durationMs;
  }
  return [firstMs, lastMs];
}

function callsOf(phases: readonly ReadPhase[], rate: number, timeoutMs: number): CallTrace {
  const builder = new CallTraceBuilder();
  const stepMs = 1_000 / rate;
  let phaseMs = 0;
  let call = 0;
  for (const { durationMs, failing, latencyMs } of phases) {
    const isTimeout = latencyMs >= timeoutMs;
    let due = 0.5; // so that the first of a few failures comes neither first nor last
    for (const endMs = phaseMs + durationMs; call * stepMs < endMs; call++) {
      due += failing;
      const fails = failing === 1 || due >= 1;
      if (due >= 1) due--;
      const outcome = fails || isTimeout ? FAILURE : SUCCESS;
      builder.add(ENDPOINT, START_MS + call * stepMs, Math.min(latencyMs, timeoutMs), outcome);
    }
    phaseMs += durationMs;
  }
  return builder.build();
}
