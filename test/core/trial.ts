/** A random case: a registry, some breakers in it, and a list of steps; and how to make a failing one small. */

import type { CircuitBreakerEvent } from "../../src/entry/main.ts";
import type { Flavour } from "../flavours.ts";
import { BreakerModel, MAXIMUM_TIME_MS } from "../model/breaker.ts";
import type { ModelOptions } from "../model/options.ts";
import { RandomModel } from "../model/random.ts";
import { Choices } from "./dice.ts";
import { type Call, Disagreement, Duet, type Watcher } from "./duet.ts";
import { Ensemble } from "./ensemble.ts";
import { inLibraryWords, optionsFrom } from "./options.ts";
import { type Step, stepFrom } from "./step.ts";

/** See the file. */
export interface Trial {
  /** What jitter is drawn from. */
  readonly seed: number;
  /** What the clock shows at first, in ms. */
  readonly startMs: number;
  readonly breakers: readonly ModelOptions[];
  readonly steps: readonly Step[];
}

const KINDS = ["opened", "closed", "half_opened", "enabled", "disabled", "shadowed", "reset"] as const;
/** From a dying endpoint to one that is well. */
const FAILING_PERCENT = [50, 90, 20, 5] as const;
/** How many numbers the case itself is made of. */
export const HEAD_NUMBERS = 3;
/** The last one is a minute before the end of time. */
const STARTS = [1_000_000, 0, 1_767_225_600_000.3, MAXIMUM_TIME_MS - 60_000] as const;

/** Reads a case out of numbers: a list for the case, one for each breaker, one for each step. `configures`: see `stepFrom`. */
export function trialFrom(
  head: readonly number[],
  breakers: readonly (readonly number[])[],
  steps: readonly (readonly number[])[],
  configures = false,
): Trial {
  const choices = new Choices(head);
  const failingPercent = choices.pick(FAILING_PERCENT);
  return {
    startMs: choices.pick(STARTS),
    seed: choices.number(),
    breakers: breakers.map((numbers) => optionsFrom(new Choices(numbers))),
    steps: steps.map((numbers) => stepFrom(numbers, failingPercent, configures)),
  };
}

/**
 * Plays the case. Returns how many of its steps did something: a report without a ticket to report does nothing.
 * Throws a Disagreement at the first step after which the two differ.
 */
export function play(trial: Trial, flavour: Flavour, watcher: Watcher = {}): number {
  let did = false;
  const call = (made: Call) => {
    did = true;
    watcher.call?.(made);
  };
  const ensemble = assemble(trial, flavour, { ...watcher, call });
  let clockMs = trial.startMs;
  let deeds = 0;
  for (const step of trial.steps) {
    did = false;
    clockMs = ensemble.play(step, clockMs);
    if (did) deeds++;
  }
  return deeds;
}

function assemble(trial: Trial, flavour: Flavour, watcher: Watcher): Ensemble {
  let clockMs = trial.startMs;
  const setClock = (nowMs: number) => {
    clockMs = nowMs;
  };
  const random = new RandomModel(0n);
  const duets = new Map<string, Duet>();
  const hear = (event: CircuitBreakerEvent) => duets.get(event.endpoint)?.heard.push(event);
  const create = (seed: number) => {
    const registry = flavour.createRegistry({ seed, clock: () => clockMs });
    random.reseed(BigInt(seed));
    for (const kind of KINDS) registry.on(kind, hear);
    return registry;
  };
  const registry = create(trial.seed);
  trial.breakers.forEach((options, index) => {
    const name = `endpoint ${index}`;
    const breaker = registry.get(name, inLibraryWords(options));
    duets.set(name, new Duet(breaker, new BreakerModel(options, random), options, setClock, watcher));
  });
  return new Ensemble(registry, create, [...duets.values()], setClock, watcher);
}

/** What somebody needs to see and repeat the failure of a case, or undefined when it does not fail. */
export function explain(trial: Trial, flavour: Flavour): string | undefined {
  const calls: Call[] = [];
  try {
    play(trial, flavour, { call: (call) => calls.push(call) });
    return undefined;
  } catch (error) {
    const { seed, breakers } = trial;
    return [
      `${flavour.name}: ${error instanceof Disagreement ? error.message : describe(error)}`,
      `seed of jitter: ${seed}`,
      ...breakers.map((options, index) => `endpoint ${index}: ${JSON.stringify(inLibraryWords(options))}`),
      ...calls.map(
        ([endpoint, deed, ...values]) => `  ${endpoint}: ${deed}(${values.map(String).join(", ")})`,
      ),
    ].join("\n");
  }
}

function describe(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error);
}

/** The case with as few steps as it takes to fail: leaves out ever shorter runs of steps while it still fails. */
export function shrink(trial: Trial, flavour: Flavour): Trial {
  let smallest = trial;
  for (let length = trial.steps.length >> 1; length > 0; length >>= 1) {
    for (let start = 0; start < smallest.steps.length; ) {
      const steps = smallest.steps.toSpliced(start, length);
      const candidate = { ...smallest, steps };
      if (fails(candidate, flavour)) smallest = candidate;
      else start += length;
    }
  }
  return smallest;
}

function fails(trial: Trial, flavour: Flavour): boolean {
  try {
    play(trial, flavour);
    return false;
  } catch {
    return true;
  }
}
