import { describe, expect, it } from "vitest";
import { resultsOf } from "../../bench/result.ts";
import type { Comparison, Section } from "../../bench/section.ts";
import { intervalOfMedian, median, spread } from "../../bench/statistics.ts";
import { counted, countedLater } from "../../bench/work.ts";

const unused = () => counted(1, 1, () => 1);

function section(...comparisons: Comparison[]): Section {
  const cases = [
    { name: "floor", prepare: unused },
    { name: "ours", prepare: unused },
    { name: "theirs", baseline: "ours", prepare: unused },
  ];
  return { name: "s", title: "t", operation: "call", cases, comparisons };
}

/** The second round is twice as slow for everybody, the third is odd for ours. */
const ROUNDS = new Map([
  ["floor", [10, 20, 10]],
  ["ours", [30, 60, 90]],
  ["theirs", [20, 40, 20]],
]);

describe("results of a section", () => {
  it("take ratios round by round, so that a slow round cancels out", () => {
    const { cases } = resultsOf(section(), ROUNDS);
    expect(cases.map(({ name, ns, baseline, ratio }) => ({ name, ns, baseline, ratio }))).toEqual([
      { name: "floor", ns: 10, baseline: "floor", ratio: 1 },
      { name: "ours", ns: 60, baseline: "floor", ratio: 3 },
      { name: "theirs", ns: 20, baseline: "ours", ratio: 2 / 3 },
    ]);
  });

  it("meet a target of time from below, and of rate from above", () => {
    const claim = { what: "", of: "ours", to: "theirs" } as const;
    const judge = (by: "time" | "rate", target: number) =>
      resultsOf(section({ ...claim, by, target }), ROUNDS).comparisons[0]?.met;
    expect([judge("time", 1.6), judge("time", 1.4)]).toEqual([true, false]);
    expect([judge("rate", 0.6), judge("rate", 0.7)]).toEqual([true, false]);
  });

  it("give a figure of its own where there is nothing beside it, and no verdict without a target", () => {
    const alone = (claim: Partial<Comparison>) =>
      resultsOf(section({ what: "", of: "ours", by: "time", ...claim }), ROUNDS).comparisons[0];
    expect(alone({ target: 60 })).toMatchObject({ value: 60, unit: "ns", met: true });
    expect(alone({ above: "floor", target: 39 })).toMatchObject({ value: 40, unit: "ns", met: false });
    expect(alone({ by: "rate", target: 2e7 })).toMatchObject({ value: 1e9 / 60, unit: "/s", met: false });
    expect(alone({})).toMatchObject({ target: null, met: null });
  });

  it("compare with the first case of each peer that has the same baseline", () => {
    const cases = [
      { name: "floor", prepare: unused },
      { name: "ours", peer: "opossum", prepare: unused },
      { name: "theirs", peer: "opossum", prepare: unused },
    ] as const;
    const { cases: results } = resultsOf({ ...section(), cases }, ROUNDS);
    expect(results.map(({ peers }) => peers)).toEqual([
      [{ peer: "opossum", to: "ours", ratio: 1 / 3 }],
      [{ peer: "opossum", to: "ours", ratio: 1 }],
      [{ peer: "opossum", to: "ours", ratio: 2 / 3 }],
    ]);
  });

  it("subtract the floor that both stand on", () => {
    const claim = { what: "", of: "ours", to: "theirs", above: "floor", by: "time", target: 2 } as const;
    expect(resultsOf(section(claim), ROUNDS).comparisons[0]).toMatchObject({
      value: 2,
      unit: "times",
      met: true,
    });
  });

  it("leave out what was not measured, and every ratio to it", () => {
    const claim = { what: "", of: "ours", to: "theirs", by: "time", target: 1 } as const;
    const rounds = new Map([["theirs", [20, 40, 20]]]);
    const { cases, comparisons } = resultsOf(section(claim), rounds);
    expect(cases).toMatchObject([{ name: "theirs", baseline: null, ratio: null }]);
    expect(comparisons).toEqual([]);
  });
});

describe("work that is measured", () => {
  it("is broken when its runs did not do what they should", async () => {
    const wrong = counted(10, 10, () => 9);
    const later = countedLater(10, 10, async () => 11);
    wrong.run();
    await later.run();
    expect(() => wrong.verify()).toThrow("the checksum of its runs is 9, it should be 10");
    expect(() => later.verify()).toThrow("is 11, it should be 10");
  });
});

describe("the statistics of a run", () => {
  it("take the middle of the values, however far off the others are", () => {
    expect(median([3, 1, 1_000])).toBe(3);
    expect(median([1, 2, 4, 9])).toBe(3);
  });

  it("enclose the median by ranks: of 15 values the 4th and the 12th", () => {
    const values = Array.from({ length: 15 }, (_, number) => number + 1);
    expect(intervalOfMedian(values)).toEqual([4, 12]); // at most 3 of 15 tosses are heads: 1.8 %; at most 4: 5.9 %
    expect(intervalOfMedian(values.slice(0, 6))).toEqual([1, 6]);
    expect(intervalOfMedian([3, 1, 2])).toEqual([1, 3]);
  });

  it("say how far the middle half lies from it", () => {
    expect(spread([10, 10, 10])).toBe(0);
    expect(spread([8, 9, 10, 11, 12])).toBeCloseTo(0.1, 9);
  });
});
