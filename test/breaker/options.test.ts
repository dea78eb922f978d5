import { describe, expect, it } from "vitest";
import {
  type CircuitBreakerOptions,
  combineOptions,
  completeOptions,
  DEFAULTS,
  longerDelay,
  optionsOf,
  policyOf,
  readOptions,
  resolveOptions,
  stepsOption,
} from "../../src/breaker/options.ts";

/** Whether a value and all that it holds are frozen. */
function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

const delaysOf = (backoff: CircuitBreakerOptions["backoff"]) =>
  policyOf(resolveOptions({ ...(backoff && { backoff }) })).delaysMs;

describe("options left out", () => {
  it("take the documented defaults", () => {
    expect(resolveOptions(undefined)).toBe(DEFAULTS);
    expect(resolveOptions({})).toEqual(DEFAULTS);
    expect(DEFAULTS).toEqual({
      detector: [
        {
          kind: "success_rate_over_time_window",
          windowMs: 10_000,
          buckets: 10,
          requiredSuccessRate: 0.8,
          minimumCalls: 20,
        },
      ],
      backoff: { kind: "exponential", initialMs: 1_000, factor: 2, maximumMs: 5_000, jitter: "equal" },
      decayMs: 10_000,
      halfOpen: { probes: 1, successesToClose: 1, toleratedFailures: 0, probeTimeoutMs: 30_000 },
      mode: "enabled",
    });
  });

  it("come from the defaults of the caller, those of halfOpen and its ramp one by one", () => {
    const base = resolveOptions({
      decayMs: 5,
      timeoutMs: 9,
      halfOpen: { probes: 3, probeTimeoutMs: 70, ramp: { shares: [0.3] } },
    });
    expect(resolveOptions(undefined, base)).toBe(base);
    expect(resolveOptions({ halfOpen: { probes: 4, ramp: { stepMs: 7 } } }, base)).toEqual({
      ...DEFAULTS,
      decayMs: 5,
      timeoutMs: 9,
      halfOpen: {
        probes: 4,
        successesToClose: 1,
        probeTimeoutMs: 70,
        toleratedFailures: 0,
        ramp: { shares: [0.3], stepMs: 7 },
      },
    });
  });

  it("are those that have the value undefined, too", () => {
    const absent = {
      detector: undefined,
      decayMs: undefined,
      halfOpen: { ramp: undefined },
      fallback: undefined,
    };
    expect(resolveOptions(absent)).toEqual(DEFAULTS);
    expect(Object.keys(resolveOptions(absent))).not.toContain("fallback");
  });

  it("of a ramp are its defaults, and no shares mean no ramp", () => {
    const rampOf = (ramp: object, base = DEFAULTS) =>
      resolveOptions({ halfOpen: { ramp } }, base).halfOpen.ramp;
    expect(rampOf({})).toEqual({ shares: [0.1, 0.25, 0.5], stepMs: 5_000 });
    expect(rampOf({ shares: [] })).toBeUndefined();
    const base = resolveOptions({ halfOpen: { ramp: {} } });
    expect(Object.keys(resolveOptions({ halfOpen: { ramp: { shares: [] } } }, base).halfOpen)).not.toContain(
      "ramp",
    );
  });

  it("of a detector are narrowed by its other options", () => {
    const detectorOf = (detector: CircuitBreakerOptions["detector"]) =>
      resolveOptions({ detector }).detector[0] as object;
    expect(detectorOf({ windowMs: 5.5 })).toMatchObject({ windowMs: 5.5, buckets: 5 });
    expect(detectorOf({ slowCallMs: 7 })).toMatchObject({ slowCallMs: 7, maximumSlowRate: 0.5 });
    expect(detectorOf({ kind: "success_rate_over_count_window", calls: 7 })).toMatchObject({
      minimumCalls: 7,
    });
    expect(resolveOptions({ backoff: { kind: "exponential", initialMs: 7e4 } }).backoff).toMatchObject({
      maximumMs: 7e4,
    });
  });
});

describe("a detector", () => {
  it("without a kind is the time window", () => {
    const [detector] = resolveOptions({ detector: { minimumCalls: 5 } }).detector;
    expect(detector).toEqual({ ...DEFAULTS.detector[0], minimumCalls: 5 });
    expect(Object.keys(detector!)[0]).toBe("kind");
  });

  it("is one of up to three, in the order in which the core asks them", () => {
    const { detector } = resolveOptions({
      detector: ["consecutive_failures", { kind: "success_rate_over_count_window", calls: 9 }, {}],
    });
    expect(detector.map(({ kind }) => kind)).toEqual([
      "success_rate_over_time_window",
      "success_rate_over_count_window",
      "consecutive_failures",
    ]);
  });
});

