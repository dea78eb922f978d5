import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { measureLatency } from "../../src/entry/latency.ts";
import { configure } from "../../src/features/configure.ts";
import { evictIdle } from "../../src/features/eviction.ts";
import { type ManualClock, manualClock } from "../../src/features/testing.ts";

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock });
  return { clock, registry, api: registry.get("api"), mail: registry.get("mail") };
}

/** A call of so many ms on that clock. */
async function call(breaker: CircuitBreaker, clock: ManualClock, ms: number): Promise<void> {
  await breaker.execute(async () => void (await clock.advance(ms)));
}

/** A report of a success of so many ms. */
function report(breaker: CircuitBreaker, durationMs: number, weight = 1): void {
  breaker.onSuccess(breaker.tryAcquire(), undefined, durationMs, weight);
}

describe("latency of a breaker", () => {
  it("has the percentiles of its calls, and of no other breaker's", async () => {
    const { clock, api, mail } = setUp();
    const latency = measureLatency(api, { significantDigits: 3 });
    for (let ms = 1; ms <= 100; ms++) await call(api, clock, ms);
    await call(mail, clock, 9_000);
    const { calls, ...times } = latency.snapshot();
    expect(calls).toBe(100);
    const expected = { meanMs: 50.5, maximumMs: 100, p50Ms: 50, p90Ms: 90, p99Ms: 99, p999Ms: 100 };
    for (const [name, ms] of Object.entries(expected)) {
      expect(Math.abs(times[name as keyof typeof times] - ms), name).toBeLessThanOrEqual(ms / 1_000);
    }
    expect(latency.percentile(25)).toBeCloseTo(25, 1);
  });

  it("counts failures, durations given with a ticket, and weights; not calls of unknown duration", async () => {
    const { clock, api } = setUp();
    using latency = measureLatency(api);
    report(api, 10, 8);
    api.onFailure(api.tryAcquire(), undefined, 0.5);
    api.onSuccess(api.tryAcquire());
    await api
      .execute(async () => {
        await clock.advance(20);
        throw new Error("down");
      })
      .catch(() => {});
    const throwDown = () => {
      throw new Error("down");
    };
    expect(() => api.executeSync(throwDown)).toThrow("down");
    expect(latency.snapshot()).toMatchObject({ calls: 11, p50Ms: expect.closeTo(10, 0) });
    expect(latency.percentile(0)).toBe(0);
    expect(latency.percentile(100)).toBeCloseTo(20, 0);
  });

  it("forgets calls that have left its window", () => {
    const { clock, api } = setUp();
    const latency = measureLatency(api, { windowMs: 6_000 });
    report(api, 50);
    void clock.advance(3_000);
    report(api, 10);
    expect(latency.snapshot()).toMatchObject({ calls: 2, maximumMs: expect.closeTo(50, 0) });
    void clock.advance(3_001);
    expect(latency.snapshot()).toMatchObject({ calls: 1, maximumMs: expect.closeTo(10, 0) });
    void clock.advance(60_000);
    expect(latency.snapshot()).toEqual({
      ...{ calls: 0, meanMs: 0, maximumMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, p999Ms: 0 },
    });
    report(api, 7);
    expect(latency.percentile(50)).toBeCloseTo(7, 0);
    latency.reset();
    expect(latency.percentile(50)).toBe(0);
  });

  it("times fast calls that succeed, and only while calls are measured", async () => {
    const { clock, api } = setUp();
    const fn = async () => void (await clock.advance(3));
    await api.execute(fn);
    expect(api._policy.isPlain).toBe(true);
    const latency = measureLatency(api);
    for (let n = 0; n < 5; n++) await api.execute(fn);
    expect(latency.snapshot()).toMatchObject({ calls: 5, p50Ms: expect.closeTo(3, 0) });
    latency.stop();
    await api.execute(fn);
    expect([api._policy.isPlain, latency.snapshot().calls]).toEqual([true, 5]);
  });

  it("leaves a slowCallMs as it is", () => {
    const { registry, api } = setUp();
    const slow = registry.get("slow", { detector: { slowCallMs: 5 } });
    const times = () => [api._policy.slowCallMs, slow._policy.slowCallMs];
    const latency = measureLatency(registry);
    const later = registry.get("later", { decayMs: 1 });
    expect(times()).toEqual([Number.MAX_VALUE, 5]);
    expect(later._policy.slowCallMs).toBe(Number.MAX_VALUE);
    report(slow, 6);
    expect([slow.snapshot().slow, latency.snapshot().calls]).toEqual([1, 1]);
    latency.stop();
    expect(times()).toEqual([Number.POSITIVE_INFINITY, 5]);
    expect(later._policy.slowCallMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("is measured by several at once, which stop in any order", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const { registry, api, mail } = setUp();
      const { succeed, fail } = registry._core.exports;
      const all = [measureLatency(api), measureLatency(registry), measureLatency(api)];
      const calls = () => all.map((latency) => latency.snapshot().calls);
      report(api, 10);
      report(mail, 10);
      expect(calls()).toEqual([1, 2, 1]);
      const expected = [1, 2, 1];
      for (const index of order) {
        all[index]!.stop();
        all[index]!.stop();
        report(api, 10);
        for (const still of order.slice(order.indexOf(index) + 1)) expected[still]!++;
        expect(calls()).toEqual(expected);
      }
      expect(registry._core.exports.succeed).toBe(succeed);
      expect(registry._core.exports.fail).toBe(fail);
      expect(api._policy.isPlain).toBe(true);
      const again = measureLatency(api);
      report(api, 1);
      expect(again.snapshot().calls).toBe(1);
    }
  });

  it("shows no other breaker's calls after an eviction, in whose block another one lives", () => {
    const { clock, registry, api } = setUp();
    const latency = measureLatency(api);
    void clock.advance(60_000);
    expect(evictIdle(registry)).toBe(2);
    for (let n = 0; n < 4; n++) report(registry.get(`other ${n}`), 500);
    expect(latency.snapshot().calls).toBe(0);
    report(registry.get("api"), 10); // a new object
    report(api, 10);
    expect(latency.snapshot()).toMatchObject({ calls: 2, maximumMs: expect.closeTo(10, 0) });
  });

  it("goes on when its breaker has moved, and shows no breaker that lives where it was", () => {
    const { registry, api } = setUp();
    for (const breaker of [api, new CircuitBreaker("alone")]) {
      const latency = measureLatency(breaker);
      report(breaker, 10);
      configure(breaker, { halfOpen: { probes: 30 } });
      report(breaker, 10);
      report(registry.get("where it was"), 500);
      const other = new CircuitBreaker("another");
      report(other, 500);
      expect(latency.snapshot()).toMatchObject({ calls: 2, maximumMs: expect.closeTo(10, 0) });
      latency.stop();
    }
  });

  it("goes on with the breaker that is made anew after a deletion", () => {
    const { registry, api, mail } = setUp();
    const latency = measureLatency(api);
    const removed = measureLatency(registry.get("removed"));
    const ticket = api.tryAcquire();
    registry.delete("api");
    api.onSuccess(ticket, undefined, 500);
    report(mail, 500);
    report(registry.get("api"), 10);
    expect(latency.snapshot()).toMatchObject({ calls: 1, maximumMs: expect.closeTo(10, 0) });
    expect(removed.snapshot().calls).toBe(0);
  });

  it("of one that belongs to no registry has its own calls only", () => {
    const [one, two] = [new CircuitBreaker("same name"), new CircuitBreaker("same name")];
    using latency = measureLatency(one);
    report(one, 10);
    report(two, 500);
    const ticket = two.tryAcquire();
    one[Symbol.dispose]();
    two[Symbol.dispose]();
    two.onSuccess(ticket, undefined, 500);
    expect(latency.snapshot()).toMatchObject({ calls: 1, maximumMs: expect.closeTo(10, 0) });
  });

  it("changes nothing that a breaker does", () => {
    const breaker = new CircuitBreaker("api", {
      detector: { kind: "success_rate_over_count_window", minimumCalls: 1 },
    });
    using latency = measureLatency(breaker);
    breaker.onFailure(breaker.tryAcquire(), undefined, 1e9);
    expect(breaker.state).toBe("open");
    expect(latency.snapshot().maximumMs).toBeCloseTo(86_400_000, -6); // a day at most
  });

  it("counts beyond 2^32 calls", () => {
    for (const options of [{}, { windowMs: 86_400_000 }]) {
      const { api } = setUp();
      using latency = measureLatency(api, options);
      for (let n = 0; n < 4_500; n++) report(api, 10, 1_000_000);
      for (let n = 0; n < 500; n++) report(api, 100, 1_000_000);
      expect(latency.snapshot()).toMatchObject({
        calls: 5e9,
        meanMs: expect.closeTo(19, 0),
        p50Ms: expect.closeTo(10, 0),
        p99Ms: expect.closeTo(100, -1),
      });
    }
  });

  it("measures a registry of many breakers", () => {
    const { registry } = setUp();
    const latency = measureLatency(registry);
    for (let n = 0; n < 10_000; n++) report(registry.get(`endpoint ${n}`), 1 + (n % 100));
    expect(latency.snapshot()).toMatchObject({ calls: 10_000, p50Ms: expect.closeTo(50, 0) });
  });

  it("refuses bad options before it measures", () => {
    const { api } = setUp();
    for (const [options, message] of [
      [{ windowMs: 0 }, "windowMs must be 1 to 86400000, got 0"],
      [{ significantDigits: 6 }, "significantDigits must be a whole number from 1 to 5, got 6"],
      [{ window: 5 }, 'unknown option "window"; expected one of windowMs, significantDigits'],
    ] as const) {
      expect(() => measureLatency(api, options as never)).toThrow(message);
    }
    expect(api._policy.isPlain).toBe(true);
    expect(() => measureLatency(api).percentile(101)).toThrow("percent must be 0 to 100, got 101");
    expect(() => measureLatency(api).snapshot(-1)).toThrow(/^nowMs must be 0 to /);
  });
});
