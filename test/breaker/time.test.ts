/** Clocks that go wrong, and stamps far ahead. */
import { describe, expect, it } from "vitest";
import { MAXIMUM_TIME_MS } from "../../src/breaker/clock.ts";
import { CircuitBreaker, CircuitBreakerRegistry, resetAll } from "../../src/entry/main.ts";
import { createBreaker, FRAGILE, openByFailures } from "./fixture.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);

/** A fragile breaker, and its clock as a variable. */
function setUp(options: object = {}) {
  const time = { now: NOW as unknown };
  const breaker = new CircuitBreaker("api", { ...FRAGILE, clock: () => time.now as number, ...options });
  return { time, breaker };
}

describe("the option clock", () => {
  it.each([null, 7, "now", {}, Promise.resolve(1)])("refuses %s: it is no function", (clock) => {
    const message = /^clock must be a function that returns ms, got /;
    expect(() => new CircuitBreaker("a", { clock: clock as never })).toThrow(message);
    expect(() => new CircuitBreakerRegistry({ clock: clock as never })).toThrow(message);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, MAXIMUM_TIME_MS + 1, "5", 5n])(
    "refuses a function whose first reading is %s, which is no time",
    (reading) => {
      const message = /^nowMs must be 0 to 3974400000000 \(ms\), got /;
      expect(() => new CircuitBreaker("a", { clock: () => reading as number })).toThrow(message);
      expect(() => new CircuitBreakerRegistry({ clock: () => reading as number })).toThrow(message);
    },
  );

  it("hands on what the function throws at its first reading, and makes nothing", () => {
    const clock = () => {
      throw new Error("no clock");
    };
    expect(() => new CircuitBreaker("a", { clock })).toThrow("no clock");
  });
});

describe("a clock", () => {
  it("that gives what is no time gives the latest one", () => {
    const { time, breaker } = setUp();
    for (const reading of [Number.NaN, -1, Number.POSITIVE_INFINITY, "7", undefined, null, 1e300, {}]) {
      time.now = reading;
      openByFailures(breaker);
      expect([breaker.state, breaker.retryAfterMs()]).toEqual(["open", 100]);
      time.now = NOW;
      breaker.reset();
    }
  });

  it("that is an hour ahead once lets a delay of 100 ms last 100 ms", () => {
    for (const at of ["before", "during", "after"]) {
      const { time, breaker } = setUp();
      const hop = () => {
        time.now = NOW + 3_600_000;
        breaker.release(breaker.tryAcquire());
        time.now = NOW + 1;
      };
      if (at === "before") hop();
      if (at === "during") time.now = NOW + 3_600_000;
      openByFailures(breaker);
      if (at === "during") time.now = NOW + 1;
      if (at === "after") hop();
      expect(breaker.retryAfterMs()).toBeLessThanOrEqual(100);
      time.now = NOW + 110;
      breaker.check();
      expect(breaker.state).toBe("half_open");
    }
  });

  it("that goes back by an hour, or steps back and forth by seconds, goes on from the latest reading", () => {
    const { time, breaker } = setUp();
    time.now = NOW - 3_600_000;
    openByFailures(breaker);
    time.now = NOW - 3_600_000 + 100;
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
    breaker.reset();
    for (let step = 0; step < 10; step++) {
      time.now = NOW + (step % 2) * 5_000;
      breaker.check();
    }
    openByFailures(breaker);
    expect(breaker.retryAfterMs()).toBeLessThanOrEqual(100);
  });

  it.each([
    ["sixty years ahead", NOW + 60 * 365 * DAY_MS],
    ["at the end of time", MAXIMUM_TIME_MS],
  ])("that is %s once wedges nothing", (_, wrongMs) => {
    for (const isOpen of [false, true]) {
      const { time, breaker } = setUp();
      if (isOpen) openByFailures(breaker);
      time.now = wrongMs;
      breaker.check();
      breaker.release(breaker.tryAcquire());
      time.now = NOW + 1;
      breaker.reset();
      openByFailures(breaker);
      expect(breaker.retryAfterMs()).toBeLessThanOrEqual(100);
      time.now = NOW + 200;
      expect(breaker.tryAcquire()).toBeGreaterThan(0);
    }
  });

  it("that jumps by years for good, as of a device that gets the time late, goes on", () => {
    const { time, breaker } = setUp({ clock: undefined });
    const late = new CircuitBreaker("late", { ...FRAGILE, clock: () => time.now as number });
    time.now = NOW + 20 * 365 * DAY_MS;
    openByFailures(late);
    time.now = NOW + 20 * 365 * DAY_MS + 100;
    expect(late.tryAcquire()).toBeGreaterThan(0);
    expect(breaker.state).toBe("closed");
  });
});

describe("a time given by hand", () => {
  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 4e12, "5", null, 5n])(
    "is refused if it is %s",
    (time) => {
      const { breaker } = createBreaker();
      const registry = new CircuitBreakerRegistry();
      const nowMs = time as number;
      const message = /^nowMs must be 0 to 3974400000000 \(ms\), got /;
      const calls = [
        () => breaker.tryAcquire(nowMs),
        () => breaker.onSuccess(1, nowMs),
        () => breaker.onFailure(1, nowMs),
        () => breaker.release(1, nowMs),
        () => breaker.check(nowMs),
        () => breaker.snapshot(nowMs),
        () => breaker.retryAfterMs(nowMs),
        () => breaker.forceOpen(nowMs),
        () => breaker.enable(nowMs),
        () => breaker.disable(nowMs),
        () => breaker.shadow(nowMs),
        () => breaker.reset(nowMs),
        () => breaker.trip(nowMs),
        () => resetAll(registry, undefined, nowMs),
      ];
      for (const call of calls) expect(call).toThrow(message);
      expect(breaker.snapshot()).toMatchObject({ state: "closed", mode: "enabled", generation: 1 });
    },
  );

  it("of the year 2093 counts as two days ahead, and reset() heals", () => {
    const { time, breaker } = setUp();
    breaker.onSuccess(breaker.tryAcquire());
    for (let call = 0; call < 2; call++) breaker.onFailure(breaker.tryAcquire(), Date.UTC(2093));
    const { opened } = breaker.snapshot();
    expect(breaker.state).toBe("open");
    expect(opened!.atMs).toBeLessThanOrEqual(NOW + 4 * DAY_MS);
    breaker.reset();
    expect([breaker.state, breaker.tryAcquire() > 0]).toEqual(["closed", true]);
    openByFailures(breaker);
    time.now = NOW + 100;
    expect(breaker.tryAcquire()).toBeGreaterThan(0);
  });

  it("of the year 2093 holds a breaker open for no longer than holdMs after that", () => {
    const { breaker } = setUp();
    breaker.onSuccess(breaker.tryAcquire());
    for (let call = 0; call < 2; call++) {
      breaker.onFailure(breaker.tryAcquire(), Date.UTC(2093), undefined, 1, 5_000);
    }
    const { opened } = breaker.snapshot();
    expect(breaker.retryAfterMs(opened!.atMs)).toBe(5_000);
  });

  it("as the first one may be any", () => {
    const breaker = new CircuitBreaker("a", FRAGILE);
    for (let call = 0; call < 2; call++) breaker.onFailure(breaker.tryAcquire(5), 5);
    expect(breaker.retryAfterMs(5)).toBe(100);
    const far = new CircuitBreakerRegistry().get("b");
    expect(far.tryAcquire(MAXIMUM_TIME_MS)).toBeGreaterThan(0);
  });
});
