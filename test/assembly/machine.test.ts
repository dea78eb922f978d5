/** Faults that other circuit breakers have, each of them so that ours cannot have it. */

import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, createOpenBreaker, fail, succeed } from "./fixture.ts";

const HOUR_MS = 3_600_000;
/** The defaults of the library. */
const DEFAULTS = {
  detector: "success_rate_over_time_window",
  backoff: "exponential",
  decayMs: 10_000,
  halfOpen: { probes: 1, successesToClose: 1, probeTimeoutMs: 30_000 },
} as const;

describe.each(ALL_FLAVOURS)("the window ($name)", (flavour) => {
  it("has forgotten the failures of an hour ago, though nobody called since", () => {
    const { breaker } = createBreaker(flavour, DEFAULTS);
    fail(breaker, 0, 19);
    expect(breaker.snapshot(HOUR_MS).calls).toBe(0);
    fail(breaker, HOUR_MS);
    expect(breaker.snapshot(HOUR_MS)).toMatchObject({ state: "closed", calls: 1 });
  });

  it("does not drift: after a million seconds its buckets begin where they began", () => {
    const { breaker } = createBreaker(flavour, DEFAULTS);
    for (let nowMs = 999.5; nowMs < 1e9; nowMs += 99_999_900) {
      const bucketEndMs = Math.ceil(nowMs / 1_000) * 1_000;
      succeed(breaker, nowMs);
      expect(breaker.snapshot(bucketEndMs + 9_000 - 0.001).calls).toBe(1);
      expect(breaker.snapshot(bucketEndMs + 9_000).calls).toBe(0);
    }
  });

  it("counts results of the same millisecond in full", () => {
    const { breaker } = createBreaker(flavour, DEFAULTS);
    succeed(breaker, 5);
    fail(breaker, 5, 19);
    expect(breaker.state).toBe("open");
  });

  it("counts a call that took longer than the window is long", () => {
    const { breaker } = createBreaker(flavour, DEFAULTS);
    const tickets = Array.from({ length: 20 }, () => breaker.tryAcquire(0));
    for (const ticket of tickets) breaker.onFailure(ticket, HOUR_MS);
    expect(breaker.state).toBe("open");
  });

  it("knows rates between 0 and 1: it opens above 20 % of failures, not at 20 %", () => {
    const { breaker } = createBreaker(flavour, DEFAULTS);
    succeed(breaker, 0, 80);
    fail(breaker, 0, 20);
    expect(breaker.state).toBe("closed");
    fail(breaker, 0);
    expect(breaker.state).toBe("open");
  });

  it("does not open at the very first failure by default", () => {
    const { breaker } = createBreaker(flavour, DEFAULTS);
    fail(breaker, 0, 19);
    expect(breaker.state).toBe("closed");
  });
});

describe.each(ALL_FLAVOURS)("the half-open state ($name)", (flavour) => {
  it("lets one in and refuses a thousand others, before and after the probe's answer comes back slowly", () => {
    const { breaker } = createOpenBreaker(flavour);
    const probe = breaker.tryAcquire(100);
    for (let i = 0; i < 500; i++) expect(breaker.tryAcquire(110)).toBe(0);
    breaker.onFailure(probe, 149);
    for (let i = 0; i < 500; i++) expect(breaker.tryAcquire(149)).toBe(0);
    expect(breaker.snapshot(149).refused).toBe(1_000);
  });

  it("is left without help when every probe is lost, again and again", () => {
    const { breaker, events } = createOpenBreaker(flavour, { halfOpen: { probes: 3, probeTimeoutMs: 50 } });
    for (let nowMs = 0; nowMs < 10_000; nowMs += 10) breaker.tryAcquire(nowMs);
    expect(events.filter(({ cause }) => cause === "probe_timed_out").length).toBeGreaterThan(30);
    succeed(breaker, 20_000);
    expect(breaker.state).toBe("closed");
  });

  it("is not decided by a result of a call from before the breaker opened", () => {
    for (const deed of ["onSuccess", "onFailure", "release"] as const) {
      const { breaker } = createBreaker(flavour);
      const old = breaker.tryAcquire(0);
      fail(breaker, 0, 2);
      breaker.tryAcquire(100);
      breaker[deed](old, 101);
      expect(breaker.state).toBe("half_open");
      expect(breaker.tryAcquire(101)).toBe(0);
    }
  });

  it("is neither closed nor opened by a caller who gives up", () => {
    const { breaker } = createOpenBreaker(flavour);
    breaker.release(breaker.tryAcquire(100), 110);
    expect(breaker.state).toBe("half_open");
    succeed(breaker, 110);
    expect(breaker.state).toBe("closed");
  });
});

describe.each(ALL_FLAVOURS)("what a person does ($name)", (flavour) => {
  it("lasts: a breaker opened by hand is open after a year", () => {
    const { breaker } = createBreaker(flavour);
    breaker.forceOpen(0);
    expect(breaker.tryAcquire(365 * 24 * HOUR_MS)).toBe(0);
  });

  it("is complete: closed by hand, it does not open again at the next failure", () => {
    const { breaker } = createBreaker(flavour, DEFAULTS);
    fail(breaker, 0, 20);
    breaker.reset(1);
    fail(breaker, 1, 19);
    expect(breaker.state).toBe("closed");
  });
});

describe.each(ALL_FLAVOURS)("the backoff ($name)", (flavour) => {
  it("goes on growing when the endpoint answers one probe and fails again at once", () => {
    const { breaker, events } = createOpenBreaker(flavour, {
      ...DEFAULTS,
      detector: { kind: "consecutive_failures", failures: 2 },
      backoff: { kind: "exponential", maximumMs: 60_000 },
    });
    for (let round = 0; round < 5; round++) {
      const nowMs = events.at(-1)?.retryAtMs ?? 0;
      succeed(breaker, nowMs);
      fail(breaker, nowMs, 2);
    }
    const delays = events.filter(({ kind }) => kind === "opened").map(({ delayMs }) => delayMs);
    for (const [level, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(500 * 2 ** level);
      expect(delay).toBeLessThan(1_000 * 2 ** level);
    }
  });
});

describe.each(ALL_FLAVOURS)("a listener ($name)", (flavour) => {
  it("may ask the breaker for its state, and use it, inside the call that changed it", () => {
    const { breaker, events } = createBreaker(flavour);
    const seen: string[] = [];
    breaker.on("opened", ({ generation }) => {
      seen.push(breaker.state);
      if (generation === 2) breaker.reset(0);
    });
    fail(breaker, 0, 2);
    expect(seen).toEqual(["open"]);
    expect(events.map(({ kind }) => kind)).toEqual(["opened", "reset"]);
    expect(breaker.state).toBe("closed");
  });
});
