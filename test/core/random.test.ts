import { describe, expect, it } from "vitest";
import { FLAVOURS, type Flavour } from "../flavours.ts";
import { Dice } from "./dice.ts";
import type { Watcher } from "./duet.ts";
import { OPTION_NUMBERS } from "./options.ts";
import { STEP_NUMBERS } from "./step.ts";
import { Tally, THINGS } from "./tally.ts";
import { explain, HEAD_NUMBERS, play, shrink, type Trial, trialFrom } from "./trial.ts";

/** Steps over all flavours; more of them: `BLUESMOKE_STEPS=10000000 npx vitest run test/core`. */
const STEPS = Number(process.env.BLUESMOKE_STEPS ?? 1_000_000);
/** Another one each time, printed when a case fails; set it to repeat that. */
const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);
const STEPS_OF_A_TRIAL = 400;
const STEPS_OF_A_FLAVOUR = Math.ceil(STEPS / FLAVOURS.length);

function throwTrial(seed: number): Trial {
  const dice = new Dice(seed);
  const breakers = Array.from({ length: 1 + (dice.roll() % 3) }, () => dice.rolls(OPTION_NUMBERS));
  const steps = Array.from({ length: STEPS_OF_A_TRIAL }, () => dice.rolls(STEP_NUMBERS));
  return trialFrom(dice.rolls(HEAD_NUMBERS), breakers, steps, true);
}

/** Plays one case; a failing one is made small, and shown with the seed that repeats it. */
function judge(seed: number, flavour: Flavour, watcher: Watcher): number {
  const trial = throwTrial(seed);
  try {
    return play(trial, flavour, watcher);
  } catch (error) {
    const message = explain(shrink(trial, flavour), flavour) ?? String(error);
    return expect.fail(`BLUESMOKE_SEED=${seed}\n${message}`);
  }
}

describe.each(FLAVOURS)("the $name core", (flavour) => {
  it(`does what the model does, over ${STEPS_OF_A_FLAVOUR} random steps and more, and these miss nothing`, {
    timeout: 600_000,
  }, () => {
    const tally = new Tally();
    let steps = 0;
    for (let seed = SEED; steps < STEPS_OF_A_FLAVOUR; seed++) steps += judge(seed, flavour, tally);
    expect(tally.missing(THINGS), "what the random steps have not met").toEqual([]);
  });
});
