import { describe, expect, it } from "vitest";
import { DEFAULTS, resolveOptions } from "../../src/breaker/options/options.ts";
import { CircuitBreaker, CircuitBreakerRegistry, isOptionError } from "../../src/entry/main.ts";

/** The error that `options` are refused with. */
function refusal(options: unknown): unknown {
  try {
    resolveOptions(options);
  } catch (error) {
    return error;
  }
  throw new Error("was not refused");
}

describe("options left out", () => {
  it("take the documented defaults", () => {
    expect(resolveOptions(undefined)).toEqual(DEFAULTS);
    expect(DEFAULTS).toEqual({
      detectors: [
        {
          kind: "success_rate_over_time_window",
          requiredSuccessRate: 0.8,
          minimumCalls: 20,
          slowCallMs: undefined,
          maximumSlowRate: 0.5,
          windowMs: 10_000,
          buckets: 10,
        },
      ],
      backoff: { delaysMs: [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000], jitter: "equal" },
      decayMs: 10_000,
      halfOpen: { probes: 1, successesToClose: 1, probeTimeoutMs: 30_000 },
      mode: "enabled",
    });
  });

  it("of an override come from the defaults of the registry, those of halfOpen one by one", () => {
    const registry = new CircuitBreakerRegistry({
      defaults: { decayMs: 5, halfOpen: { probes: 3, probeTimeoutMs: 70 } },
    });
    const { options } = registry.get("a", { halfOpen: { probes: 4 } });
    expect(options.decayMs).toBe(5);
    expect(options.halfOpen).toEqual({ probes: 4, successesToClose: 1, probeTimeoutMs: 70 });
  });

  it("of a ramp come from the defaults of the registry, too, and no shares mean no ramp", () => {
    const registry = new CircuitBreakerRegistry({ defaults: { halfOpen: { ramp: { shares: [0.3] } } } });
    const rampOf = (name: string, ramp?: object) =>
      registry.get(name, { halfOpen: ramp ? { ramp } : {} }).options.halfOpen.ramp;
    expect(rampOf("a")).toEqual({ shares: [0.3], stepMs: 5_000 });
    expect(rampOf("b", { stepMs: 7 })).toEqual({ shares: [0.3], stepMs: 7 });
    expect(rampOf("c", { shares: [0.2, 0.4] })).toEqual({ shares: [0.2, 0.4], stepMs: 5_000 });
    expect(rampOf("d", { shares: [] })).toBeUndefined();
    expect(Object.isFrozen(rampOf("a")) && Object.isFrozen(rampOf("a")?.shares)).toBe(true);
  });
});

