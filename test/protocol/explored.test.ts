/**
 * The compiled core for threads, in every order of the steps of a few simulated threads: see docs/protocol.md. The larger plans
 * run with `npm run protocol -- --large`.
 */
import { describe, expect, it } from "vitest";
import { sharedText } from "../../build/shared.ts";
import { explore } from "./explorer/explore.ts";
import { LARGE_PLANS, PLANS } from "./explorer/plans.ts";
import { THROTTLE_PLANS } from "./explorer/throttle-plans.ts";

const isLarge = process.env.BLUESMOKE_PROTOCOL === "large";
const TIMEOUT_MS = isLarge ? 3_600_000 : 180_000;

describe("the compiled core keeps its promises in every order of steps", () => {
  const plans = { ...PLANS, ...THROTTLE_PLANS, ...(isLarge && LARGE_PLANS) };
  it.each(Object.entries(plans))("%s", { timeout: TIMEOUT_MS }, (name, make) => {
    const { violation, isComplete, states, depth } = explore(make, sharedText);
    expect(violation, violation?.path.join("\n")).toBeUndefined();
    expect(isComplete).toBe(true);
    expect(states).toBeGreaterThan(500);
    if (isLarge) console.log(`${name}: ${states} states, ${depth} steps deep`);
  });
});
