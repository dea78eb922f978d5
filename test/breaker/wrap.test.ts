import { describe, expect, expectTypeOf, it } from "vitest";
import { CircuitBreakerRegistry, isCallTimeoutError } from "../../src/entry/main.ts";
import { manualClock } from "../../src/features/testing.ts";

function setUp() {
  const clock = manualClock();
  const breaker = new CircuitBreakerRegistry({ clock }).get("api", { detector: "consecutive_failures" });
  return { clock, breaker };
}

describe("wrap", () => {
  it("keeps this, arguments, name and length", async () => {
    const { breaker } = setUp();
    const store = {
      base: 10,
      add: breaker.wrap(function add(this: { base: number }, a: number, b: number) {
        return this.base + a + b;
      }),
    };
    expect(await store.add(1, 2)).toBe(13);
    expect([store.add.name, store.add.length]).toEqual(["add", 2]);
  });

  it("keeps types: what it returns becomes a promise", () => {
    const { breaker } = setUp();
    const plain = breaker.wrap((name: string, times?: number) => name.repeat(times ?? 1));
    expectTypeOf(plain).parameters.toEqualTypeOf<[name: string, times?: number | undefined]>();
    expectTypeOf(plain).returns.toEqualTypeOf<Promise<string>>();
    const later = breaker.wrap(async () => 1, { fallback: () => null });
    expectTypeOf(later).returns.toEqualTypeOf<Promise<number | null>>();
  });

  it("counts its calls, and refuses when open", async () => {
    const { breaker } = setUp();
    const wrapped = breaker.wrap(async () => {
      throw new Error("down");
    });
    for (let call = 0; call < 5; call++) await expect(wrapped()).rejects.toThrow("down");
    await expect(wrapped()).rejects.toThrow(/is open/);
  });

  it("uses its options for every call", async () => {
    const { breaker, clock } = setUp();
    const options = { timeoutMs: 50, fallback: isCallTimeoutError };
    const wrapped = breaker.wrap(() => new Promise<never>(() => {}), options);
    for (let call = 1; call <= 2; call++) {
      const end = wrapped();
      await clock.advance(50);
      expect(await end).toBe(true);
      expect(breaker.snapshot().consecutiveFailures).toBe(call);
    }
  });

  it("finds the caller's signal among the arguments: cancelling is neutral", async () => {
    const { breaker } = setUp();
    const hangs = (_url: string, _init?: { signal?: AbortSignal }) => new Promise<never>(() => {});
    const wrapped = breaker.wrap(hangs, { signal: ([_, init]) => init?.signal });
    const controller = new AbortController();
    const call = wrapped("/", { signal: controller.signal });
    controller.abort(new Error("gone"));
    await expect(call).rejects.toThrow("gone");
    expect(breaker.snapshot().consecutiveFailures).toBe(0);
  });

  it("checks its options at once", () => {
    const { breaker } = setUp();
    expect(() => breaker.wrap(() => 1, { timeoutMs: -5 })).toThrow(/^timeoutMs must be/);
    expect(() => breaker.wrap(() => 1, { signal: 5 as never })).toThrow(/^signal must be a function/);
  });
});
