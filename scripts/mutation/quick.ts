/**
 * Random cases against the model, without a test runner: refutes most mutants in a second or two. Fails at the first
 * difference. Arguments: steps for each flavour, seed.
 */

import { ALL_FLAVOURS } from "../../test/flavours.ts";
import { caseFrom, HEAD_NUMBERS, play } from "../../test/random/case.ts";
import { Generator } from "../../test/random/generator.ts";
import { OPTION_NUMBERS } from "../../test/random/options.ts";
import { STEP_NUMBERS } from "../../test/random/step.ts";

const [enough = 20_000, seed = 1] = process.argv.slice(2).map(Number);
const STEPS_OF_A_CASE = 120;

for (const flavour of ALL_FLAVOURS.filter(({ name }) => name === "release" || name === "shared")) {
  const generator = new Generator(seed);
  for (let steps = 0; steps < enough; ) {
    const rows = (count: number, width: number) =>
      Array.from({ length: count }, () => generator.numbers(width));
    const one = caseFrom(
      generator.numbers(HEAD_NUMBERS),
      rows(1 + (generator.number() % 3), OPTION_NUMBERS),
      rows(STEPS_OF_A_CASE, STEP_NUMBERS),
      true,
    );
    steps += play(one, flavour);
  }
}
