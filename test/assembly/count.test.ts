import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, fail, succeed } from "./fixture.ts";

const overCount = {
  kind: "success_rate_over_count_window",
  requiredSuccessRate: 0.5,
  minimumCalls: 4,
  calls: 4,
} as const;

describe.each(ALL_FLAVOURS)("a success rate over a count window ($name)", (flavour) => {
  const window = (parts: object = {}) => createBreaker(flavour, { detector: { ...overCount, ...parts } });

  it("holds exactly the latest calls, however old they are", () => {
    const { breaker } = window();
    fail(breaker, 0);
    succeed(breaker, 1, 2);
    fail(breaker, 2);
    expect(breaker.snapshot(9_999_999)).toMatchObject({ calls: 4, failures: 2 });
    succeed(breaker, 9_999_999);
    expect(breaker.snapshot(9_999_999)).toMatchObject({ calls: 4, failures: 1 });
    fail(breaker, 9_999_999, 2);
    expect(breaker.state).toBe("open");
  });

  it.each([1, 3, 15, 16, 17, 100, 10_000])("holds %i calls exactly", (calls) => {
    const { breaker } = window({ calls, minimumCalls: calls, requiredSuccessRate: 0 });
    fail(breaker, 0, calls);
    expect(breaker.snapshot(0)).toMatchObject({ calls, failures: calls });
    succeed(breaker, 0, calls - 1);
    expect(breaker.snapshot(0)).toMatchObject({ calls, failures: 1 });
    succeed(breaker, 0);
    expect(breaker.snapshot(0)).toMatchObject({ calls, failures: 0 });
  });

  it("is empty after every transition, also when the few bits that it keeps of its generation come round", () => {
    const { breaker } = window({ requiredSuccessRate: 0 });
    fail(breaker, 0, 3);
    for (let resets = 1; resets <= 2 ** 10; resets++) {
      breaker.reset(0);
      if (breaker.snapshot(0).calls !== 0) throw new Error(`it holds calls after ${resets} resets`);
    }
    fail(breaker, 0);
    expect(breaker.snapshot(0)).toMatchObject({ calls: 1, failures: 1 });
  });

  it.each([1, 16, 17, 1_000])("holds the last %i calls of reports that stand for many", (calls) => {
    const { breaker } = window({ calls, minimumCalls: calls, requiredSuccessRate: 0 });
    breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 1_000_000);
    expect(breaker.snapshot(0)).toMatchObject({ calls, failures: calls });
    breaker.onSuccess(breaker.tryAcquire(0), 0, undefined, Math.ceil(calls / 2));
    expect(breaker.snapshot(0)).toMatchObject({ calls, failures: Math.floor(calls / 2) });
  });

  it("stays exact when the number of its calls goes back, after 2^24 of them", () => {
    const { breaker } = window({ calls: 10_000, minimumCalls: 10_000, requiredSuccessRate: 0 });
    for (let calls = 0; calls < 2 ** 24 + 20_000; calls += 10_000) {
      breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 3_000);
      breaker.onSuccess(breaker.tryAcquire(0), 0, undefined, 7_000);
      if (calls > 0 && breaker.snapshot(0).failures !== 3_000)
        throw new Error(`inexact after ${calls} calls`);
    }
  });

  it("opens at the call that brings the calls up to the minimum", () => {
    const { breaker, events } = window({ minimumCalls: 3 });
    fail(breaker, 0, 2);
    expect(breaker.state).toBe("closed");
    succeed(breaker, 0);
    expect(events).toMatchObject([{ cause: "success_rate_over_count_window", calls: 3, failures: 2 }]);
  });
});
