import { describe, expect, it } from "vitest";
import { History, rounded } from "../../src/dashboard/history.ts";
import { HISTORY_SECONDS, NONE, type Point } from "../../src/dashboard/protocol.ts";

const START = 1_767_268_800;

function pointAt(second: number, fields: Partial<Point> = {}): Point {
  return {
    second: START + second,
    state: 0,
    share: 1_000,
    rate: 9_990,
    succeeded: second,
    failed: 0,
    refused: 0,
    p50: NONE,
    p99: NONE,
    ...fields,
  };
}

describe("the history of a breaker", () => {
  it("has what was added, from the first point on", () => {
    const history = new History();
    expect(history.latest).toBeUndefined();
    expect(history.columns().state).toEqual([]);
    for (let second = 0; second < 3; second++) history.add(pointAt(second));
    expect(history.latest).toEqual(pointAt(2));
    expect(history.columns()).toMatchObject({ lastSecond: START + 2, succeeded: [0, 1, 2], p50: [] });
  });

  it("keeps ten minutes, whatever came before", () => {
    const history = new History();
    for (let second = 0; second < 5_000; second++) history.add(pointAt(second, { succeeded: second % 997 }));
    const { succeeded, state } = history.columns();
    expect(state).toHaveLength(HISTORY_SECONDS);
    expect(succeeded[0]).toBe(4_400 % 997);
    expect(succeeded.at(-1)).toBe(4_999 % 997);
  });

  it("shows a pause as a gap, but not that a timer was late", () => {
    const history = new History();
    history.add(pointAt(0));
    history.add(pointAt(3));
    history.add(pointAt(9));
    expect(history.columns().succeeded).toEqual([0, 3, 3, 3, NONE, NONE, NONE, NONE, NONE, 9]);
  });

  it("forgets all of before after a pause of more than ten minutes", () => {
    const history = new History();
    for (let second = 0; second < 700; second++) history.add(pointAt(second));
    history.add(pointAt(5_000));
    expect(history.columns().succeeded).toEqual([5_000]);
  });

  it("replaces the point of the same second, and ignores an earlier one", () => {
    const history = new History();
    history.add(pointAt(5));
    history.add(pointAt(5, { succeeded: 50 }));
    history.add(pointAt(4, { succeeded: 40 }));
    expect(history.columns().succeeded).toEqual([50]);
  });

  it("has no rate where there was none, and latency from where it was measured", () => {
    const history = new History();
    history.add(pointAt(0, { rate: NONE }));
    history.add(pointAt(1, { p50: 12.5, p99: 80 }));
    expect(history.columns()).toMatchObject({ rate: [NONE, 9_990], p50: [NONE, 12.5], p99: [NONE, 80] });
  });

  it("smooths over five seconds for the table, without those that were not sampled", () => {
    const history = new History();
    expect(history.mean()).toEqual({ succeeded: NONE, failed: NONE, refused: NONE });
    for (const [second, succeeded] of [10, 20, 30, 0, 0, 0].entries())
      history.add(pointAt(second, { succeeded }));
    expect(history.mean().succeeded).toBe(10); // of 20, 30, 0, 0, 0
  });

  it("rounds to three digits, above 1,000 to whole numbers", () => {
    expect([0, 0.123456, 12.3456, 999.96, 1_234.5].map(rounded)).toEqual([0, 0.123, 12.3, 1_000, 1_235]);
  });
});
