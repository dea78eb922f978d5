import { beforeEach, describe, expect, it } from "vitest";
import { type CircuitBreaker, CircuitBreakerRegistry, isCircuitOpenError } from "../../src/entry/main.ts";
import { type ManualClock, manualClock, openByFailures } from "../../src/features/testing.ts";

let clock: ManualClock;
let breaker: CircuitBreaker;

beforeEach(() => {
  clock = manualClock();
  breaker = new CircuitBreakerRegistry({ clock, seed: 1 }).get("disk", {
    detector: [
      { kind: "consecutive_failures", failures: 2 },
      { kind: "success_rate_over_time_window", slowCallMs: 20, windowMs: 1_000 },
    ],
  });
});

const fails = () => {
  throw new Error("down");
};

describe("executeSync", () => {
  it("gives the value, hands on the error, and counts both", () => {
    expect(breaker.executeSync(() => 7)).toBe(7);
    expect(() => breaker.executeSync(fails)).toThrow("down");
    expect(breaker.snapshot()).toMatchObject({ calls: 2, failures: 1, consecutiveFailures: 1 });
  });

  it("throws a refusal without calling the function", () => {
    openByFailures(breaker);
    let called = false;
    const call = () =>
      breaker.executeSync(() => {
        called = true;
      });
    expect(call).toThrow(/^circuit of "disk" is open/);
    expect(called).toBe(false);
  });

  it("times the function: a slow one counts as slow", () => {
    breaker.executeSync(() => void clock.advance(20));
    breaker.executeSync(() => void clock.advance(21));
    expect(breaker.snapshot()).toMatchObject({ calls: 2, slow: 1 });
  });

  it("takes classify and a fallback that knows a refusal", () => {
    expect(breaker.executeSync(() => 7, { classify: () => "failure" })).toBe(7);
    const ignoring = { classify: () => "ignored" as const, fallback: () => 0 };
    expect(() => breaker.executeSync(fails, ignoring)).toThrow("down");
    expect(breaker.snapshot().consecutiveFailures).toBe(1);
    const fallback = (error: unknown, refused: boolean) => [isCircuitOpenError(error), refused];
    expect(breaker.executeSync(fails, { fallback })).toEqual([false, false]);
    expect(breaker.executeSync(fails, { fallback })).toEqual([true, true]);
  });

  it("refuses what it cannot do: a promise, a signal, a timeout", () => {
    expect(() => breaker.executeSync(() => Promise.reject(new Error("late")))).toThrow(/use execute$/);
    expect(breaker.snapshot().calls).toBe(0);
    const options = { timeoutMs: 5 } as object;
    expect(() => breaker.executeSync(() => 1, options)).toThrow(
      /^unknown option "timeoutMs"; expected one of fallback, classify$/,
    );
  });
});
