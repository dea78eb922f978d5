import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "../flavours.ts";
import { MAXIMUM_JUMP_MS, MAXIMUM_TIME_MS } from "../model/breaker.ts";
import { createBreaker, createOpenBreaker, fail, succeed } from "./fixture.ts";

const overTime = {
  kind: "success_rate_over_time_window",
  requiredSuccessRate: 0.8,
  minimumCalls: 5,
  windowMs: 1_000,
  buckets: 10,
} as const;

describe.each(ALL_FLAVOURS)("a clock that goes back ($name)", (flavour) => {
  it("keeps an open breaker open no longer than it would have been", () => {
    const { breaker } = createOpenBreaker(flavour);
    breaker.tryAcquire(90);
    expect(breaker.tryAcquire(0)).toBe(0);
    expect(breaker.retryAfterMs(0)).toBe(10);
    expect(breaker.tryAcquire(100)).toBeGreaterThan(0);
  });

  it("leaves no result out of the window", () => {
    const { breaker } = createBreaker(flavour, { detector: overTime });
    succeed(breaker, 5_000);
    fail(breaker, 10, 3);
    expect(breaker.snapshot(5_000)).toMatchObject({ calls: 4, failures: 3 });
    fail(breaker, 4_999);
    expect(breaker.state).toBe("open");
  });

  it("ends no lease early and none late", () => {
    const { breaker } = createOpenBreaker(flavour);
    breaker.tryAcquire(1_000);
    breaker.check(0);
    breaker.check(1_049);
    expect(breaker.state).toBe("half_open");
    breaker.check(1_050);
    expect(breaker.state).toBe("open");
  });
});

describe.each(ALL_FLAVOURS)("a time that is none ($name)", (flavour) => {
  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, MAXIMUM_TIME_MS + 1])(
    "is refused as an argument and changes nothing: %f",
    (nowMs) => {
      const { breaker, events } = createOpenBreaker(flavour);
      const before = breaker.snapshot(0);
      expect(() => breaker.tryAcquire(nowMs)).toThrow(RangeError);
      expect(() => breaker.onFailure(256, nowMs)).toThrow(RangeError);
      expect(() => breaker.reset(nowMs)).toThrow(RangeError);
      expect(breaker.snapshot(0)).toEqual(before);
      expect(events).toHaveLength(1);
    },
  );

  it("is taken as the latest seen when the clock of the registry shows it", () => {
    const { breaker } = createOpenBreaker(flavour); // its clock always shows NaN
    breaker.check(60);
    expect(breaker.tryAcquire()).toBe(0);
    expect(breaker.retryAfterMs()).toBe(40);
    expect(breaker.snapshot()).toMatchObject({ state: "open", retryAfterMs: 40 });
    breaker.check(100);
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
  });
});

