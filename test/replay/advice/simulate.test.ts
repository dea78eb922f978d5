import { describe, expect, it } from "vitest";
import { simulate } from "../../../src/entry/testing.ts";

describe("a simulation", () => {
  it("says after how long a breaker opens, and what it costs until then", () => {
    const options = {
      detector: { kind: "consecutive_failures", failures: 5 },
      backoff: { kind: "constant", delayMs: 1_000 },
    } as const;
    const phases = [{ durationMs: 10_000 }, { durationMs: 2_500, failing: 1 }, { durationMs: 5_000 }];
    const { events, ...result } = simulate(options, { callsPerSecond: 100, phases });
    expect(result).toEqual({
      opensAfterMs: 40, // the fifth call
      closesAfterMs: 540, // probes after 1,040, 2,040 and 3,040 ms
      calls: 1_750,
      succeeded: 1_750 - 250 - 54,
      failed: 7,
      refused: 243 + 54,
      goodRefused: 54,
      probes: 3,
      openings: 3,
    });
    expect(events.map(({ kind }) => kind).slice(0, 2)).toEqual(["opened", "half_opened"]);
  });

  it("opens by the defaults after 20 failed calls", () => {
    expect(simulate({}, { callsPerSecond: 10 })).toMatchObject({ opensAfterMs: 1_900 });
    expect(simulate().opensAfterMs).toBe(190);
  });

  it("has no time of an opening that does not happen", () => {
    expect(simulate({}, { callsPerSecond: 1 })).toMatchObject({
      opensAfterMs: undefined,
      openings: 0,
      refused: 0,
    });
    const some = simulate({}, { phases: [{ durationMs: 60_000, failing: 0.1 }] });
    expect(some).toMatchObject({ opensAfterMs: undefined, closesAfterMs: undefined });
    expect(some.failed / some.calls).toBeCloseTo(0.1, 3);
    expect(simulate({}, { phases: [{ durationMs: 60_000, failing: 0.25 }] }).openings).toBeGreaterThan(0);
  });

  it("fails calls that take as long as the timeout, when it has passed", () => {
    const phases = [{ durationMs: 20_000, latencyMs: 5_000 }];
    expect(simulate({ timeoutMs: 500 }, { phases })).toMatchObject({
      openings: expect.any(Number),
      succeeded: 0,
    });
    expect(simulate({ timeoutMs: 500 }, { phases }).events[0]?.atMs).toBe(1_000 + 500 + 190);
    expect(simulate({}, { phases }).failed).toBe(0);
  });

  it("gives the same result for the same seed", () => {
    const run = (seed: number) => JSON.stringify(simulate({}, { seed }));
    expect(run(3)).toBe(run(3));
    expect(run(3)).not.toBe(run(4));
  });

  it.each([
    [{ callsPerSecond: 0 }, "scenario.callsPerSecond must be 0.001 to 1000000, got 0"],
    [{ phases: [] }, "scenario.phases must be an array of 1 phase or more, got an array of 0"],
    [{ phases: [{ durationMs: 1, failing: 2 }] }, "scenario.phases[0].failing must be 0 to 1, got 2"],
    [
      { phases: [{ durationMs: 86_400_000 }], callsPerSecond: 1_000 },
      "scenario must be of at most 20000000 calls, got 86400000",
    ],
    [{ rate: 1 }, 'unknown option "scenario.rate"; expected one of callsPerSecond, phases, seed'],
  ])("names what is wrong with a scenario: %j", (scenario, message) => {
    expect(() => simulate({}, scenario as object)).toThrow(message);
  });
});
