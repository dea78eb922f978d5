import { describe, expect, it } from "vitest";
import type { CircuitBreakerOptions } from "../../../src/entry/main.ts";
import { checkOptions } from "../../../src/replay/advice/check-options.ts";
import { simulate } from "../../../src/replay/advice/simulate.ts";

const messages = (...parameters: Parameters<typeof checkOptions>) =>
  checkOptions(...parameters).map(({ kind, option, message }) => [kind, option, message]);

describe("a check of options", () => {
  it("finds nothing in the defaults, at a usual rate and with a usual timeout", () => {
    expect(checkOptions()).toEqual([]);
    expect(checkOptions({ timeoutMs: 2_000 }, { rate: 10, latencyMs: 100 })).toEqual([]);
    expect(
      checkOptions({ overload: "throttle", maximumPending: 100 }, { rate: 100, latencyMs: 100 }),
    ).toEqual([]);
  });

  it("finds a least number of calls that the rate never reaches in the window", () => {
    expect(messages({}, { rate: 1 })[0]).toEqual([
      "never_opens",
      "detector.minimumCalls",
      "the breaker never opens: minimumCalls 20 is never reached, 1 calls a second are at most 10 in windowMs 10000",
    ]);
    expect(checkOptions({}, { rate: 2 })).toEqual([]);
  });

  it("finds a detector that never trips beside one that does", () => {
    const options = { detector: [{ requiredSuccessRate: 0 }, { kind: "consecutive_failures" }] } as const;
    expect(messages(options)).toEqual([
      [
        "inert",
        "detector[0].requiredSuccessRate",
        "requiredSuccessRate 0 never opens it, no success rate is below 0",
      ],
    ]);
  });

  it.each<[CircuitBreakerOptions, string, string, string]>([
    [
      { detector: { hungAfterMs: 5_000 }, timeoutMs: 5_000 },
      "inert",
      "detector.hungAfterMs",
      "hungAfterMs 5000 is not below the timeout of 5000 ms, no call hangs as long",
    ],
    [
      { detector: { slowCallMs: 900 }, timeoutMs: 800 },
      "inert",
      "detector.slowCallMs",
      "slowCallMs 900 is not below the timeout of 800 ms, no call takes longer",
    ],
    [
      { halfOpen: { probeTimeoutMs: 1_000 }, timeoutMs: 3_000 },
      "contradiction",
      "halfOpen.probeTimeoutMs",
      "probeTimeoutMs 1000 is below the timeout of 3000 ms: a probe that succeeds between them counts as failed",
    ],
    [
      { backoff: { kind: "constant", delayMs: 100 }, timeoutMs: 3_000 },
      "contradiction",
      "backoff",
      "no delay is longer than 100 ms, below the timeout of 3000 ms: calls of before it opened are still out when probes begin",
    ],
    [
      { overload: "throttle", detector: { requiredSuccessRate: 0.9 } },
      "contradiction",
      "detector.requiredSuccessRate",
      "requiredSuccessRate 0.9 is not below successRate 0.8 of the throttle: it opens before the throttle works",
    ],
  ])("finds values that contradict each other: %j", (options, kind, option, message) => {
    expect(messages(options)).toEqual([[kind, option, message]]);
  });

  it("finds probes that are given up before a call can end, and a maximum that is always reached", () => {
    expect(messages({ halfOpen: { probeTimeoutMs: 50 } }, { latencyMs: 60 })).toEqual([
      [
        "never_closes",
        "halfOpen.probeTimeoutMs",
        "the breaker never closes: a call takes 60 ms, and a probe has failed after probeTimeoutMs 50",
      ],
    ]);
    expect(messages({ maximumPending: 5 }, { rate: 100, latencyMs: 100 })[0]?.[2]).toBe(
      "maximumPending 5 is below the 10 calls that are out at 100 calls a second of 100 ms: some are always refused",
    );
  });

  it("finds calls that are given up before they can end", () => {
    expect(messages({ timeoutMs: 60 }, { latencyMs: 60 })).toEqual([
      [
        "never_closes",
        "timeoutMs",
        "the breaker never closes: a call takes 60 ms, and is given up after 60 ms",
      ],
    ]);
    const phases = [{ durationMs: 60_000, latencyMs: 60 }];
    expect(simulate({ timeoutMs: 60 }, { phases })).toMatchObject({ succeeded: 0, closesAfterMs: undefined });
    expect(simulate({ timeoutMs: 61 }, { phases }).openings).toBe(0);
    expect(checkOptions({ timeoutMs: 61 }, { latencyMs: 60 })).toEqual([]);
  });

  it("finds calls that count as slow or hung though they take as long as usual", () => {
    const options = { detector: { slowCallMs: 50, hungAfterMs: 40 } };
    expect(messages(options, { latencyMs: 60 })).toEqual([
      [
        "contradiction",
        "detector.slowCallMs",
        "slowCallMs 50 is below the 60 ms that a call usually takes: it opens though nothing is wrong",
      ],
      [
        "contradiction",
        "detector.hungAfterMs",
        "hungAfterMs 40 is below the 60 ms that a call usually takes: calls under way count as failures, and it opens though nothing is wrong",
      ],
    ]);
    const phases = [{ durationMs: 60_000, latencyMs: 60 }];
    for (const [slowCallMs, maximumSlowRate] of [
      [50, 0.5],
      [60, 0.5],
      [50, 1],
    ] as const) {
      const detector = { slowCallMs, maximumSlowRate };
      const says = checkOptions({ detector }, { latencyMs: 60 }).some(({ kind }) => kind === "contradiction");
      expect(simulate({ detector }, { phases }).openings > 0, JSON.stringify(detector)).toBe(says);
    }
  });

  it("finds a ramp whose shares end before their calls do", () => {
    const options = { halfOpen: { ramp: { stepMs: 1_000 } }, timeoutMs: 2_000 };
    expect(messages(options)).toEqual([
      [
        "contradiction",
        "halfOpen.ramp.stepMs",
        "stepMs 1000 of the ramp is below the timeout of 2000 ms: what a share has done wrong is not known before the next one begins",
      ],
    ]);
    expect(checkOptions({ ...options, timeoutMs: 1_000 })).toEqual([]);
  });

  it("says nothing about breakers that are switched off", () => {
    expect(checkOptions({ mode: "disabled", detector: { requiredSuccessRate: 0 } })).toEqual([]);
  });

  it("agrees with the simulation whether a breaker ever opens, for 400 combinations of options and rates", () => {
    const wrong: unknown[] = [];
    for (const windowMs of [1_000, 3_000, 10_000, 60_000]) {
      for (const buckets of [1, 10]) {
        for (const minimumCalls of [1, 5, 20, 100, 600]) {
          for (const callsPerSecond of [0.5, 1, 2, 7, 10]) {
            for (const requiredSuccessRate of [0, 0.5]) {
              const options = { detector: { windowMs, buckets, minimumCalls, requiredSuccessRate } };
              const says = checkOptions(options, { rate: callsPerSecond }).some(
                ({ kind }) => kind === "never_opens",
              );
              const phases = [{ durationMs: 300_000, failing: 1 }];
              const opens = simulate(options, { callsPerSecond, phases }).openings > 0;
              if (says === opens) wrong.push({ ...options.detector, callsPerSecond, says, opens });
            }
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("agrees with the simulation that a breaker never closes", () => {
    for (const latencyMs of [40, 60]) {
      const options = { halfOpen: { probeTimeoutMs: 50 } };
      const says = checkOptions(options, { latencyMs }).some(({ kind }) => kind === "never_closes");
      const phases = [
        { durationMs: 5_000, failing: 1, latencyMs },
        { durationMs: 60_000, latencyMs },
      ];
      expect(simulate(options, { phases }).closesAfterMs === undefined).toBe(says);
    }
  });
});
