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

describe.each(ALL_FLAVOURS)("a success rate over a time window ($name)", (flavour) => {
  const window = (parts: object = {}) => createBreaker(flavour, { detector: { ...overTime, ...parts } });

  it("gives no verdict below the minimum of calls, however bad they are", () => {
    const { breaker } = window();
    fail(breaker, 0, 4);
    expect(breaker.state).toBe("closed");
    fail(breaker, 0);
    expect(breaker.state).toBe("open");
  });

  it("opens only strictly below the required rate", () => {
    const { breaker } = window();
    succeed(breaker, 0, 16);
    fail(breaker, 0, 4);
    expect(breaker.snapshot(0).successRate).toBe(0.8);
    expect(breaker.state).toBe("closed");
    fail(breaker, 0);
    expect(breaker.state).toBe("open");
  });

  it("opens at the success that brings the calls up to the minimum", () => {
    const { breaker, events } = window();
    fail(breaker, 0, 4);
    succeed(breaker, 0);
    expect(events).toMatchObject([
      { kind: "opened", cause: "success_rate_over_time_window", calls: 5, failures: 4, successRate: 0.2 },
    ]);
  });

  it("opens for ever at a required rate of 1 after one failure, and never at 0", () => {
    const strict = window({ requiredSuccessRate: 1 }).breaker;
    succeed(strict, 0, 999);
    fail(strict, 0);
    expect(strict.state).toBe("open");
    const lenient = window({ requiredSuccessRate: 0 }).breaker;
    fail(lenient, 0, 999);
    expect(lenient.state).toBe("closed");
  });

  it("forgets a bucket when its window has passed, and not before", () => {
    const { breaker } = window();
    fail(breaker, 99, 3);
    expect(breaker.snapshot(999.9).calls).toBe(3);
    expect(breaker.snapshot(1_000).calls).toBe(0);
    succeed(breaker, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 1, failures: 0 });
  });

  it("opens when the expiry of successes alone lowers the rate, and refuses the call that finds out", () => {
    const { breaker, events } = window();
    succeed(breaker, 0, 20);
    succeed(breaker, 100, 3);
    fail(breaker, 100, 2);
    expect(breaker.tryAcquire(999)).toBeGreaterThan(0);
    expect(breaker.tryAcquire(1_000)).toBe(0);
    expect(events).toMatchObject([{ kind: "opened", atMs: 1_000, calls: 5, failures: 2 }]);
  });

  it("opens by expiry at a check, too, and drops a result that comes afterwards", () => {
    const { breaker, events } = window();
    succeed(breaker, 0, 20);
    succeed(breaker, 100, 3);
    fail(breaker, 100, 2);
    const ticket = breaker.tryAcquire(999);
    breaker.check(1_000);
    expect(events).toHaveLength(1);
    breaker.onSuccess(ticket, 1_000);
    expect(breaker.snapshot(1_000).late).toBe(1);
  });

  it("opens by expiry at the release of a ticket, and at a late result", () => {
    for (const late of [false, true]) {
      const { breaker, events } = window();
      const old = breaker.tryAcquire(0);
      breaker.reset(0);
      succeed(breaker, 0, 20);
      succeed(breaker, 100, 3);
      fail(breaker, 100, 2);
      if (late) breaker.onSuccess(old, 1_000);
      else breaker.release(breaker.tryAcquire(999), 1_000);
      expect(events.at(-1)).toMatchObject({ kind: "opened", atMs: 1_000 });
    }
  });

  it("lets a success that comes with the expiry count before it judges", () => {
    const { breaker } = window({ minimumCalls: 4, requiredSuccessRate: 0.6 });
    succeed(breaker, 0, 20);
    succeed(breaker, 100, 2);
    fail(breaker, 100, 2);
    const ticket = breaker.tryAcquire(999);
    breaker.onSuccess(ticket, 1_000); // 2 of 4 would be too few, 3 of 5 are not
    expect(breaker.state).toBe("closed");
  });

  it("keeps its buckets where they are when they are no whole number of milliseconds wide", () => {
    const { breaker } = window({ windowMs: 1_000, buckets: 3 });
    succeed(breaker, 333);
    succeed(breaker, 334);
    expect(breaker.snapshot(1_333).calls).toBe(1);
    expect(breaker.snapshot(1_334).calls).toBe(0);
  });

  it("has no time in two buckets or in none, where the quotient of time and width is rounded across a boundary", () => {
    const { breaker } = window({ windowMs: 1_000, buckets: 3 });
    const before = 999.9999999999999; // divided by the width it is 3, but 3 widths are 1,000
    expect(Math.floor(before / (1_000 / 3))).toBe(3);
    succeed(breaker, before);
    expect(breaker.snapshot(1_666).calls).toBe(1);
    expect(breaker.snapshot(1_667).calls).toBe(0);
    const after = 2_333.333333333333; // divided by the width it is less than 7, but 7 widths are just that
    expect(Math.floor(after / (1_000 / 3))).toBe(6);
    succeed(breaker, after);
    expect(breaker.snapshot(3_333).calls).toBe(1);
    expect(breaker.snapshot(3_334).calls).toBe(0);
  });
});