describe("options given", () => {
  it("are copied and deeply frozen: changing the caller's object changes nothing", () => {
    const delaysMs = [5, 6];
    const given = { backoff: { kind: "steps", delaysMs }, halfOpen: { ramp: { shares: [0.5] } } } as const;
    const resolved = resolveOptions(given);
    delaysMs[0] = 99;
    expect(resolved.backoff).toEqual({ kind: "steps", delaysMs: [5, 6], jitter: "none" });
    expect(isFrozen(resolved)).toBe(true);
    expect(isFrozen(DEFAULTS)).toBe(true);
    expect(Object.isFrozen(given.backoff) || Object.isFrozen(delaysMs)).toBe(false);
  });

  it("are read once: a getter, and an iterable of delays", () => {
    const reads: Record<string, number> = {};
    const counted = <T extends object>(options: T): T =>
      new Proxy(options, {
        get(target, key) {
          if (typeof key === "string") reads[key] = (reads[key] ?? 0) + 1;
          return Reflect.get(target, key);
        },
      });
    resolveOptions(
      counted({
        detector: counted({ windowMs: 5, minimumCalls: 3 }),
        halfOpen: counted({ probes: 2, ramp: counted({ stepMs: 5 }) }),
        mode: "shadow",
      }),
    );
    expect(reads).toEqual({
      detector: 1,
      halfOpen: 1,
      mode: 1,
      windowMs: 1,
      minimumCalls: 1,
      probes: 1,
      ramp: 1,
      stepMs: 1,
    });
  });

  it("are own properties: those of a prototype, Object.prototype too, are not read", () => {
    const before = [
      policyOf(DEFAULTS),
      resolveOptions({ detector: {}, backoff: { kind: "constant" }, halfOpen: {} }),
    ];
    const foreign = {
      ...resolveOptions({ decayMs: 7, timeoutMs: 7, fallback: () => 7, halfOpen: { ramp: {} } }),
    };
    const more = {
      kind: "steps",
      windowMs: 77,
      slowCallMs: 7,
      hungAfterMs: 7,
      jitter: "full",
      delaysMs: [7],
      shares: [0.7],
    };
    const polluted = {
      ...foreign,
      ...foreign.halfOpen,
      ...more,
      maximumSlowRate: 0.7,
      calls: 7,
      stepMs: 7,
      classify: () => 7,
    };
    expect(resolveOptions(Object.create(polluted))).toEqual(DEFAULTS);
    Object.assign(Object.prototype, polluted);
    try {
      const after = [
        policyOf(DEFAULTS),
        resolveOptions({ detector: {}, backoff: { kind: "constant" }, halfOpen: {} }),
      ];
      for (const key of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[key];
      expect(after).toEqual(before);
    } finally {
      for (const key of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[key];
    }
  });

  it("keep the defaults of calls as they are", () => {
    const calls: CircuitBreakerOptions = {
      timeoutMs: 5,
      classify: (end) => (end.status === "fulfilled" && end.value.status >= 500 ? "failure" : undefined),
      fallback: (error, refused) => (refused ? error : Promise.resolve(5)),
    };
    expect(resolveOptions(calls)).toEqual({ ...DEFAULTS, ...calls });
    expect(Object.isFrozen(calls.classify)).toBe(false);
  });

  it("can be given back as they were resolved", () => {
    const fallback = () => 5;
    const resolved = resolveOptions({
      detector: [
        { slowCallMs: 5, hungAfterMs: 8_000 },
        "success_rate_over_count_window",
        "consecutive_failures",
      ],
      backoff: { kind: "exponential", initialMs: 1.7, factor: 3, jitter: "full" },
      halfOpen: { ramp: {} },
      timeoutMs: 9,
      fallback,
    });
    expect(resolveOptions(resolved)).toEqual(resolved);
    expect(JSON.stringify(resolveOptions(resolved))).toBe(JSON.stringify(resolved));
    const { fallback: given, ...data } = resolved;
    expect(given).toBe(fallback);
    expect(resolveOptions(JSON.parse(JSON.stringify(data)))).toEqual(data);
  });

  it("make the same text in whatever order they are given", () => {
    const one = resolveOptions({
      timeoutMs: 5,
      detector: { windowMs: 5, minimumCalls: 3 },
      halfOpen: { ramp: {}, probes: 2 },
    });
    const other = resolveOptions({
      halfOpen: { probes: 2, ramp: {} },
      detector: { minimumCalls: 3, windowMs: 5 },
      timeoutMs: 5,
    });
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  });

  it("can be named in two places, and the one comes before the other value by value", () => {
    const under = readOptions({
      decayMs: 1,
      mode: "shadow",
      halfOpen: { probes: 2, ramp: { shares: [0.5] } },
    });
    const over = readOptions({ decayMs: 2, halfOpen: { successesToClose: 3, ramp: { stepMs: 7 } } });
    expect(completeOptions(combineOptions(over, under), DEFAULTS)).toEqual({
      ...DEFAULTS,
      decayMs: 2,
      mode: "shadow",
      halfOpen: {
        probes: 2,
        successesToClose: 3,
        probeTimeoutMs: 30_000,
        toleratedFailures: 0,
        ramp: { shares: [0.5], stepMs: 7 },
      },
    });
    expect(completeOptions(combineOptions(readOptions(undefined), over), DEFAULTS).decayMs).toBe(2);
  });
});

describe("a backoff", () => {
  it("makes a table of any function, and of the first 64 values of any iterable", () => {
    const squares = delaysOf((level) => (level + 1) ** 2);
    expect(squares.slice(0, 3)).toEqual([1, 4, 9]);
    expect(squares).toHaveLength(64);
    let isClosed = false;
    function* endless() {
      try {
        for (let delay = 1; ; delay++) yield delay;
      } finally {
        isClosed = true;
      }
    }
    expect(delaysOf(endless())).toHaveLength(64);
    expect(isClosed).toBe(true);
  });

  it("scatters the delays of a function or an iterable as those of steps", () => {
    const steps = (delaysMs: Iterable<number> | ((level: number) => number)) =>
      resolveOptions({ backoff: { kind: "steps", delaysMs, jitter: "full" } }).backoff;
    expect(steps(new Set([7, 9]))).toEqual({ kind: "steps", delaysMs: [7, 9], jitter: "full" });
    expect(steps((level) => 10 + level)).toMatchObject({ kind: "steps", jitter: "full" });
  });

  it.each([
    [{ kind: "exponential", initialMs: 100, factor: 3, maximumMs: 1_000 }, [100, 300, 900, 1_000]],
    [{ kind: "exponential", initialMs: 100, factor: 1 }, [100]],
    [{ kind: "exponential", initialMs: 1_000, maximumMs: 1_000 }, [1_000]],
    ["exponential", [1_000, 2_000, 4_000, 5_000]],
    ["constant", [10_000]],
    [{ kind: "constant", delayMs: 0.5 + 1 }, [1.5]],
    ["steps", [50, 100, 250, 500, 1_000, 5_000, 10_000]],
  ] as const)("%j ends with its longest delay", (backoff, delays) => {
    expect(delaysOf(backoff)).toEqual(delays);
  });

  it("grows by multiplication, at most 64 times", () => {
    const delays = delaysOf({ kind: "exponential", initialMs: 1, factor: 1.1 });
    expect(delays).toHaveLength(64);
    let power = 1;
    for (const delay of delays) {
      expect(delay).toBe(power);
      power *= 1.1;
    }
  });

  it("serves whoever backs off without a breaker", () => {
    const steps = stepsOption("steps", undefined);
    expect(steps).toEqual({
      kind: "steps",
      delaysMs: [50, 100, 250, 500, 1_000, 5_000, 10_000],
      jitter: "none",
    });
    expect([0, 50, 51, 10_000].map((delay) => longerDelay(steps, delay))).toEqual([50, 100, 100, 10_000]);
    expect(() => stepsOption("steps", [5, 0])).toThrow("steps[1] must be 1 to 86400000, got 0");
    expect(() => stepsOption("steps", 5)).toThrow("steps must be 1 to 64 numbers, got 5");
  });
});

describe("the policy of options", () => {
  it("has the numbers of the core, and nothing about calls", () => {
    const options = resolveOptions({
      timeoutMs: 5,
      fallback: () => 5,
      mode: "forced_open",
      halfOpen: { ramp: {} },
    });
    expect(policyOf(options)).toEqual({
      detector: DEFAULTS.detector,
      delaysMs: [1_000, 2_000, 4_000, 5_000],
      jitter: 1,
      startMode: 2,
      decayMs: 10_000,
      probes: 1,
      successesToClose: 1,
      probeTimeoutMs: 30_000,
      toleratedFailures: 0,
      ramp: { shares: [0.1, 0.25, 0.5], stepMs: 5_000 },
    });
  });

  it("leads back to the options, but for calls, with a backoff of steps", () => {
    const options = resolveOptions({
      detector: [
        { slowCallMs: 5, hungAfterMs: 8_000 },
        "success_rate_over_count_window",
        "consecutive_failures",
      ],
      backoff: { kind: "exponential", initialMs: 10, factor: 3, maximumMs: 50, jitter: "full" },
      halfOpen: { ramp: { shares: [0.2] }, probes: 7 },
      mode: "shadow",
    });
    const back = optionsOf(policyOf(options));
    expect(back).toEqual({ ...options, backoff: { kind: "steps", delaysMs: [10, 30, 50], jitter: "full" } });
    expect(policyOf(back)).toEqual(policyOf(options));
    expect(isFrozen(back)).toBe(true);
    expect(optionsOf(policyOf(DEFAULTS)).timeoutMs).toBeUndefined();
  });
});
