import { describe, expect, it, vi } from "vitest";
import { CircuitBreaker, CircuitBreakerRegistry } from "../../src/entry/main.ts";

describe("a registry", () => {
  it("makes a breaker at the first get and gives the same one afterwards", () => {
    const registry = new CircuitBreakerRegistry();
    expect([registry.has("a"), registry.peek("a"), registry.size]).toEqual([false, undefined, 0]);
    const breaker = registry.get("a");
    expect(registry.get("a")).toBe(breaker);
    expect(registry.peek("a")).toBe(breaker);
    expect(breaker).toBeInstanceOf(CircuitBreaker);
    registry.get("b");
    expect([...registry].map(({ name }) => name)).toEqual(["a", "b"]);
    expect(registry.size).toBe(2);
  });

  it("keeps its breakers apart, over many growths of its memory", () => {
    const registry = new CircuitBreakerRegistry({ defaults: { detector: "consecutive_failures" } });
    const breakers = Array.from({ length: 5_000 }, (_, n) => registry.get(`endpoint ${n}`));
    const failing = breakers.filter((_, n) => n % 7 === 0);
    for (const breaker of failing) {
      for (let call = 0; call < 5; call++) breaker.onFailure(breaker.tryAcquire(9), 9);
    }
    expect(breakers.filter(({ state }) => state === "open")).toEqual(failing);
  });

  it("uses the memory of a deleted breaker again, clean, and lets the old handle refuse everything", () => {
    const registry = new CircuitBreakerRegistry({ defaults: { detector: "consecutive_failures" } });
    const old = registry.get("old");
    const ticket = old.tryAcquire(1);
    const address = old.id;
    for (let call = 0; call < 4; call++) old.onFailure(old.tryAcquire(1), 1);
    expect(registry.delete("old")).toBe(true);
    expect(registry.delete("old")).toBe(false);
    const next = registry.get("next");
    expect(next.id).toBe(address);
    old.onFailure(ticket, 2);
    expect(old.tryAcquire(2)).toBe(0);
    expect(next.snapshot(2)).toMatchObject({
      state: "closed",
      consecutiveFailures: 0,
      generation: 3,
      late: 0,
    });
  });

  it("draws the same jitter from the same seed", () => {
    const delays = (seed: number) => {
      const registry = new CircuitBreakerRegistry({ seed, defaults: { detector: "consecutive_failures" } });
      const heard: number[] = [];
      registry.on("opened", ({ delayMs }) => heard.push(delayMs));
      for (const name of ["a", "b", "c"]) {
        const breaker = registry.get(name);
        for (let call = 0; call < 5; call++) breaker.onFailure(breaker.tryAcquire(1), 1);
      }
      return heard;
    };
    expect(delays(7)).toEqual(delays(7));
    expect(delays(7)).not.toEqual(delays(8));
    expect(new Set(delays(7)).size).toBe(3);
    for (const delay of delays(7)) {
      expect(delay).toBeGreaterThanOrEqual(500);
      expect(delay).toBeLessThan(1_000);
    }
  });

  it("holds a breaker that is tripped open at least as long as asked, and an open one longer", () => {
    const breaker = new CircuitBreaker("a", { backoff: { kind: "constant", delayMs: 100 } });
    breaker.trip(1_000, 2_000);
    expect(breaker.retryAfterMs(1_000)).toBe(2_000);
    breaker.trip(1_000, 500);
    expect(breaker.retryAfterMs(1_000)).toBe(2_000);
    breaker.trip(1_000, 3_000);
    expect(breaker.tryAcquire(3_999)).toBe(0);
    expect(breaker.tryAcquire(4_000)).toBeGreaterThan(0);
    expect(() => breaker.trip(4_000, -1)).toThrow("holdMs must be 0 to 86400000, got -1");
  });

  it("is held open by the report of a failure, and the event says for how long", () => {
    const breaker = new CircuitBreaker("a", {
      detector: { kind: "consecutive_failures", failures: 1 },
      backoff: { kind: "constant", delayMs: 100 },
    });
    const opening: unknown[] = [];
    breaker.on("opened", ({ delayMs, retryAtMs }) => opening.push([delayMs, retryAtMs]));
    breaker.onFailure(breaker.tryAcquire(1_000), 1_000, Number.NaN, 1, 2_500);
    expect(opening).toEqual([[2_500, 3_500]]);
    expect(breaker.tryAcquire(3_499)).toBe(0);
    for (const hold of [-1, Number.NaN, 86_400_001]) {
      expect(() => breaker.onFailure(0, 4_000, 0, 1, hold)).toThrow(
        `holdMs must be 0 to 86400000, got ${hold}`,
      );
    }
  });

  it("takes times up to the end of the year 2095 and not a moment later", () => {
    const breaker = new CircuitBreakerRegistry().get("a");
    expect(breaker.tryAcquire(46_000 * 86_400_000)).toBeGreaterThan(0);
    expect(() => breaker.tryAcquire(46_000 * 86_400_000 + 0.001)).toThrow(RangeError);
  });

  it("refuses unknown options", () => {
    expect(() => new CircuitBreakerRegistry({ default: {} } as never)).toThrow(
      /^unknown option "default"; expected one of defaults, seed, clock, onError; did you mean "defaults"\?$/,
    );
  });
});

describe("importing the library", () => {
  it("compiles nothing, starts no timer, draws no chance", async () => {
    const { Module, Instance } = WebAssembly;
    const { random } = Math;
    const calls: string[] = [];
    WebAssembly.Module = new Proxy(Module, {
      construct: (target, args) => {
        calls.push("module");
        return Reflect.construct(target, args);
      },
    });
    Math.random = () => {
      calls.push("random");
      return random();
    };
    try {
      vi.resetModules();
      const fresh = await import("../../src/entry/main.ts");
      expect(fresh.CircuitBreaker).not.toBe(CircuitBreaker);
      expect(calls).toEqual([]);
      new fresh.CircuitBreaker("a");
      expect(calls).toEqual(["random", "module"]);
    } finally {
      Object.assign(WebAssembly, { Module, Instance });
      Math.random = random;
    }
  });
});
