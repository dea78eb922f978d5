import { describe, expect, it } from "vitest";
import { BreakerModel, MAXIMUM_TIME_MS } from "./breaker.ts";
import type { ModelOptions } from "./options.ts";
import { RandomModel } from "./random.ts";

const options: ModelOptions = {
  consecutiveFailures: 2,
  delaysMs: [100, 200],
  jitter: "none",
  decayMs: 1_000,
  probes: 1,
  successesToClose: 1,
  probeTimeoutMs: 50,
  mode: "enabled",
};

function create(overrides: Partial<ModelOptions> = {}): BreakerModel {
  return new BreakerModel({ ...options, ...overrides }, new RandomModel(0n));
}

function openAt(breaker: BreakerModel, nowMs: number): void {
  breaker.report(breaker.tryAcquire(nowMs), "failure", nowMs);
  breaker.report(breaker.tryAcquire(nowMs), "failure", nowMs);
}

describe("the model of a breaker", () => {
  it("opens, probes, closes, and says so", () => {
    const breaker = create();
    openAt(breaker, 10);
    expect(breaker.tryAcquire(109)).toBe(0);
    const probe = breaker.tryAcquire(110);
    expect(probe).toBe((3 << 8) | 1);
    expect(breaker.tryAcquire(110)).toBe(0);
    breaker.report(probe, "success", 120);
    expect(breaker.tryAcquire(120)).toBe(4 << 8);
    expect(
      breaker.events.map(({ to, cause, atMs, generation }) => ({ to, cause, atMs, generation })),
    ).toEqual([
      { to: "open", cause: "consecutive_failures", atMs: 10, generation: 2 },
      { to: "half_open", cause: "delay_ended", atMs: 110, generation: 3 },
      { to: "closed", cause: "probes_succeeded", atMs: 120, generation: 4 },
    ]);
    expect(breaker.snapshot(120)).toMatchObject({ state: "closed", refused: 2, late: 0, level: 1 });
  });

  it("waits longer after a failed probe, and less after healthy time", () => {
    const breaker = create();
    openAt(breaker, 0);
    breaker.report(breaker.tryAcquire(100), "failure", 100);
    expect(breaker.retryAfterMs(100)).toBe(200);
    breaker.report(breaker.tryAcquire(300), "success", 300);
    expect(breaker.snapshot(1_299).level).toBe(2);
    expect(breaker.snapshot(1_300).level).toBe(1);
    openAt(breaker, 2_300);
    expect(breaker.retryAfterMs(2_300)).toBe(100);
  });

  it("opens again when a lease ends, and drops what the probe then says", () => {
    const breaker = create();
    openAt(breaker, 0);
    const probe = breaker.tryAcquire(100);
    breaker.report(probe, "success", 150);
    expect(breaker.events.at(-1)).toMatchObject({
      to: "open",
      cause: "probe_timed_out",
      level: 2,
      delayMs: 200,
    });
    expect(breaker.snapshot(150).late).toBe(1);
  });

  it("opens by expiry alone, and refuses the call that finds out", () => {
    const timeWindow = {
      requiredSuccessRate: 0.6,
      minimumCalls: 2,
      slowCallMs: Number.POSITIVE_INFINITY,
      maximumSlowRate: 1,
      windowMs: 100,
      buckets: 2,
    };
    const { consecutiveFailures, ...rest } = options;
    const breaker = new BreakerModel({ ...rest, timeWindow }, new RandomModel(0n));
    breaker.report(breaker.tryAcquire(0), "success", 0, undefined, 2);
    breaker.report(breaker.tryAcquire(50), "success", 50);
    breaker.report(breaker.tryAcquire(50), "failure", 50);
    expect(breaker.tryAcquire(99)).toBeGreaterThan(0);
    expect(breaker.tryAcquire(100)).toBe(0);
    expect(breaker.events).toMatchObject([
      { cause: "success_rate_over_time_window", calls: 2, failures: 1, successRate: 0.5 },
    ]);
  });

  it("refuses nothing in shadow mode but writes down what it would have done", () => {
    const breaker = create({ mode: "shadow" });
    openAt(breaker, 0);
    const unjudged = breaker.tryAcquire(1);
    expect(unjudged).toBe((2 << 8) | 255);
    breaker.report(unjudged, "success", 1);
    expect(breaker.snapshot(1)).toMatchObject({ state: "closed", refused: 1, late: 0, retryAfterMs: 0 });
    expect(breaker.events).toMatchObject([{ to: "open", mode: "shadow" }]);
  });

  it("takes a time that went back, or is none, as the latest seen", () => {
    const breaker = create();
    openAt(breaker, 1_000);
    expect(breaker.retryAfterMs(5)).toBe(100);
    expect(breaker.retryAfterMs(Number.NaN)).toBe(100);
    expect(breaker.retryAfterMs(MAXIMUM_TIME_MS + 1)).toBe(100);
    expect(breaker.tryAcquire(Number.POSITIVE_INFINITY)).toBe(0);
    expect(breaker.tryAcquire(1_100)).toBeGreaterThan(0);
  });
});
