import { describe, expect, it } from "vitest";
import { FLAVOURS } from "../flavours.ts";
import { fail, stage, succeed } from "./scene.ts";

const overCount = {
  kind: "success_rate_over_count_window",
  requiredSuccessRate: 0.5,
  minimumCalls: 4,
  calls: 4,
} as const;

describe.each(FLAVOURS)("a success rate over a count window ($name)", (flavour) => {
  const window = (parts: object = {}) => stage(flavour, { detector: { ...overCount, ...parts } });

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

  it("opens at the call that brings the calls up to the minimum", () => {
    const { breaker, events } = window({ minimumCalls: 3 });
    fail(breaker, 0, 2);
    expect(breaker.state).toBe("closed");
    succeed(breaker, 0);
    expect(events).toMatchObject([{ cause: "success_rate_over_count_window", calls: 3, failures: 2 }]);
  });
});
