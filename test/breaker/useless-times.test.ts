import { afterEach, describe, expect, it, vi } from "vitest";
import { CircuitBreaker, CircuitBreakerRegistry } from "../../src/entry/main.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What is warned of while `run` runs. */
function warningsOf(run: () => void): string[] {
  const warnings: string[] = [];
  vi.spyOn(process, "emitWarning").mockImplementation((warning) => {
    warnings.push(String(warning instanceof Error ? warning.message : warning));
  });
  run();
  return warnings;
}

describe("times that a timeout makes useless", () => {
  it("are warned of when a breaker is made with them, once", () => {
    const options = {
      timeoutMs: 4_321,
      detector: { slowCallMs: 4_321, hungAfterMs: 5_000 },
      halfOpen: { probeTimeoutMs: 1_000 },
    };
    const make = () => new CircuitBreaker("a", options);
    expect(warningsOf(make)).toEqual([
      "probeTimeoutMs 1000 contradicts timeoutMs 4321",
      "hungAfterMs 5000 contradicts timeoutMs 4321",
      "slowCallMs 4321 contradicts timeoutMs 4321",
    ]);
    expect(warningsOf(make)).toEqual([]);
    expect(warningsOf(() => new CircuitBreakerRegistry({ defaults: options }))).toEqual([]);
  });

  it("are not warned of where they have an effect, or where there is no timeout", () => {
    const fine = { detector: { slowCallMs: 4_000, hungAfterMs: 4_000 }, halfOpen: { probeTimeoutMs: 5_000 } };
    expect(warningsOf(() => new CircuitBreaker("a", { ...fine, timeoutMs: 5_000 }))).toEqual([]);
    expect(warningsOf(() => new CircuitBreaker("a", { detector: { slowCallMs: 86_400_000 } }))).toEqual([]);
    expect(warningsOf(() => new CircuitBreaker("a", { timeoutMs: 10_000 }))).toEqual([]);
  });
});
