import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CircuitBreaker, CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { measureLatency } from "../../src/entry/percentiles.ts";
import { CircuitBreakerRegistry as SharedRegistry } from "../../src/entry/shared.ts";
import { manualClock } from "../../src/entry/testing.ts";

const ROOT = join(import.meta.dirname, "../..");

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock });
  return { clock, registry, api: registry.get("api"), mail: registry.get("mail") };
}

type Breaker = ReturnType<typeof setUp>["api"];

/** A call of so many ms on that clock. */
async function call(breaker: Breaker, clock: ReturnType<typeof manualClock>, ms: number): Promise<void> {
  await breaker.execute(async () => void (await clock.advance(ms)));
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

  it("counts failures, tickets that say how long it took, and their weights; not what nobody timed", async () => {
    const { clock, api } = setUp();
    using latency = measureLatency(api);
    api.onSuccess(api.tryAcquire(), undefined, 10, 8);
    api.onFailure(api.tryAcquire(), undefined, 0.5);
    api.onSuccess(api.tryAcquire());
    await api
      .execute(async () => {
        await clock.advance(20);
        throw new Error("down");
      })
      .catch(() => {});
    expect(() =>
      api.executeSync(() => {
        throw new Error("down");
      }),
    ).toThrow("down");
    expect(latency.snapshot()).toMatchObject({ calls: 11, p50Ms: expect.closeTo(10, 0) });
    expect(latency.percentile(0)).toBe(0);
    expect(latency.percentile(100)).toBeCloseTo(20, 0);
  });

  it("forgets calls that have left its window", async () => {
    const { clock, api } = setUp();
    const latency = measureLatency(api, { windowMs: 6_000 });
    api.onSuccess(api.tryAcquire(), undefined, 50);
    void clock.advance(3_000);
    api.onSuccess(api.tryAcquire(), undefined, 10);
    expect(latency.snapshot()).toMatchObject({ calls: 2, maximumMs: expect.closeTo(50, 0) });
    void clock.advance(3_001);
    expect(latency.snapshot()).toMatchObject({ calls: 1, maximumMs: expect.closeTo(10, 0) });
    void clock.advance(60_000);
    expect(latency.snapshot()).toEqual({
      ...{ calls: 0, meanMs: 0, maximumMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, p999Ms: 0 },
    });
    api.onSuccess(api.tryAcquire(), undefined, 7);
    expect(latency.percentile(50)).toBeCloseTo(7, 0);
    latency.reset();
    expect(latency.percentile(50)).toBe(0);
  });

  it("takes the time of calls only while somebody measures", async () => {
    const { registry, api } = setUp();
    const slow = registry.get("slow", { detector: { kind: "success_rate_over_time_window", slowCallMs: 5 } });
    expect([api.slowCallMs, slow.slowCallMs]).toEqual([Number.POSITIVE_INFINITY, 5]);
    const [one, two] = [measureLatency(api), measureLatency(registry)];
    const later = registry.get("later", { decayMs: 1 });
    expect([api, slow, later].map(({ slowCallMs }) => Number.isFinite(slowCallMs))).toEqual([
      true,
      true,
      true,
    ]);
    one.stop();
    one.stop();
    expect(Number.isFinite(api.slowCallMs)).toBe(true);
    two.stop();
    expect([api.slowCallMs, slow.slowCallMs, later.slowCallMs]).toEqual([
      Number.POSITIVE_INFINITY,
      5,
      Number.POSITIVE_INFINITY,
    ]);
    api.onSuccess(api.tryAcquire(), undefined, 10);
    expect([one.snapshot().calls, two.snapshot().calls]).toEqual([0, 0]);
  });

  it("goes on when its breaker was evicted, configured and made anew", () => {
    const { clock, registry, api } = setUp();
    const latency = measureLatency(api);
    void clock.advance(60_000);
    expect(registry.evictIdle()).toBe(2);
    registry.get("other");
    api.onSuccess(api.tryAcquire(), undefined, 10);
    api.configure({ halfOpen: { probes: 3 } });
    api.onSuccess(api.tryAcquire(), undefined, 10);
    expect(latency.snapshot().calls).toBe(2);
  });

  it("changes nothing that a breaker does, slow calls and refusals by a thread that has left included", () => {
    const breaker = new CircuitBreaker("api", {
      detector: { kind: "success_rate_over_count_window", minimumCalls: 1 },
    });
    using _latency = measureLatency(breaker);
    breaker.onFailure(breaker.tryAcquire(), undefined, 1e9);
    expect(breaker.state).toBe("open");
    const shared = SharedRegistry.shared({ threads: 1 });
    const attached = SharedRegistry.attach(shared.handle());
    const latency = measureLatency(attached);
    attached.detach();
    latency.stop();
    expect(() => attached.get("a")).toThrow(/detached/);
  });

  it("refuses options that are none", () => {
    const { api } = setUp();
    for (const [options, message] of [
      [{ windowMs: 0 }, /^windowMs must be a number from 1 to 86400000, got 0/],
      [{ significantDigits: 6 }, /^significantDigits must be a whole number from 1 to 5, got 6/],
      [{ window: 5 }, /^window is no option/],
    ] as const) {
      expect(() => measureLatency(api, options as never)).toThrow(message);
    }
    expect(() => measureLatency(api).percentile(101)).toThrow(
      /^percent must be a number from 0 to 100, got 101/,
    );
  });
});

describe("without hdr-histogram-js", () => {
  it("the library works, and only this entry says what is missing", () => {
    const folder = mkdtempSync(join(tmpdir(), "bluesmoke-"));
    try {
      cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
      for (const name of ["@assemblyscript/loader"]) {
        cpSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
      }
      const program = `
        const { CircuitBreaker } = await import("./main.js");
        console.log(new CircuitBreaker("a").tryAcquire() > 0);
        await import("./percentiles.js").catch((error) => console.log(error.message));`;
      const cwd = join(folder, "dist/src/entry");
      const out = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
        cwd,
        encoding: "utf8",
      });
      expect(out).toMatch(/^true\nCannot find package 'hdr-histogram-js' imported from .*percentiles\.js/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
