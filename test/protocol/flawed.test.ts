/** The explorer finds the flaws that it must find, so that its silence about the core means something. */
import { describe, expect, it } from "vitest";
import { explore } from "./explorer/explore.ts";
import { build, MUTANTS } from "./explorer/mutants.ts";
import { LARGE_PLANS, PLANS } from "./explorer/plans.ts";
import { THROTTLE_PLANS } from "./explorer/throttle-plans.ts";

const TIMEOUT_MS = 180_000; // each compiles a core

describe("a core with a flaw breaks a promise in some order of steps", () => {
  it.each(MUTANTS)("$flaw ($plan)", { timeout: TIMEOUT_MS }, async (mutant) => {
    const { violation } = explore(
      { ...PLANS, ...THROTTLE_PLANS, ...LARGE_PLANS }[mutant.plan]!,
      await build(mutant),
    );
    expect(violation?.message).toBeDefined();
  });
});
