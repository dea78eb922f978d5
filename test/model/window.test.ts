import { describe, expect, it } from "vitest";
import type { CountWindowRule, TimeWindowRule } from "./options.ts";
import { countCountWindow, countFailuresInARow, countTimeWindow, type Outcome } from "./window.ts";

const rule = { requiredSuccessRate: 0.5, minimumCalls: 1, slowCallMs: 10, maximumSlowRate: 1 };
const timeWindow: TimeWindowRule = { ...rule, windowMs: 1_000, buckets: 4 };
const countWindow: CountWindowRule = { ...rule, calls: 5 };

function outcome(parts: Partial<Outcome>): Outcome {
  return { timeMs: 0, weight: 1, failed: false, durationMs: Number.NaN, ...parts };
}

describe("the model's time window", () => {
  it("holds the current bucket and the three before it", () => {
    const outcomes = [
      outcome({ timeMs: 249 }),
      outcome({ timeMs: 250, failed: true }),
      outcome({ timeMs: 999 }),
    ];
    expect(countTimeWindow(timeWindow, outcomes, 999)).toEqual({ calls: 3, failures: 1, slow: 0 });
    expect(countTimeWindow(timeWindow, outcomes, 1_000)).toEqual({ calls: 2, failures: 1, slow: 0 });
    expect(countTimeWindow(timeWindow, outcomes, 1_249.99)).toEqual({ calls: 2, failures: 1, slow: 0 });
    expect(countTimeWindow(timeWindow, outcomes, 1_250)).toEqual({ calls: 1, failures: 0, slow: 0 });
    expect(countTimeWindow(timeWindow, outcomes, 3_600_000)).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  it("counts a call as slow only beyond the limit, whether it failed or not", () => {
    const outcomes = [
      outcome({ durationMs: 10 }),
      outcome({ durationMs: 10.5 }),
      outcome({ durationMs: 11, failed: true, weight: 3 }),
    ];
    expect(countTimeWindow(timeWindow, outcomes, 0)).toEqual({ calls: 5, failures: 3, slow: 4 });
  });
});

describe("the model's count window", () => {
  it("holds the latest calls whenever they were", () => {
    const outcomes = [
      outcome({ failed: true }),
      outcome({ weight: 2, timeMs: 1 }),
      outcome({ weight: 3, timeMs: 9_999_999 }),
    ];
    expect(countCountWindow(countWindow, outcomes)).toEqual({ calls: 5, failures: 0, slow: 0 });
  });

  it("holds a part of the oldest report where only a part fits", () => {
    const outcomes = [outcome({ failed: true, weight: 4, durationMs: 11 }), outcome({ weight: 3 })];
    expect(countCountWindow(countWindow, outcomes)).toEqual({ calls: 5, failures: 2, slow: 2 });
  });
});

describe("the model's failures in a row", () => {
  it("begin anew after a success and count each call of a report", () => {
    const failure = outcome({ failed: true });
    expect(countFailuresInARow([failure, failure])).toBe(2);
    expect(countFailuresInARow([failure, outcome({}), failure, { ...failure, weight: 5 }])).toBe(6);
    expect(countFailuresInARow([failure, outcome({})])).toBe(0);
  });
});
