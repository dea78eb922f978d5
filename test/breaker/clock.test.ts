import { describe, expect, it } from "vitest";
import { lendingClock } from "../../src/breaker/clock.ts";
import { coarseClock, systemClock } from "../../src/entry/main.ts";

/** A clock over time that the test sets, and timers that run when the test says so. */
function setUp(canTick = true) {
  systemClock(); // readings are lent while the source of time is the one that was seen last
  let exactMs = 1_000;
  let readings = 0;
  const timers: (() => void)[] = [];
  const exact = () => {
    readings++;
    return exactMs;
  };
  const clock = lendingClock(exact, (run) => {
    if (canTick) timers.push(run);
    return canTick;
  });
  return {
    clock,
    timers,
    pass: (ms: number) => {
      exactMs += ms;
    },
    /** Exact readings that `count` readings cost. */
    cost: (count: number) => {
      const before = readings;
      for (let n = 0; n < count; n++) clock();
      return readings - before;
    },
  };
}

describe("the coarse clock", () => {
  it("reads exactly, and starts no timer, while it is read less than eight times a millisecond", () => {
    const { clock, pass, timers } = setUp();
    for (let n = 0; n < 100; n++) {
      pass(1);
      expect(clock()).toBe(1_000 + n + 1);
      expect(clock()).toBe(1_000 + n + 1);
    }
    expect(timers).toHaveLength(0);
  });

  it("lends one reading to 31 more under load, and never more", () => {
    const { clock, cost, pass } = setUp();
    cost(9);
    expect(cost(32 * 100)).toBe(100);
    const before = clock();
    pass(500);
    const seen = Array.from({ length: 32 }, () => clock());
    expect(seen.indexOf(before + 500)).toBeLessThanOrEqual(31);
    expect(seen.at(-1)).toBe(before + 500);
  });

  it("calls the loan in after a millisecond, when the timer runs", () => {
    const { clock, cost, pass, timers } = setUp();
    cost(10);
    expect(timers).toHaveLength(1);
    pass(3);
    expect(clock()).toBe(1_000);
    timers[0]!();
    expect(clock()).toBe(1_003);
  });

  it("keeps one timer at a time, and none when it is idle", () => {
    const { cost, timers } = setUp();
    cost(1_000);
    expect(timers).toHaveLength(1);
    timers[0]!();
    expect(timers).toHaveLength(1);
  });

  it("starts another timer when one is lost", () => {
    const { cost, pass, timers } = setUp();
    cost(10);
    for (let ms = 0; ms < 1_200; ms++) {
      pass(0.9);
      cost(40);
    }
    expect(timers).toHaveLength(2);
  });

  it("lends nothing where there are no timers that hold no process open", () => {
    const { cost } = setUp(false);
    expect(cost(100)).toBe(100);
  });

  it("never goes back, and is never ahead of the exact one", () => {
    const seen = Array.from({ length: 100_000 }, () => coarseClock());
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThanOrEqual(systemClock());
  });

  it("gives an exact reading for durations", () => {
    const { clock, cost, pass } = setUp();
    cost(10);
    pass(3);
    expect([clock(), clock.exact?.()]).toEqual([1_000, 1_003]);
  });
});
