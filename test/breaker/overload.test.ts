import { describe, expect, it } from "vitest";
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  isCircuitOpenError,
} from "../../src/entry/main.ts";

const clock = () => 0;

/** A breaker of which a third of the calls have succeeded. */
function createThrottled(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const breaker = new CircuitBreaker("stock", { overload: "throttle", clock, ...options });
  for (let call = 0; call < 12; call++) {
    if (call % 3 === 0) breaker.onSuccess(256);
    else breaker.onFailure(256);
  }
  return breaker;
}

async function refusalOf(breaker: CircuitBreaker): Promise<unknown> {
  for (let call = 0; call < 10; call++) {
    try {
      await breaker.execute(() => new Promise(() => {}), { signal: AbortSignal.abort() });
    } catch (error) {
      if (isCircuitOpenError(error)) return error;
    }
    if (breaker.tryAcquire() === 0) return breaker._refusal(0);
  }
  return undefined;
}

describe("a call that an overloaded breaker refuses", () => {
  it("says that it was throttled", async () => {
    expect(await refusalOf(createThrottled())).toMatchObject({
      reason: "throttled",
      retryAfterMs: 0,
      message: 'call of "stock" was throttled: the endpoint is overloaded, retry later',
    });
  });

  it("says that too many calls are out, and is no failure", async () => {
    const breaker = new CircuitBreaker("stock", { maximumPending: 1, clock });
    const out = breaker.execute(() => new Promise((resolve) => setImmediate(resolve)));
    await expect(breaker.execute(() => 1)).rejects.toMatchObject({
      reason: "busy",
      message: 'call of "stock" was refused: maximumPending calls are out, retry later',
    });
    await out;
    expect(await breaker.execute(() => 1)).toBe(1);
    expect(breaker.snapshot()).toMatchObject({
      calls: 2,
      failures: 0,
      totals: { refusedBy: { busy: 1 } },
      pending: 0,
    });
  });
});

describe("the options of overload", () => {
  const rateOf = (options: CircuitBreakerOptions) =>
    (new CircuitBreaker("stock", options).options.detector[0] as { requiredSuccessRate: number })
      .requiredSuccessRate;

  it("have defaults, and lower the required success rate unless one is given", () => {
    const { overload } = new CircuitBreaker("stock", { overload: "throttle" }).options;
    expect(overload).toEqual({ kind: "throttle", successRate: 0.8, maximumRefused: 0.97 });
    expect(rateOf({})).toBe(0.8);
    expect(rateOf({ overload: "throttle" })).toBe(0.2);
    expect(rateOf({ overload: {}, detector: { minimumCalls: 5 } })).toBe(0.2);
    expect(rateOf({ overload: {}, detector: { requiredSuccessRate: 0.8 } })).toBe(0.8);
    const { options } = new CircuitBreaker("stock", { overload: "throttle" });
    expect(rateOf(options)).toBe(0.2);
  });

  it("are taken from the defaults of a registry, and taken away by none", () => {
    const registry = new CircuitBreakerRegistry({ defaults: { overload: "throttle", maximumPending: 9 } });
    const { overload, maximumPending, detector } = registry.get("one").options;
    expect([overload?.kind, maximumPending, detector[0]]).toEqual([
      "throttle",
      9,
      expect.objectContaining({ requiredSuccessRate: 0.2 }),
    ]);
    const none = registry.get("two", { overload: "none" }).options;
    expect(none.overload).toBeUndefined();
    expect(none.detector[0]).toMatchObject({ requiredSuccessRate: 0.8 });
  });

  it.each<[unknown, string]>([
    [
      { overload: "throttle", detector: "consecutive_failures" },
      'overload requires a detector "success_rate_over_time_window", got "consecutive_failures"',
    ],
    [
      { maximumPending: 5, detector: { kind: "success_rate_over_count_window" } },
      'maximumPending requires a detector "success_rate_over_time_window", got "success_rate_over_count_window"',
    ],
    [{ overload: "trottle" }, 'overload must be one of "throttle", "none", got "trottle"'],
    [{ overload: { successRate: 0 } }, "overload.successRate must be 0.01 to 1, got 0"],
    [{ overload: { successRate: Number.NaN } }, "overload.successRate must be 0.01 to 1, got NaN"],
    [{ overload: { maximumRefused: 1 } }, "overload.maximumRefused must be 0.01 to 0.999, got 1"],
    [
      { overload: { aggression: 2 } },
      'unknown option "overload.aggression"; expected one of kind, successRate, maximumRefused',
    ],
    [{ maximumPending: 0 }, "maximumPending must be a whole number from 1 to 1000000, got 0"],
    [{ maximumPending: 1_000_001 }, "maximumPending must be a whole number from 1 to 1000000, got 1000001"],
    [{ maximumPending: 1.5 }, "maximumPending must be a whole number from 1 to 1000000, got 1.5"],
    [
      { halfOpen: { toleratedFailures: -1 } },
      "halfOpen.toleratedFailures must be a whole number from 0 to 1000, got -1",
    ],
    [
      { halfOpen: { toleratedFailures: 1_001 } },
      "halfOpen.toleratedFailures must be a whole number from 0 to 1000, got 1001",
    ],
  ])("%j: an error at once", (options, message) => {
    expect(() => new CircuitBreaker("stock", options as CircuitBreakerOptions)).toThrow(message);
  });
});
