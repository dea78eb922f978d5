/** Options that are refused. */
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../src/breaker/options.ts";
import { isOptionError } from "../../src/breaker/validate.ts";

/** The error that `options` are refused with. */
function refusal(options: unknown): unknown {
  try {
    resolveOptions(options);
  } catch (error) {
    return error;
  }
  throw new Error("was not refused");
}

describe("bad options are refused with an error that names option, range and value", () => {
  const expectRefusal = (options: unknown, type: unknown, option: string, message: string) => {
    const error = refusal(options);
    expect(error).toBeInstanceOf(type);
    expect(isOptionError(error)).toBe(true);
    expect(error).toMatchObject({ code: "ERR_OPTION", option });
    expect((error as Error).message).toContain(message);
  };

  it.each([
    [
      { detektor: "x" },
      TypeError,
      "detektor",
      'unknown option "detektor"; expected one of detector, backoff, decayMs, halfOpen, overload, maximumPending, mode, timeoutMs, classify, ' +
        'fallback; did you mean "detector"?',
    ],
    [
      { detector: { windwMs: 5 } },
      TypeError,
      "detector.windwMs",
      'unknown option "detector.windwMs"; expected one of kind, windowMs, buckets, hungAfterMs',
    ],
    [
      { detector: "success_rate" },
      RangeError,
      "detector",
      'detector must be one of "success_rate_over_time_window", "success_rate_over_count_window", ' +
        '"consecutive_failures", got "success_rate"',
    ],
    [{ detector: { kind: 5 } }, TypeError, "detector.kind", "detector.kind must be one of"],
    [{ detector: 5 }, TypeError, "detector", "detector must be an object, got 5"],
    [{ detector: null }, TypeError, "detector", "detector must be an object, got null"],
    [
      { detector: [] },
      RangeError,
      "detector",
      "detector must be 1 to 3 detectors of different kinds, got an array of 0",
    ],
    [{ detector: [undefined] }, TypeError, "detector[0]", "detector[0] must be an object, got undefined"],
    [{ detector: new Array(1) }, TypeError, "detector[0]", "got undefined"],
    [
      { detector: ["consecutive_failures", { kind: "consecutive_failures", failures: 9 }] },
      RangeError,
      "detector",
      "1 to 3 detectors of different kinds, got an array of 2",
    ],
    [
      { detector: [{ windowMs: 5 }, { kind: "consecutive_failures", failures: 0 }] },
      RangeError,
      "detector[1].failures",
      "detector[1].failures must be a whole number from 1 to 1000000, got 0",
    ],
    [
      { detector: { requiredSuccessRate: 5 } },
      RangeError,
      "detector.requiredSuccessRate",
      "detector.requiredSuccessRate must be 0 to 1, got 5",
    ],
    [
      { detector: { requiredSuccessRate: Number.NaN } },
      RangeError,
      "detector.requiredSuccessRate",
      "got NaN",
    ],
    [
      { detector: { windowMs: "10s" } },
      TypeError,
      "detector.windowMs",
      'detector.windowMs must be 1 to 86400000, got "10s"',
    ],
    [{ detector: { windowMs: null } }, TypeError, "detector.windowMs", "got null"],
    [
      { detector: { windowMs: 5, buckets: 6 } },
      RangeError,
      "detector.buckets",
      "detector.buckets must be a whole number from 1 to 5, got 6",
    ],
    [
      { detector: { maximumSlowRate: 0.5 } },
      RangeError,
      "detector.maximumSlowRate",
      "detector.maximumSlowRate requires slowCallMs",
    ],
    [
      { detector: { hungAfterMs: 8_001 } },
      RangeError,
      "detector.hungAfterMs",
      "detector.hungAfterMs must be 1 to 8000, got 8001",
    ],
    [
      { detector: { buckets: 2, hungAfterMs: 1 } },
      RangeError,
      "detector.hungAfterMs",
      "detector.hungAfterMs requires a longer window or more buckets",
    ],
    [
      { detector: { kind: "success_rate_over_count_window", hungAfterMs: 1 } },
      TypeError,
      "detector.hungAfterMs",
      'unknown option "detector.hungAfterMs"; expected one of kind, calls',
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
    [{ backoff: { delayMs: 5 } }, TypeError, "backoff.kind", "got undefined"],
    [{ backoff: { kind: "constant", delayMs: -5 } }, RangeError, "backoff.delayMs", "1 to 86400000, got -5"],
    [
      { backoff: { kind: "exponential", initialMs: 500, maximumMs: 100 } },
      RangeError,
      "backoff.maximumMs",
      "500 to 86400000, got 100",
    ],
    [
      { backoff: { kind: "constant", jitter: "some" } },
      RangeError,
      "backoff.jitter",
      'one of "none", "equal"',
    ],
    [{ backoff: { kind: "steps", delaysMs: [] } }, RangeError, "backoff.delaysMs", "1 to 64 numbers"],
    [{ backoff: [5, Number.NaN] }, RangeError, "backoff[1]", "got NaN"],
    [{ backoff: () => 0 }, RangeError, "backoff[0]", "1 to 86400000, got 0"],
    [{ backoff: (level: number) => 1_000 * 2 ** level }, RangeError, "backoff[17]", "got 131072000"],
    [{ backoff: new Set([5, "6"]) }, TypeError, "backoff[1]", '1 to 86400000, got "6"'],
    [{ backoff: new Array(65).fill(1) }, RangeError, "backoff", "1 to 64 numbers, got an array of 65"],
    [{ backoff: new Array(1) }, TypeError, "backoff[0]", "got undefined"],
    [
      { backoff: { kind: "steps", delaysMs: () => Number.NaN } },
      RangeError,
      "backoff.delaysMs[0]",
      "got NaN",
    ],
    [{ backoff: { kind: "steps", delaysMs: new Set() } }, RangeError, "backoff.delaysMs", "1 to 64 numbers"],
    [{ backoff: { kind: "steps", delaysMs: 5 } }, TypeError, "backoff.delaysMs", "1 to 64 numbers, got 5"],
    [{ backoff: null }, TypeError, "backoff", "backoff must be an object, got null"],
    [{ halfOpen: { probes: 65 } }, RangeError, "halfOpen.probes", "from 1 to 64, got 65"],
    [{ halfOpen: 3 }, TypeError, "halfOpen", "halfOpen must be an object, got 3"],
    [
      { halfOpen: { ramp: { shares: [0.5, 0.25] } } },
      RangeError,
      "halfOpen.ramp.shares[1]",
      "halfOpen.ramp.shares[1] must be more than 0.5, got 0.25",
    ],
    [{ halfOpen: { ramp: { shares: [0.5, 0.5] } } }, RangeError, "halfOpen.ramp.shares[1]", "more than 0.5"],
    [
      { halfOpen: { ramp: { shares: [1] } } },
      RangeError,
      "halfOpen.ramp.shares[0]",
      "halfOpen.ramp.shares[0] must be 0.001 to 0.999, got 1",
    ],
    [{ halfOpen: { ramp: { shares: 0.5 } } }, TypeError, "halfOpen.ramp.shares", "0 to 64 numbers, got 0.5"],
    [
      { halfOpen: { ramp: { shares: Array.from({ length: 65 }, (_, n) => (n + 1) / 100) } } },
      RangeError,
      "halfOpen.ramp.shares",
      "0 to 64 numbers, got an array of 65",
    ],
    [
      { halfOpen: { ramp: { steps: 3 } } },
      TypeError,
      "halfOpen.ramp.steps",
      'unknown option "halfOpen.ramp.steps"; expected one of shares, stepMs; did you mean "stepMs"?',
    ],
    [{ decayMs: -1 }, RangeError, "decayMs", "0 to 86400000, got -1"],
    [{ mode: "off" }, RangeError, "mode", 'got "off"'],
    [{ timeoutMs: 0 }, RangeError, "timeoutMs", "timeoutMs must be 1 to 86400000, got 0"],
    [{ classify: "failure" }, TypeError, "classify", 'classify must be a function, got "failure"'],
    [{ fallback: {} }, TypeError, "fallback", "fallback must be a function, got an object"],
    ["exponential", TypeError, "options", 'options must be an object, got "exponential"'],
    [null, TypeError, "options", "options must be an object, got null"],
    [[], TypeError, "options", "options must be an object, got an array of 0"],
  ])("%j", (options, type, option, message) => {
    expectRefusal(options, type, option, message);
  });

  it.each([
    [{ slowCallMs: 5 }, "slowCallMs is an option of detector"],
    [{ failures: 5 }, "failures is an option of detector"],
    [{ initialMs: 5 }, "initialMs is an option of backoff"],
    [{ probes: 5 }, "probes is an option of halfOpen"],
    [{ shares: [] }, "shares is an option of halfOpen.ramp"],
    [{ halfOpen: { stepMs: 5 } }, "stepMs is an option of halfOpen.ramp"],
    [{ halfOpen: { windowMs: 5 } }, "windowMs is an option of detector"],
    [{ detector: { decayMs: 5 } }, "decayMs is an option of breakers"],
    [{ backoff: { kind: "steps", timeoutMs: 5 } }, "timeoutMs is an option of calls"],
    [{ signal: 5 }, "signal is an option of calls"],
    [{ defaults: 5 }, "defaults is an option of a registry"],
    [{ onError: 5 }, "onError is an option of a registry"],
    [{ seed: 5 }, "seed is an option of a registry"],
    [{ clock: 5 }, "clock is an option of a registry"],
  ])("%j: says where it belongs", (options, message) => {
    const error = refusal(options) as Error;
    expect(error.message).toMatch(/^unknown option "[\w.]+"; /);
    expect(error.message).toContain(message);
  });
});
