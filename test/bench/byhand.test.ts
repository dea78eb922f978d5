import { describe, expect, it } from "vitest";
import {
  type AnyBreaker,
  type BreakerMaker,
  findDifference,
  flatBreaker,
  objectBreaker,
} from "../../bench/byhand/agreement.ts";

const SEEDS = 60;
const STEPS = 400;

function differences(make: BreakerMaker): (string | undefined)[] {
  const found = Array.from({ length: SEEDS }, (_, seed) => findDifference(seed, STEPS, make));
  return found.filter((difference) => difference !== undefined);
}

/** Changes what a breaker by hand does. */
function altered(change: (breaker: AnyBreaker) => Partial<AnyBreaker>): BreakerMaker {
  return (policy) => {
    const breaker = flatBreaker(policy);
    return { ...breaker, ...change(breaker) };
  };
}

describe("the baselines of the benchmark", () => {
  it("admit, count and judge as the library does, in one buffer", () => {
    expect(differences(flatBreaker)).toEqual([]);
  });

  it("admit, count and judge as the library does, as objects", () => {
    expect(differences(objectBreaker)).toEqual([]);
  });

  it("are compared in every state", () => {
    const seen = new Set<string>();
    const spy = altered((breaker) => ({
      snapshot: (nowMs) => {
        const snapshot = breaker.snapshot(nowMs);
        seen.add(snapshot.state);
        return snapshot;
      },
    }));
    expect(differences(spy)).toEqual([]);
    expect([...seen].sort()).toEqual(["closed", "half_open", "open"]);
  });

  it("would be found out if one of them admitted what the library refuses", () => {
    const generous = altered((breaker) => ({ tryAcquire: (nowMs) => breaker.tryAcquire(nowMs) || 256 }));
    expect(differences(generous)[0]).toMatch(/^seed \d+, step \d+: 0,.*by hand 256,/);
  });

  it("would be found out if one of them forgot a failure", () => {
    expect(differences(altered(() => ({ onFailure: () => {} })))).not.toEqual([]);
  });
});
