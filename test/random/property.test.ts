import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS, type Flavour } from "../flavours.ts";
import { caseFrom, explain, HEAD_NUMBERS, play as playTrial } from "./case.ts";
import { FACES } from "./generator.ts";
import { OPTION_NUMBERS } from "./options.ts";
import { STEP_NUMBERS } from "./step.ts";

/** Steps over all flavours that did something, each of them compared with the model: fewer than library.test.ts plays, which is four times as fast. */
const STEPS = Number(process.env.BLUESMOKE_STEPS ?? 300_000);
const STEPS_OF_A_FLAVOUR = Math.ceil(STEPS / ALL_FLAVOURS.length);
const MOST_STEPS_OF_A_RUN = 200;
const RUNS_AT_ONCE = 200;
/** In CI always the same cases: a check repeats. */
const SEED = process.env.CI ? 1 : undefined;

const number = fc.nat(FACES - 1);
const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });

const cases = fc
  .tuple(
    numbers(HEAD_NUMBERS),
    fc.array(numbers(OPTION_NUMBERS), { minLength: 1, maxLength: 3 }),
    fc.array(numbers(STEP_NUMBERS), { maxLength: MOST_STEPS_OF_A_RUN, size: "max" }),
  )
  .map(([head, breakers, steps]) => caseFrom(head, breakers, steps, true));

/** Plays cases until so many steps have been compared; returns how many were. */
function play(flavour: Flavour, enough: number): number {
  let steps = 0;
  const agrees = fc.property(cases, (one) => {
    try {
      steps += playTrial(one, flavour);
    } catch {
      throw new Error(explain(one, flavour));
    }
  });
  for (let round = 0; steps < enough; round++) {
    fc.assert(agrees, { numRuns: RUNS_AT_ONCE, ...(SEED !== undefined && { seed: SEED + round }) });
  }
  return steps;
}

describe.each(ALL_FLAVOURS)("the $name core", (flavour) => {
  it(`does what the model does, whatever it is told to do, over ${STEPS_OF_A_FLAVOUR} steps and more`, {
    timeout: 600_000,
  }, () => {
    expect(play(flavour, STEPS_OF_A_FLAVOUR)).toBeGreaterThanOrEqual(STEPS_OF_A_FLAVOUR);
  });
});
