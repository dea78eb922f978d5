import { describe, expect, it } from "vitest";
import type { Cause } from "../../src/entry/main.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import { Dice } from "./dice.ts";
import { OPTION_NUMBERS } from "./options.ts";
import { STEP_NUMBERS } from "./step.ts";
import { explain, HEAD_NUMBERS, play, shrink, type Trial, trialFrom } from "./trial.ts";

/** Steps over all flavours; more of them: `BLUESMOKE_STEPS=1000000 npx vitest run test/core`. */
const STEPS = Number(process.env.BLUESMOKE_STEPS ?? 100_000);
/** Another one each time, printed when a case fails; set it to repeat that. */
const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);
/** Eleven causes of a transition: fewer would mean that the random steps miss a part of the machine. */
const CAUSES = 11;
const STEPS_OF_A_TRIAL = 400;
const TRIALS = Math.ceil(STEPS / FLAVOURS.length / STEPS_OF_A_TRIAL);

function throwTrial(seed: number): Trial {
  const dice = new Dice(seed);
  const breakers = Array.from({ length: 1 + (dice.roll() % 3) }, () => dice.rolls(OPTION_NUMBERS));
  const steps = Array.from({ length: STEPS_OF_A_TRIAL }, () => dice.rolls(STEP_NUMBERS));
  return trialFrom(dice.rolls(HEAD_NUMBERS), breakers, steps);
}

/** Plays one case; a failing one is made small, and shown with the seed that repeats it. */
function judge(seed: number, flavour: Flavour): readonly Cause[] {
  const trial = throwTrial(seed);
  try {
    return play(trial, flavour);
  } catch (error) {
    const message = explain(shrink(trial, flavour), flavour) ?? String(error);
    return expect.fail(`BLUESMOKE_SEED=${seed}\n${message}`);
  }
}

describe.each(FLAVOURS)("the $name core", (flavour) => {
  it(`does what the model does, over ${TRIALS * STEPS_OF_A_TRIAL} random steps`, { timeout: 600_000 }, () => {
    const causes = new Set(Array.from({ length: TRIALS }, (_, trial) => judge(SEED + trial, flavour)).flat());
    expect(causes.size, "causes that the random steps met").toBe(CAUSES);
  });
});
