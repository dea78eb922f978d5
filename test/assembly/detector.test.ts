import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, fail, succeed } from "./fixture.ts";

const overTime = {
  kind: "success_rate_over_time_window",
  requiredSuccessRate: 0.8,
  minimumCalls: 5,
  windowMs: 1_000,
  buckets: 10,
} as const;
const overCount = {
  kind: "success_rate_over_count_window",
  requiredSuccessRate: 0.5,
  minimumCalls: 4,
  calls: 4,
} as const;

describe.each(ALL_FLAVOURS)("failures in a row ($name)", (flavour) => {
  const row = (failures: number) =>
    createBreaker(flavour, { detector: { kind: "consecutive_failures", failures } });

  it("open at the last of them, and a success begins anew", () => {
    const { breaker, events } = row(3);
    fail(breaker, 0, 2);
    succeed(breaker, 0);
    fail(breaker, 0, 2);
    expect(breaker.state).toBe("closed");
    fail(breaker, 3_600_000);
    expect(events).toMatchObject([{ cause: "consecutive_failures", calls: 3, failures: 3, successRate: 0 }]);
  });

  it("are not interrupted by a release", () => {
    const { breaker } = row(2);
    fail(breaker, 0);
    breaker.release(breaker.tryAcquire(0), 0);
    fail(breaker, 0);
    expect(breaker.state).toBe("open");
  });
});

describe.each(ALL_FLAVOURS)("slow calls ($name)", (flavour) => {
  const limits = { slowCallMs: 50, maximumSlowRate: 0.5, requiredSuccessRate: 0 };

  it.each([
    ["slow_call_rate_over_time_window", { ...overTime, minimumCalls: 4, ...limits }],
    ["slow_call_rate_over_count_window", { ...overCount, ...limits }],
  ] as const)("open when their share exceeds the limit: %s", (cause, detector) => {
    const { breaker, events } = createBreaker(flavour, { detector });
    succeed(breaker, 0, 2, 50);
    succeed(breaker, 0, 2, 50.5);
    expect(breaker.state).toBe("closed");
    fail(breaker, 0, 1, 51);
    expect(events).toMatchObject([{ cause, slow: 3 }]);
  });

  it("are not those whose duration nobody knows", () => {
    const { breaker } = createBreaker(flavour, { detector: { ...overTime, minimumCalls: 1, ...limits } });
    succeed(breaker, 0);
    succeed(breaker, 0, 1, Number.NaN);
    expect(breaker.snapshot(0)).toMatchObject({ calls: 2, slow: 0 });
  });
});

describe.each(ALL_FLAVOURS)("several detectors ($name)", (flavour) => {
  const all = [overTime, overCount, { kind: "consecutive_failures", failures: 3 }] as const;

  it("trip each by itself, and the event says which", () => {
    const inARow = createBreaker(flavour, { detector: all });
    fail(inARow.breaker, 0, 3);
    expect(inARow.events).toMatchObject([{ cause: "consecutive_failures", calls: 3, failures: 3 }]);
    const ofCount = createBreaker(flavour, { detector: all });
    succeed(ofCount.breaker, 0, 20);
    fail(ofCount.breaker, 0, 2);
    succeed(ofCount.breaker, 0);
    fail(ofCount.breaker, 0, 1);
    expect(ofCount.events).toMatchObject([
      { cause: "success_rate_over_count_window", calls: 4, failures: 3 },
    ]);
    const ofTime = createBreaker(flavour, { detector: all });
    for (let i = 0; i < 3; i++) {
      succeed(ofTime.breaker, 0);
      fail(ofTime.breaker, 0);
    }
    expect(ofTime.events).toMatchObject([{ cause: "success_rate_over_time_window", calls: 5, failures: 2 }]);
  });

  it("name the time window first when several are true at once", () => {
    const detector = [
      { kind: "consecutive_failures", failures: 4 },
      { ...overCount, slowCallMs: 1, maximumSlowRate: 0 },
      { ...overTime, minimumCalls: 4, slowCallMs: 1, maximumSlowRate: 0 },
    ] as const;
    const { breaker, events } = createBreaker(flavour, { detector });
    fail(breaker, 0, 4, 2);
    expect(events).toMatchObject([{ cause: "success_rate_over_time_window" }]);
  });
});

describe.each(ALL_FLAVOURS)("a report that stands for many calls ($name)", (flavour) => {
  it("counts as many calls in every window", () => {
    const detector = [
      { ...overTime, minimumCalls: 1_000 },
      { ...overCount, calls: 10, minimumCalls: 10 },
    ] as const;
    const { breaker } = createBreaker(flavour, { detector });
    breaker.onSuccess(breaker.tryAcquire(0), 0, undefined, 7);
    breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 2);
    expect(breaker.snapshot(0)).toMatchObject({ calls: 9, failures: 2 });
    breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 4); // of the ten latest, six failed
    expect(breaker.state).toBe("open");
  });

  it("counts as many failures in a row", () => {
    const { breaker } = createBreaker(flavour, { detector: { kind: "consecutive_failures", failures: 5 } });
    breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 4);
    expect(breaker.snapshot(0).consecutiveFailures).toBe(4);
    breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 1_000_000);
    expect(breaker.state).toBe("open");
  });

  it("never wraps a sum, however many calls there are", () => {
    const { breaker } = createBreaker(flavour, { detector: { ...overTime, requiredSuccessRate: 0.4 } });
    const ticket = breaker.tryAcquire(0);
    for (let i = 0; i < 5_000; i++) breaker.onSuccess(ticket, 0, undefined, 1_000_000);
    const { calls, successRate } = breaker.snapshot(0);
    expect(calls).toBe(4_294_967_295); // the largest that a snapshot shows
    expect(successRate).toBe(1);
    fail(breaker, 1_000_000, 5);
    expect(breaker.state).toBe("open");
  });
});
