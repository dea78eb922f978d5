/** A random case: a registry, some breakers in it, and a list of steps; and how to make a failing one small. */

import { EVENT_KINDS } from "../../src/breaker/events.ts";
import type { CircuitBreakerEvent } from "../../src/entry/main.ts";
import type { Flavour } from "../flavours.ts";
import { BreakerModel, MAXIMUM_TIME_MS } from "../model/breaker.ts";
import { ClockModel } from "../model/clock.ts";
import type { ModelOptions } from "../model/options.ts";
import { RandomModel } from "../model/random.ts";
import { type Call, type CaseClock, Comparison, Disagreement, type Watcher } from "./comparison.ts";
import { Choices } from "./generator.ts";
import { inLibraryWords, optionsFrom } from "./options.ts";
import { RegistryComparison } from "./registry-comparison.ts";
import { type Step, stepFrom } from "./step.ts";
import { isTime } from "./times.ts";

/** See the file. */
export interface Case {
  /** What jitter is drawn from. */
  readonly seed: number;
  /** What the clock shows at first, in ms. */
  readonly startMs: number;
  readonly breakers: readonly ModelOptions[];
  readonly steps: readonly Step[];
}

/** From a dying endpoint to one that is well. */
const FAILING_PERCENT = [50, 90, 20, 5] as const;
/** How many numbers the case itself is made of. */
export const HEAD_NUMBERS = 3;
/** The last one is a minute before the end of time. */
const STARTS = [1_000_000, 0, 1_767_225_600_000.3, MAXIMUM_TIME_MS - 60_000] as const;

/** Reads a case out of numbers: a list for the case, one for each breaker, one for each step. `configures`: see `stepFrom`. */
export function caseFrom(
  head: readonly number[],
  breakers: readonly (readonly number[])[],
  steps: readonly (readonly number[])[],
  configures = false,
): Case {
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
export function play(one: Case, flavour: Flavour, watcher: Watcher = {}): number {
  let did = false;
  const call = (made: Call) => {
    did = true;
    watcher.call?.(made);
  };
  const comparison = assemble(one, flavour, { ...watcher, call });
  let clockMs = one.startMs;
  let operations = 0;
  for (const step of one.steps) {
    did = false;
    clockMs = comparison.play(step, clockMs);
    if (did) operations++;
  }
  return operations;
}

function assemble(one: Case, flavour: Flavour, watcher: Watcher): RegistryComparison {
  let readingMs = one.startMs;
  let guard = new ClockModel(readingMs);
  const clock: CaseClock = {
    set: (nextMs, says) => {
      const argument = says && isTime(nextMs) ? nextMs : undefined;
      // What the library would make of the reading, to the last bit: it reads its clock more than once in a step.
      if (argument === undefined) readingMs = guard.read(nextMs);
      return { nowMs: argument ?? readingMs, argument };
    },
  };
  const random = new RandomModel(0n);
  const comparisons = new Map<string, Comparison>();
  const hear = (event: CircuitBreakerEvent) => comparisons.get(event.endpoint)?.heard.push(event);
  const create = (seed: number) => {
    const registry = flavour.createRegistry({ seed, clock: () => readingMs });
    guard = new ClockModel(readingMs);
    random.reseed(BigInt(seed));
    for (const kind of EVENT_KINDS) registry.on(kind, hear);
    return registry;
  };
  const registry = create(one.seed);
  one.breakers.forEach((options, index) => {
    const name = `endpoint ${index}`;
    const breaker = registry.get(name, inLibraryWords(options));
    comparisons.set(
      name,
      new Comparison(
        breaker,
        new BreakerModel(options, random, breaker.snapshot(0).generation),
        options,
        clock,
        watcher,
      ),
    );
  });
  return new RegistryComparison(registry, create, [...comparisons.values()], clock, watcher);
}

/** What somebody needs to see and repeat the failure of a case, or undefined when it does not fail. */
export function explain(one: Case, flavour: Flavour): string | undefined {
  const calls: Call[] = [];
  try {
    play(one, flavour, { call: (call) => calls.push(call) });
    return undefined;
  } catch (error) {
    const { seed, breakers } = one;
    return [
      `${flavour.name}: ${error instanceof Disagreement ? error.message : describe(error)}`,
      `seed of jitter: ${seed}`,
      ...breakers.map((options, index) => `endpoint ${index}: ${JSON.stringify(inLibraryWords(options))}`),
      ...calls.map(
        ([endpoint, operation, ...values]) => `  ${endpoint}: ${operation}(${values.map(String).join(", ")})`,
      ),
    ].join("\n");
  }
}

function describe(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error);
}

/** The case with as few steps as it takes to fail: leaves out ever shorter runs of steps while it still fails. */
export function shrink(one: Case, flavour: Flavour): Case {
  let smallest = one;
  for (let length = one.steps.length >> 1; length > 0; length >>= 1) {
    for (let start = 0; start < smallest.steps.length; ) {
      const steps = smallest.steps.toSpliced(start, length);
      const candidate = { ...smallest, steps };
      if (fails(candidate, flavour)) smallest = candidate;
      else start += length;
    }
  }
  return smallest;
}

function fails(one: Case, flavour: Flavour): boolean {
  try {
    play(one, flavour);
    return false;
  } catch {
    return true;
  }
}