describe("bad options are refused with an error that names option, range and value", () => {
  it.each([
    [{ detektor: "x" }, TypeError, "detektor", "detektor is no option; there are detector, backoff"],
    [
      { detector: "success_rate" },
      RangeError,
      "detector",
      'detector must be one of "success_rate_over_time_window"',
    ],
    [{ detector: 5 }, TypeError, "detector", "detector must be the name of a detector or an object, got 5"],
    [{ detector: [] }, RangeError, "detector", "an array of at least one, got an array of 0"],
    [
      { detector: ["consecutive_failures", { kind: "consecutive_failures", failures: 9 }] },
      RangeError,
      "detector[1]",
      'detector[1] must be of another kind than those before it, got "consecutive_failures"',
    ],
    [
      { detector: { kind: "success_rate_over_time_window", requiredSuccessRate: 5 } },
      RangeError,
      "detector.requiredSuccessRate",
      "detector.requiredSuccessRate must be a number from 0 to 1, got 5",
    ],
    [
      { detector: { kind: "success_rate_over_time_window", requiredSuccessRate: Number.NaN } },
      RangeError,
      "detector.requiredSuccessRate",
      "got NaN",
    ],
    [
      { halfOpen: { ramp: { shares: [0.5, 0.25] } } },
      RangeError,
      "halfOpen.ramp.shares[1]",
      "halfOpen.ramp.shares[1] must be more than 0.5, the share before it, got 0.25",
    ],
    [
      { halfOpen: { ramp: { shares: [1] } } },
      RangeError,
      "halfOpen.ramp.shares[0]",
      "halfOpen.ramp.shares[0] must be a number from 0.001 to 0.999, got 1",
    ],
    [
      { halfOpen: { ramp: { shares: 0.5 } } },
      TypeError,
      "halfOpen.ramp.shares",
      "halfOpen.ramp.shares must be an array of numbers, got 0.5",
    ],
    [
      { halfOpen: { ramp: { shares: new Array(65).fill(0.5) } } },
      RangeError,
      "halfOpen.ramp.shares",
      "halfOpen.ramp.shares must be at most 64 shares, got an array of 65",
    ],
    [
      { halfOpen: { ramp: { steps: 3 } } },
      TypeError,
      "halfOpen.ramp.steps",
      "halfOpen.ramp.steps is no option; there are shares, stepMs",
    ],
    [
      { detector: { kind: "success_rate_over_time_window", hungAfterMs: 8_001 } },
      RangeError,
      "detector.hungAfterMs",
      "detector.hungAfterMs must be a number from 1 to 8000, got 8001",
    ],
    [
      { detector: { kind: "success_rate_over_time_window", buckets: 2, hungAfterMs: 1 } },
      RangeError,
      "detector.hungAfterMs",
      "left out where there is less than 1 ms of the window besides two buckets, got 1",
    ],
    [
      { detector: { kind: "success_rate_over_count_window", hungAfterMs: 1 } },
      TypeError,
      "detector.hungAfterMs",
      "detector.hungAfterMs is no option",
    ],
    [
      { detector: { kind: "success_rate_over_time_window", windowMs: "10s" } },
      TypeError,
      "detector.windowMs",
      'detector.windowMs must be a number from 1 to 86400000, got "10s"',
    ],
    [
      { detector: { kind: "success_rate_over_time_window", windowMs: 5, buckets: 6 } },
      RangeError,
      "detector.buckets",
      "detector.buckets must be a whole number from 1 to 5, got 6",
    ],
    [
      { detector: { kind: "success_rate_over_time_window", maximumSlowRate: 0.5 } },
      RangeError,
      "detector.maximumSlowRate",
      "left out where there is no slowCallMs",
    ],
    [
      { detector: { kind: "success_rate_over_count_window", calls: 10, minimumCalls: 11 } },
      RangeError,
      "detector.minimumCalls",
      "from 1 to 10, got 11",
    ],
    [
      { detector: { kind: "consecutive_failures", failures: 2.5 } },
      RangeError,
      "detector.failures",
      "a whole number",
    ],
    [{ backoff: "fast" }, RangeError, "backoff", 'one of "constant", "exponential", "steps", got "fast"'],
    [
      { backoff: { kind: "constant", delayMs: -5 } },
      RangeError,
      "backoff.delayMs",
      "from 1 to 86400000, got -5",
    ],
    [
      { backoff: { kind: "exponential", initialMs: 500, maximumMs: 100 } },
      RangeError,
      "backoff.maximumMs",
      "from 500 to 86400000, got 100",
    ],
    [{ backoff: { kind: "steps", delaysMs: [] } }, RangeError, "backoff.delaysMs", "1 to 64 delays"],
    [{ backoff: [5, Number.NaN] }, RangeError, "backoff[1]", "got NaN"],
    [{ backoff: () => 0 }, RangeError, "backoff(0)", "from 1 to 86400000, got 0"],
    [{ backoff: (level: number) => 1_000 * 2 ** level }, RangeError, "backoff(17)", "got 131072000"],
    [{ backoff: new Set([5, "6"]) }, TypeError, "backoff[1]", 'a number from 1 to 86400000, got "6"'],
    [{ backoff: new Array(65).fill(1) }, RangeError, "backoff", "1 to 64 delays, got an array of 65"],
    [
      { backoff: { kind: "steps", delaysMs: () => Number.NaN } },
      RangeError,
      "backoff.delaysMs(0)",
      "got NaN",
    ],
    [{ backoff: { kind: "steps", delaysMs: new Set() } }, RangeError, "backoff.delaysMs", "1 to 64 delays"],
    [{ backoff: { kind: "steps", delaysMs: 5 } }, TypeError, "backoff.delaysMs", "an iterable or a function"],
    [{ halfOpen: { probes: 65 } }, RangeError, "halfOpen.probes", "from 1 to 64, got 65"],
    [{ halfOpen: 3 }, TypeError, "halfOpen", "halfOpen must be an object, got 3"],
    [{ decayMs: -1 }, RangeError, "decayMs", "from 0 to 86400000, got -1"],
    [{ mode: "off" }, RangeError, "mode", 'got "off"'],
    ["exponential", TypeError, "options", 'options must be an object, got "exponential"'],
  ] as const)("%j", (options, type, option, message) => {
    const error = refusal(options);
    expect(error).toBeInstanceOf(type);
    expect(isOptionError(error)).toBe(true);
    expect(error).toMatchObject({ code: "ERR_OPTION", option });
    expect((error as Error).message).toContain(message);
  });

  it("and leave no breaker behind", () => {
    const registry = new CircuitBreakerRegistry();
    expect(() => registry.get("a", { decayMs: -1 })).toThrow(RangeError);
    expect(registry.has("a")).toBe(false);
  });
});

