import { describe, expect, it } from "vitest";
import { FLAVOURS } from "../flavours.ts";
import { Dice } from "./dice.ts";
import { OPTION_NUMBERS } from "./options.ts";
import { STEP_NUMBERS } from "./step.ts";
import { explain, play, shrink, type Trial, trialFrom } from "./trial.ts";

/** Steps over all flavours; more of them: `BLUESMOKE_STEPS=1000000 npx vitest run test/core`. */
const STEPS = Number(process.env.BLUESMOKE_STEPS ?? 100_000);
/** Another one each time, printed when a case fails; set it to repeat that. */
const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);
const STEPS_OF_A_TRIAL = 400;
const TRIALS = Math.ceil(STEPS / FLAVOURS.length / STEPS_OF_A_TRIAL);

function throwTrial(seed: number): Trial {
  const dice = new Dice(seed);
  const breakers = Array.from({ length: 1 + (dice.roll() % 3) }, () => dice.rolls(OPTION_NUMBERS));
  const steps = Array.from({ length: STEPS_OF_A_TRIAL }, () => dice.rolls(STEP_NUMBERS));
  return trialFrom(dice.rolls(2), breakers, steps);
}

describe.each(FLAVOURS)("the $name core", (flavour) => {
  it(`does what the model does, over ${TRIALS * STEPS_OF_A_TRIAL} random steps`, { timeout: 600_000 }, () => {
    for (let number = 0; number < TRIALS; number++) {
      const trial = throwTrial(SEED + number);
      try {
        play(trial, flavour);
      } catch (error) {
        const message = explain(shrink(trial, flavour), flavour) ?? String(error);
        expect.fail(`BLUESMOKE_SEED=${SEED + number}\n${message}`);
      }
    }
  });
});
