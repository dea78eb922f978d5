import { describe, expect, it } from "vitest";
import { hasEvidence, isSick, opens, opinionOf, type Rule } from "../../src/fleet/verdict.ts";

const RULE: Rule = { requiredSuccessRate: 0.8, minimumCalls: 20, machines: 0.5 };
const SICK = { calls: 10, failures: 5 };
const WELL = { calls: 10, failures: 0 };

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

describe("the verdict of a fleet", () => {
  it("opens a machine that fails like half of the others", () => {
    const opinion = opinionOf([...times(10, SICK), ...times(10, WELL)], RULE);
    expect(opinion).toEqual({ sick: 10, busy: 20, calls: 200, failures: 50 });
    expect(opens(SICK, opinion, RULE)).toBe(true);
  });

  it("opens no machine where less than half are sick", () => {
    expect(opens(SICK, opinionOf([...times(9, SICK), ...times(10, WELL)], RULE), RULE)).toBe(false);
  });

  it("needs two failures and a rate below the limit from the machine itself", () => {
    const opinion = opinionOf(times(20, SICK), RULE);
    expect(opens({ calls: 0, failures: 0 }, opinion, RULE)).toBe(false);
    expect(opens({ calls: 1, failures: 1 }, opinion, RULE)).toBe(false);
    expect(opens({ calls: 10, failures: 2 }, opinion, RULE)).toBe(false); // 0.8 is not below 0.8
    expect(opens({ calls: 2, failures: 2 }, opinion, RULE)).toBe(true);
  });

  it("needs minimumCalls from all machines together", () => {
    const few = { calls: 4, failures: 4 };
    expect(opens(few, opinionOf(times(4, few), RULE), RULE)).toBe(false);
    expect(opens(few, opinionOf(times(5, few), RULE), RULE)).toBe(true);
  });

  it("caps a machine at the calls of the median machine, failures in proportion", () => {
    const loud = { calls: 4_000_000_000, failures: 4_000_000_000 };
    const opinion = opinionOf([loud, ...times(5, WELL)], RULE);
    expect(opinion).toEqual({ sick: 1, busy: 6, calls: 60, failures: 10 });
    expect(opens({ calls: 4, failures: 4 }, opinion, RULE)).toBe(false);
  });

  it("leaves machines with fewer than three calls out of the majority, and adds their calls", () => {
    const quiet = { calls: 2, failures: 2 };
    const opinion = opinionOf([quiet, quiet, SICK], RULE);
    expect(opinion).toMatchObject({ sick: 1, busy: 1, calls: 6 });
    expect(isSick(opinion, RULE)).toBe(true);
  });

  it("calls no fleet sick in which no machine has calls", () => {
    expect(isSick(opinionOf(times(3, { calls: 0, failures: 0 }), RULE), RULE)).toBe(false);
    expect(hasEvidence({ calls: 0, failures: 0 }, RULE)).toBe(false);
  });
});
