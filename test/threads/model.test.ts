/** A shared registry does what the model and the conformance script say, as the builds for one thread do. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as library from "../../src/entry/main.ts";
import { createSharedRegistry } from "../../src/entry/threads.ts";
import { play as playScript, read } from "../conformance/player.mjs";
import type { Flavour } from "../flavours.ts";
import { caseFrom, explain, HEAD_NUMBERS, play, shrink } from "../random/case.ts";
import { Generator } from "../random/generator.ts";
import { OPTION_NUMBERS } from "../random/options.ts";
import { STEP_NUMBERS } from "../random/step.ts";
import { SHARED } from "./cores.ts";

/** More of them: `BLUESMOKE_STEPS=10000000`. */
const STEPS = Number(process.env.BLUESMOKE_STEPS ?? 1_000_000) / 10;
/** Another one each time, printed when a case fails; set it to repeat that. */
const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);

const flavour: Flavour = {
  name: "shared",
  module: SHARED,
  createRegistry: (options) => createSharedRegistry({ threads: 2, ...options }),
};

function judge(seed: number): number {
  const generator = new Generator(seed);
  const breakers = Array.from({ length: 1 + (generator.number() % 3) }, () =>
    generator.numbers(OPTION_NUMBERS),
  );
  const steps = Array.from({ length: 400 }, () => generator.numbers(STEP_NUMBERS));
  const one = caseFrom(generator.numbers(HEAD_NUMBERS), breakers, steps, true);
  try {
    return play(one, flavour);
  } catch (error) {
    return expect.fail(`BLUESMOKE_SEED=${seed}\n${explain(shrink(one, flavour), flavour) ?? String(error)}`);
  }
}

describe("a shared registry", () => {
  it(`does what the model does, over ${STEPS} random steps`, { timeout: 600_000 }, () => {
    let steps = 0;
    for (let seed = SEED; steps < STEPS; seed++) steps += judge(seed);
  });

  it("plays the conformance script without a difference", () => {
    const script = read(readFileSync(new URL("../conformance/script.json", import.meta.url), "utf8"));
    const { differences } = playScript(script, library, (options) => flavour.createRegistry(options));
    expect(differences).toEqual([]);
  });
});
