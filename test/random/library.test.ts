import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS, type Flavour } from "../flavours.ts";
import { type Case, caseFrom, explain, HEAD_NUMBERS, play, shrink } from "./case.ts";
import type { Watcher } from "./comparison.ts";
import { Coverage, THINGS } from "./coverage.ts";
import { Generator } from "./generator.ts";
import { OPTION_NUMBERS } from "./options.ts";
import { STEP_NUMBERS } from "./step.ts";

/** Steps over all flavours; more of them: `BLUESMOKE_STEPS=10000000 npx vitest run test/random`. */
const STEPS = Number(process.env.BLUESMOKE_STEPS ?? 700_000);
/** Another one each time, printed when a case fails; set it to repeat that. In CI always the same: a check repeats. */
const SEED = Number(process.env.BLUESMOKE_SEED ?? (process.env.CI ? 1 : Date.now() % 1_000_000_000));
const STEPS_OF_A_TRIAL = 400;
const STEPS_OF_A_FLAVOUR = Math.ceil(STEPS / ALL_FLAVOURS.length);

function randomCase(seed: number): Case {
  const generator = new Generator(seed);
  const breakers = Array.from({ length: 1 + (generator.number() % 3) }, () =>
    generator.numbers(OPTION_NUMBERS),
  );
  const steps = Array.from({ length: STEPS_OF_A_TRIAL }, () => generator.numbers(STEP_NUMBERS));
  return caseFrom(generator.numbers(HEAD_NUMBERS), breakers, steps, true);
}

/** Plays one case; a failing one is made small, and shown with the seed that repeats it. */
function judge(seed: number, flavour: Flavour, watcher: Watcher): number {
  const one = randomCase(seed);
  try {
    return play(one, flavour, watcher);
  } catch (error) {
    const message = explain(shrink(one, flavour), flavour) ?? String(error);
    return expect.fail(`BLUESMOKE_SEED=${seed}\n${message}`);
  }
}

describe.each(ALL_FLAVOURS)("the $name core", (flavour) => {
  it(`does what the model does, over ${STEPS_OF_A_FLAVOUR} random steps and more, and these miss nothing`, {
    timeout: 600_000,
  }, () => {
    const coverage = new Coverage();
    let steps = 0;
    for (let seed = SEED; steps < STEPS_OF_A_FLAVOUR; seed++) steps += judge(seed, flavour, coverage);
    expect(coverage.missing(THINGS), "what the random steps have not met").toEqual([]);
  });
});
