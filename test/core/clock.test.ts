import { describe, expect, it } from "vitest";
import { FLAVOURS } from "../flavours.ts";
import { MAXIMUM_TIME_MS } from "../model/breaker.ts";
import { fail, stage, stageOpen, succeed } from "./scene.ts";

const overTime = {
  kind: "success_rate_over_time_window",
  requiredSuccessRate: 0.8,
  minimumCalls: 5,
  windowMs: 1_000,
  buckets: 10,
} as const;

describe.each(FLAVOURS)("a clock that goes back ($name)", (flavour) => {
  it("keeps an open breaker open no longer than it would have been", () => {
    const { breaker } = stageOpen(flavour);
    breaker.tryAcquire(90);
    expect(breaker.tryAcquire(0)).toBe(0);
    expect(breaker.retryAfterMs(0)).toBe(10);
    expect(breaker.tryAcquire(100)).toBeGreaterThan(0);
  });

  it("leaves no result out of the window", () => {
    const { breaker } = stage(flavour, { detector: overTime });
    succeed(breaker, 5_000);
    fail(breaker, 10, 3);
    expect(breaker.snapshot(5_000)).toMatchObject({ calls: 4, failures: 3 });
    fail(breaker, 4_999);
    expect(breaker.state).toBe("open");
  });

  it("ends no lease early and none late", () => {
    const { breaker } = stageOpen(flavour);
    breaker.tryAcquire(1_000);
    breaker.check(0);
    breaker.check(1_049);
    expect(breaker.state).toBe("half_open");
    breaker.check(1_050);
    expect(breaker.state).toBe("open");
  });
});

describe.each(FLAVOURS)("a time that is none ($name)", (flavour) => {
  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, MAXIMUM_TIME_MS + 1])(
    "is refused as an argument and changes nothing: %f",
    (nowMs) => {
      const { breaker, events } = stageOpen(flavour);
      const before = breaker.snapshot(0);
      expect(() => breaker.tryAcquire(nowMs)).toThrow(RangeError);
      expect(() => breaker.onFailure(256, nowMs)).toThrow(RangeError);
      expect(() => breaker.reset(nowMs)).toThrow(RangeError);
      expect(breaker.snapshot(0)).toEqual(before);
      expect(events).toHaveLength(1);
    },
  );

  it("is taken as the latest seen when the clock of the registry shows it", () => {
    const { breaker } = stageOpen(flavour); // its clock always shows NaN
    breaker.check(60);
    expect(breaker.tryAcquire()).toBe(0);
    expect(breaker.retryAfterMs()).toBe(40);
    expect(breaker.snapshot()).toMatchObject({ state: "open", retryAfterMs: 40 });
    breaker.check(100);
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
  });
});

describe.each(FLAVOURS)("any time in between ($name)", (flavour) => {
  it("may be 0, a fraction, or the year 2095", () => {
    for (const startMs of [0, 0.1, 1_767_225_600_000.25, MAXIMUM_TIME_MS - 1_000]) {
      const { breaker, events } = stage(flavour, { detector: overTime });
      fail(breaker, startMs, 5);
      expect(events.at(-1)).toMatchObject({ kind: "opened", atMs: startMs, retryAtMs: startMs + 100 });
      breaker.tryAcquire(startMs + 100);
      breaker.check(startMs + 149);
      expect(breaker.state).toBe("half_open");
      breaker.check(startMs + 151);
      expect(events.at(-1)?.cause).toBe("probe_timed_out");
    }
  });

  it("may be the last one that there is", () => {
    const { breaker, events } = stage(flavour, { detector: overTime });
    succeed(breaker, 0);
    expect(breaker.snapshot(MAXIMUM_TIME_MS).calls).toBe(0);
    fail(breaker, MAXIMUM_TIME_MS, 5);
    expect(events).toMatchObject([{ kind: "opened", atMs: MAXIMUM_TIME_MS, calls: 5 }]);
  });

  it("may leap over any number of buckets", () => {
    const { breaker } = stage(flavour, { detector: { ...overTime, minimumCalls: 1_000 } });
    for (let nowMs = 0.5; nowMs < MAXIMUM_TIME_MS; nowMs *= 7) {
      fail(breaker, nowMs);
      const { calls } = breaker.snapshot(nowMs);
      expect(calls).toBeLessThanOrEqual(5); // 0.5, 3.5, 24.5, 171.5 and 1200.5 never meet in one window
      expect(calls).toBeGreaterThanOrEqual(1);
    }
  });
});