describe.each(ALL_FLAVOURS)("any time in between ($name)", (flavour) => {
  it("may be 0, a fraction, or the year 2095", () => {
    for (const startMs of [0, 0.1, 1_767_225_600_000.25, MAXIMUM_TIME_MS - 1_000]) {
      const { breaker, events } = createBreaker(flavour, { detector: overTime });
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
    const { breaker, events } = createBreaker(flavour, { detector: overTime });
    succeed(breaker, 0);
    expect(breaker.snapshot(MAXIMUM_TIME_MS).calls).toBe(0);
    fail(breaker, MAXIMUM_TIME_MS, 5);
    expect(events).toMatchObject([{ kind: "opened", atMs: MAXIMUM_TIME_MS, calls: 5 }]);
  });

  it("may leap over any number of buckets", () => {
    const { breaker } = createBreaker(flavour, { detector: { ...overTime, minimumCalls: 1_000 } });
    for (let nowMs = 0.5; nowMs < MAXIMUM_JUMP_MS; nowMs *= 7) {
      fail(breaker, nowMs);
      const { calls } = breaker.snapshot(nowMs);
      expect(calls).toBeLessThanOrEqual(5); // 0.5, 3.5, 24.5, 171.5 and 1200.5 never meet in one window
      expect(calls).toBeGreaterThanOrEqual(1);
    }
  });
});

const DAY_MS = 86_400_000;
const START_MS = 1_767_225_600_000;

describe.each(ALL_FLAVOURS)("a time far ahead ($name)", (flavour) => {
  it("counts as two days ahead of the latest seen", () => {
    const { breaker, events } = createBreaker(flavour, { detector: overTime });
    succeed(breaker, START_MS);
    breaker.tryAcquire(START_MS * 1.3);
    fail(breaker, START_MS + 4 * DAY_MS - 1, 5);
    expect(events.at(-1)).toMatchObject({ kind: "opened", atMs: START_MS + 4 * DAY_MS - 1 });
  });

  it("counts so in a snapshot, which sees no time", () => {
    const { breaker } = createBreaker(flavour, {
      decayMs: 86_400_000,
      backoff: { kind: "constant", delayMs: 1 },
    });
    fail(breaker, START_MS, 2);
    breaker.onSuccess(breaker.tryAcquire(START_MS + 1), START_MS + 1);
    fail(breaker, START_MS + 1, 2);
    breaker.onSuccess(breaker.tryAcquire(START_MS + 2), START_MS + 2);
    expect(breaker.snapshot(START_MS + DAY_MS).level).toBe(2);
    expect(breaker.snapshot(START_MS + 2 + DAY_MS).level).toBe(1);
    expect(breaker.snapshot(START_MS + 5).level).toBe(2);
  });

  it("counts so in the share and in the time until a retry", () => {
    const ramp = { shares: [0.1, 0.2, 0.3, 0.4], stepMs: DAY_MS };
    const { breaker } = createBreaker(flavour, { halfOpen: { ramp } });
    fail(breaker, START_MS, 2);
    succeed(breaker, START_MS + 100);
    expect(breaker.snapshot(START_MS + 100).share).toBe(0.1);
    expect(breaker.snapshot(START_MS * 1.3).share).toBe(0.3);
    const other = createOpenBreaker(flavour).breaker;
    other.check(1);
    other._core.exports.hold(other._id, other._stripe, 3 * DAY_MS, 1, other._seen);
    expect(other.retryAfterMs(START_MS)).toBe(DAY_MS - 1);
  });

  it("counts so in what a failure asks for", () => {
    const { breaker } = createBreaker(flavour);
    breaker.check(START_MS);
    fail(breaker, START_MS);
    breaker.onFailure(breaker.tryAcquire(START_MS), START_MS * 1.3, undefined, 1, 1_000);
    expect(breaker.retryAfterMs(START_MS)).toBe(1_000);
  });

  it("may be the first that a breaker sees", () => {
    const { breaker, events } = createBreaker(flavour);
    fail(breaker, START_MS, 2);
    expect(events).toMatchObject([{ kind: "opened", atMs: START_MS }]);
  });

  it.each([
    ["consecutive failures", undefined],
    ["a count window", { kind: "success_rate_over_count_window", calls: 10, minimumCalls: 2 }],
  ] as const)("counts so on the fast path of a breaker with %s", (_, detector) => {
    const { breaker, events } = createBreaker(flavour, detector && { detector });
    for (const ahead of [0, 1, 2, 1e6]) succeed(breaker, START_MS + ahead, 3);
    succeed(breaker, START_MS * 1.2, 1);
    fail(breaker, START_MS, 30);
    expect(events[0]?.kind).toBe("opened");
    expect(events[0]?.atMs).toBeGreaterThan(START_MS + 2 * DAY_MS);
    expect(events[0]?.atMs).toBeLessThanOrEqual(START_MS + 1e6 + 4 * DAY_MS); // admitted, then reported
  });

  it("counts so while it is refused", () => {
    const { breaker } = createOpenBreaker(flavour);
    breaker.reset(START_MS);
    fail(breaker, START_MS, 2);
    breaker._core.exports.hold(breaker._id, breaker._stripe, START_MS + 20 * DAY_MS, START_MS, breaker._seen);
    expect(breaker.tryAcquire(START_MS + 10 * DAY_MS)).toBe(0);
    expect(breaker.retryAfterMs(START_MS)).toBe(18 * DAY_MS);
  });
});

describe.each(ALL_FLAVOURS)("a reset to an earlier time ($name)", (flavour) => {
  it("is the way out after a time that was wrong", () => {
    const { breaker, events } = createBreaker(flavour, { detector: overTime });
    succeed(breaker, START_MS);
    fail(breaker, START_MS + 2 * DAY_MS, 5);
    expect(breaker.retryAfterMs(START_MS)).toBe(100);
    breaker.reset(START_MS + 5);
    expect(events.at(-1)).toMatchObject({ kind: "reset", atMs: START_MS + 5 });
    fail(breaker, START_MS + 6, 4);
    succeed(breaker, START_MS + 6);
    expect(events.at(-1)).toMatchObject({ kind: "opened", atMs: START_MS + 6, calls: 5 });
    expect(breaker.retryAfterMs(START_MS + 6)).toBe(100);
    expect(breaker.tryAcquire(START_MS + 106)).toBeGreaterThan(0);
  });

  it("lets calls leave the window again", () => {
    const { breaker } = createBreaker(flavour, { detector: { ...overTime, minimumCalls: 1_000 } });
    fail(breaker, START_MS + DAY_MS, 3);
    breaker.reset(START_MS);
    fail(breaker, START_MS, 2);
    expect(breaker.snapshot(START_MS)).toMatchObject({ calls: 2 });
    expect(breaker.snapshot(START_MS + 1_000)).toMatchObject({ calls: 0 });
    fail(breaker, START_MS + 1_000);
    expect(breaker.snapshot(START_MS + 1_000)).toMatchObject({ calls: 1 });
  });

  it("keeps the latest time seen where the clock shows none", () => {
    const { breaker, events } = createBreaker(flavour);
    breaker.check(1_000);
    breaker.reset(); // its clock shows NaN
    expect(events.at(-1)).toMatchObject({ kind: "reset", atMs: 1_000 });
  });
});
