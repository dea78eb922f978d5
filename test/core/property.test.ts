import fc from "fast-check";
import { describe, it } from "vitest";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import { FACES } from "./dice.ts";
import { OPTION_NUMBERS } from "./options.ts";
import { STEP_NUMBERS } from "./step.ts";
import { explain, HEAD_NUMBERS, trialFrom } from "./trial.ts";

const STEPS = Number(process.env.BLUESMOKE_STEPS ?? 100_000);
const MOST_STEPS_OF_A_RUN = 100;
const RUNS = Math.ceil(STEPS / FLAVOURS.length / MOST_STEPS_OF_A_RUN);

const number = fc.nat(FACES - 1);
const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });

const trials = fc
  .tuple(
    numbers(HEAD_NUMBERS),
    fc.array(numbers(OPTION_NUMBERS), { minLength: 1, maxLength: 2 }),
    fc.array(numbers(STEP_NUMBERS), { maxLength: MOST_STEPS_OF_A_RUN, size: "max" }),
  )
  .map(([head, breakers, steps]) => trialFrom(head, breakers, steps));

function agrees(flavour: Flavour) {
  return fc.property(trials, (trial) => {
    const disagreement = explain(trial, flavour);
    if (disagreement !== undefined) throw new Error(disagreement);
  });
}

describe.each(FLAVOURS)("the $name core", (flavour) => {
  it("does what the model does, whatever it is told to do", { timeout: 600_000 }, () => {
    fc.assert(agrees(flavour), { numRuns: RUNS });
  });
});
