/** Which cases are in the script: as few random ones as show everything, and some that are made for one purpose. */

import { exponentialDelays } from "../model/backoff.ts";
import type { ModelOptions } from "../model/options.ts";
import { caseFrom, HEAD_NUMBERS, type Case as RandomCase } from "../random/case.ts";
import { THINGS } from "../random/coverage.ts";
import { Choices, Generator } from "../random/generator.ts";
import { backoffOf, inLibraryWords, OPTION_NUMBERS, optionsFrom } from "../random/options.ts";
import { STEP_NUMBERS, type Step, stepFrom } from "../random/step.ts";
import type { TimeChoice } from "../random/times.ts";
import { Recorder } from "./recorder.ts";
import type { Case, Script } from "./script.ts";

const STEPS_OF_A_CASE = 48;
const MOST_BREAKERS = 3;
/** Cases that show the same thing, at least. */
const TIMES = 2;
/** Random cases to choose from. */
const CANDIDATES = 6_000;
/** JSON has no functions; and they become tables as soon as options are read. */
const LEFT_OUT = /^(function|iterable) backoff|configure|by new options/;

/** What the random cases of the script show, all of it. */
export const WANTED: readonly string[] = THINGS.filter((thing) => !LEFT_OUT.test(thing)).map((thing) =>
  thing.replace(/^(SUCCESS|FAILURE|RELEASE|NONE) in a batch/, (name) => name.toLowerCase()),
);

/** The script whose random cases are those. */
export function scriptOf(seeds: readonly number[]): Script {
  return { cases: [...seeds.map(caseOf), ...LADDERS.map(climb)] };
}

/**
 * Random cases that together show everything that is wanted in as many of them as that, each the one that adds most by the
 * root of its length: the number of cases alone makes the script longer, and length alone prefers many cases; and what fewer show.
 */
export function chooseSeeds(): { readonly seeds: number[]; readonly missing: string[] } {
  const candidates = Array.from({ length: CANDIDATES }, (_, seed) => lookAt(seed));
  const shows = candidates.map(({ things }) => things);
  const roots = candidates.map(({ length }) => Math.sqrt(length));
  const left = new Map(WANTED.map((thing) => [thing, TIMES]));
  const seeds: number[] = [];
  while (left.size > 0) {
    const gains = shows.map(
      (things, seed) => [...things].filter((thing) => left.has(thing)).length / roots[seed]!, // as many of both
    );
    const best = Math.max(...gains);
    if (best === 0) break;
    const seed = gains.indexOf(best);
    seeds.push(seed);
    for (const thing of shows[seed] ?? []) countDown(left, thing);
    shows[seed] = new Set(); // each case once
  }
  return { seeds, missing: [...left.keys()] };
}

function countDown(left: Map<string, number>, thing: string): void {
  const times = left.get(thing);
  if (times === 1) left.delete(thing);
  else if (times !== undefined) left.set(thing, times - 1);
}

/** What a random case shows. */
export function thingsOf(seed: number): Set<string> {
  return lookAt(seed).things;
}

/** What a random case shows, and how many characters it takes. */
function lookAt(seed: number): { readonly things: Set<string>; readonly length: number } {
  const things = new Set<string>();
  const recorded = new Recorder(randomCase(seed), (thing) => things.add(thing)).record(seed, 0, spell);
  return { things, length: JSON.stringify(recorded).length };
}

function caseOf(seed: number, index: number): Case {
  return new Recorder(randomCase(seed), () => {}).record(seed, index * MOST_BREAKERS, spell);
}

function randomCase(seed: number): RandomCase {
  const generator = new Generator(seed);
  const breakers = Array.from({ length: 1 + (generator.number() % MOST_BREAKERS) }, () =>
    generator.numbers(OPTION_NUMBERS),
  );
  const steps = Array.from({ length: STEPS_OF_A_CASE }, () => generator.numbers(STEP_NUMBERS));
  return caseFrom(generator.numbers(HEAD_NUMBERS), breakers, steps);
}

/** In the library's words, and JSON's: a backoff that is a function or an iterable as the table that it becomes. */
function spell(options: ModelOptions) {
  const words = inLibraryWords(options);
  if (!/^(function|iterable)$/.test(backoffOf(options).kind)) return words;
  const { delaysMs, jitter } = options;
  return { ...words, backoff: { kind: "steps", delaysMs: [...delaysMs], jitter } } as const;
}

/** Formulas whose every level is climbed: runtimes might round a power in different ways. */
const LADDERS = [
  { initialMs: 1.3, factor: 1.1 },
  { initialMs: 7.7, factor: 1.9 },
  { initialMs: 1, factor: Math.PI },
] as const;
const LONGEST_MS = 86_400_000;

/** A breaker whose every probe fails, until its delays grow no more. */
function climb(formula: (typeof LADDERS)[number], index: number): Case {
  const delaysMs = exponentialDelays(formula.initialMs, formula.factor, LONGEST_MS);
  const options: ModelOptions = {
    ...optionsFrom(new Choices([])),
    delaysMs,
    consecutiveFailures: 1,
    jitter: "equal",
  };
  const retry: TimeChoice = ({ clockMs, model }) => model.openUntilMs ?? clockMs;
  const steps = delaysMs.flatMap((): Step[] => {
    const plain = stepFrom([], 0);
    return [
      { ...plain, operation: "tryAcquire", moment: retry },
      { ...plain, operation: "onFailure" },
    ];
  });
  const random: RandomCase = { seed: index, startMs: 1_000_000.1, breakers: [options], steps };
  const backoff = { kind: "exponential", ...formula, maximumMs: LONGEST_MS, jitter: "equal" } as const;
  return new Recorder(random, () => {}).record(-1 - index, index, (each) => ({
    ...inLibraryWords(each),
    backoff,
  }));
}
