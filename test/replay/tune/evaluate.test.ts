import { describe, expect, it } from "vitest";
import type { CircuitBreakerOptions } from "../../../src/entry/main.ts";
import { CallTraceBuilder, FAILURE, REFUSED, SUCCESS } from "../../../src/replay/calls/call-trace.ts";
import { Evaluator } from "../../../src/replay/tune/evaluate.ts";
import { runsOf } from "../../../src/replay/tune/runs.ts";
import { exactScore } from "../../../src/replay/tune/suggest.ts";
import { outagesOf } from "../../../src/replay/whatif/outages.ts";
import { trafficOf } from "./traffic.ts";

describe("a trace in runs", () => {
  it("keeps the order of outcomes of each endpoint, the slice of each call, and what it stands for", () => {
    const builder = new CallTraceBuilder();
    builder.add("a", 1_000, 5, SUCCESS);
    builder.add("b", 1_001, 0, FAILURE, 7);
    builder.add("a", 1_002, 1, SUCCESS, 2); // ends before the first
    builder.add("a", 1_003, 3, FAILURE);
    builder.add("a", 1_004, 0, REFUSED);
    builder.add("a", 1_100, 0, SUCCESS);
    const runs = runsOf(builder.build(), 50);
    expect([...runs.sliceMs]).toEqual([1_050, 1_150]);
    expect([...runs.firstRun]).toEqual([0, 3, 4]);
    const rows = [...runs.endpoint].map((endpoint, at) => [endpoint, runs.outcomes[at], runs.weights[at]]);
    expect(rows).toEqual([
      [1, FAILURE, 7],
      [0, SUCCESS, 3],
      [0, FAILURE, 1],
      [0, SUCCESS, 1],
    ]);
    expect(runs).toMatchObject({ calls: 12, good: 4, failed: 8 });
  });

  it("tells durations apart by the thresholds that the search may take", () => {
    const builder = new CallTraceBuilder();
    for (const ms of [1, 9, 10, 11, 99, 500]) builder.add("a", 1_000, ms, SUCCESS);
    builder.add("a", 1_600, Number.NaN, SUCCESS);
    const runs = runsOf(builder.build(), 1_000, [10, 100]);
    expect([...runs.durations]).toEqual([0, 11, 101, Number.NaN]);
    expect([...runs.weights]).toEqual([3, 2, 1, 1]);
  });
});

describe("a score by runs", () => {
  const trace = trafficOf(150, 500, [
    [40, 60],
    [100, 103],
  ]);
  const outages = outagesOf(trace);

  it.each<[string, CircuitBreakerOptions]>([
    ["the defaults", {}],
    ["a short window", { detector: { windowMs: 2_000, minimumCalls: 10, requiredSuccessRate: 0.5 } }],
    [
      "failures in a row",
      {
        detector: { kind: "consecutive_failures", failures: 5 },
        backoff: { kind: "constant", delayMs: 500 },
      },
    ],
    ["slow calls", { detector: { slowCallMs: 30, maximumSlowRate: 0.4 } }],
    ["a throttle", { overload: "throttle" }],
    ["no opening at all", { mode: "shadow", detector: { requiredSuccessRate: 0 } }],
  ])("is near that of an exact replay: %s", (_, options) => {
    const byRuns = new Evaluator(runsOf(trace, 20, [30]), outages).score(options);
    const exact = exactScore(trace, options);
    expect(Math.abs(byRuns.goodRefused - exact.goodRefused)).toBeLessThan(0.003);
    expect(Math.abs(byRuns.failedSaved - exact.failedSaved)).toBeLessThan(0.06);
    expect(Math.abs(byRuns.noticeMs - exact.noticeMs)).toBeLessThan(150);
    expect(byRuns.missedMs.length).toBe(exact.missedMs.length);
  });

  it("is the same for the same options, whatever was scored before", () => {
    const evaluator = new Evaluator(runsOf(trace, 20), outages);
    const first = evaluator.score({});
    evaluator.score({ detector: { kind: "consecutive_failures", failures: 1 } });
    expect(evaluator.score({})).toEqual(first);
  });
});