describe("options given", () => {
  it("are copied and frozen: changing the caller's object changes nothing", () => {
    const delaysMs = [5, 6];
    const breaker = new CircuitBreaker("a", { backoff: { kind: "steps", delaysMs } });
    delaysMs[0] = 99;
    expect(breaker.options.backoff.delaysMs).toEqual([5, 6]);
    expect(Object.isFrozen(breaker.options)).toBe(true);
    expect(Object.isFrozen(breaker.options.backoff.delaysMs)).toBe(true);
    expect(Object.isFrozen(breaker.options.detectors[0])).toBe(true);
  });

  it("make a table of any function, and of the first 64 values of any iterable", () => {
    const squares = resolveOptions({ backoff: (level: number) => (level + 1) ** 2 }).backoff.delaysMs;
    expect(squares.slice(0, 3)).toEqual([1, 4, 9]);
    expect(squares).toHaveLength(64);
    function* endless() {
      for (let delay = 1; ; delay++) yield delay;
    }
    expect(resolveOptions({ backoff: endless() }).backoff.delaysMs).toHaveLength(64);
  });

  it("scatter the delays of a function or an iterable as those of steps", () => {
    const steps = (delaysMs: Iterable<number> | ((level: number) => number)) =>
      resolveOptions({ backoff: { kind: "steps", delaysMs, jitter: "full" } }).backoff;
    expect(steps(new Set([7, 9]))).toEqual({ delaysMs: [7, 9], jitter: "full" });
    expect(steps((level) => 10 + level).delaysMs.slice(0, 2)).toEqual([10, 11]);
  });

  it("end an exponential table with its maximum", () => {
    const backoff = { kind: "exponential", initialMs: 100, factor: 3, maximumMs: 1_000 } as const;
    expect(resolveOptions({ backoff }).backoff.delaysMs).toEqual([100, 300, 900, 1_000]);
    const flat = { kind: "exponential", initialMs: 100, factor: 1 } as const;
    expect(resolveOptions({ backoff: flat }).backoff.delaysMs).toEqual([100]);
  });
});

describe("names, times and weights", () => {
  const breaker = new CircuitBreaker("a");

  it.each([[""], ["x".repeat(1_025)], [7]])("refuses %j as the name of an endpoint", (name) => {
    expect(() => new CircuitBreaker(name as string)).toThrow(
      /name of an endpoint must be a string of 1 to 1024/,
    );
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 4e12, "5"])("refuses %s as a time", (time) => {
    expect(() => breaker.tryAcquire(time as number)).toThrow(/nowMs must be a number from 0 to/);
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
