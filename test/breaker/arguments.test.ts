import { describe, expect, it } from "vitest";
import { CircuitBreaker, CircuitBreakerRegistry } from "../../src/entry/main.ts";

it("bad options leave no breaker behind", () => {
  const registry = new CircuitBreakerRegistry();
  expect(() => registry.get("a", { decayMs: -1 })).toThrow(RangeError);
  expect(registry.has("a")).toBe(false);
});

describe("names, times and weights", () => {
  const breaker = new CircuitBreaker("a");

  it.each([[""], ["x".repeat(1_025)], [7]])("refuses %j as the name of an endpoint", (name) => {
    expect(() => new CircuitBreaker(name as string)).toThrow(/name must be a string of 1 to 1024/);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 4e12, "5"])("refuses %s as a time", (time) => {
    expect(() => breaker.tryAcquire(time as number)).toThrow(/nowMs must be 0 to/);
  });

  it.each([0, 1.5, -1, Number.NaN, 1_000_001])("refuses %s as a weight", (weight) => {
    expect(() => breaker.onSuccess(1, 5, 1, weight)).toThrow(
      /weight must be a whole number from 1 to 1000000/,
    );
  });

  it("refuses a seed that is no whole number", () => {
    expect(() => new CircuitBreakerRegistry({ seed: 0.5 })).toThrow(/seed must be a whole number/);
  });
});
