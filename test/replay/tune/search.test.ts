import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../../src/breaker/options.ts";
import { Evaluator, type Score } from "../../../src/replay/tune/evaluate.ts";
import { planOf } from "../../../src/replay/tune/plan.ts";
import { frontOf, penaltyOf, type ScoreAll, search } from "../../../src/replay/tune/search.ts";
import {
  chanceOf,
  neighbourOf,
  optionsOfCandidate,
  randomCandidate,
} from "../../../src/replay/tune/space.ts";
import { exactHere, suggest, wordsOf } from "../../../src/replay/tune/suggest.ts";
import { outagesOf } from "../../../src/replay/whatif/outages.ts";
import { trafficOf } from "./traffic.ts";

const score = (
  goodRefused: number,
  noticeMs: number,
  failedSaved: number,
  missedMs: number[] = [],
): Score => ({
  goodRefused,
  noticeMs,
  failedSaved,
  missedMs,
  openings: 1,
});

describe("the space of options", () => {
  it("has valid options only", () => {
    const chance = chanceOf(3);
    let candidate = randomCandidate(chance);
    for (let i = 0; i < 2_000; i++) {
      candidate = i % 2 ? randomCandidate(chance) : neighbourOf(candidate, chance);
      expect(() => resolveOptions(optionsOfCandidate(candidate, [30, 100, 300]))).not.toThrow();
    }
  });
});

describe("the best trade-offs", () => {
  it("are those that no other one beats", () => {
    const members = [score(0.1, 10, 0.9), score(0.01, 100, 0.5), score(0.02, 200, 0.4), score(0.05, 50, 0.5)];
    const front = frontOf(members.map((one) => ({ options: {}, score: one })));
    expect(front.map((one) => one.score)).toEqual([members[1], members[3], members[0]]);
  });

  it("miss a goal by what is above its bounds; a short outage that is missed does not count", () => {
    const goal = { goodRefused: 0.001, noticeMs: 5_000 };
    expect(penaltyOf(score(0.001, 5_000, 0), goal)).toBe(0);
    expect(penaltyOf(score(0.002, 5_000, 0), goal)).toBeCloseTo(1);
    expect(penaltyOf(score(0, 0, 0, [4_000]), goal)).toBe(0);
    expect(penaltyOf(score(0, 0, 0, [10_000]), goal)).toBeCloseTo(1);
    expect(penaltyOf(score(0, 0, 0.2), { failedSaved: 0.4 })).toBeCloseTo(0.5);
  });
});

describe("a search", () => {
  const trace = trafficOf(200, 100, [
    [30, 45],
    [70, 74],
    [130, 140],
    [170, 175],
  ]);
  const goal = { goodRefused: 0.003, noticeMs: 2_000 };
  const run = async (seed: number) => {
    const plan = planOf(trace, goal);
    const evaluator = new Evaluator(plan.runs, plan.outages, seed);
    const scoreAll: ScoreAll = async (options) => options.map((one) => evaluator.score(one));
    return { plan, tried: await search(scoreAll, { goal, candidates: 120, seed, slowMs: plan.slowMs }) };
  };

  it("reaches a goal that the defaults miss, also on the part that it has not seen", async () => {
    const { plan, tried } = await run(1);
    expect(tried[0]?.options).toEqual({});
    expect(penaltyOf(tried[0]!.score, goal)).toBeGreaterThan(0);
    const exactAll = exactHere({ seen: plan.seen, unseen: plan.unseen! });
    const suggestions = await suggest(tried, goal, exactAll, plan.seen.count, true);
    expect(suggestions).toHaveLength(3);
    expect(suggestions.every(({ reaches }) => reaches)).toBe(true);
    expect(suggestions.some(({ reachesUnseen }) => reachesUnseen)).toBe(true);
    expect(new Set(suggestions.map(({ options }) => JSON.stringify(options))).size).toBe(3);
    const [most, fewest, soonest] = suggestions;
    expect(most!.seen.failedSaved).toBeGreaterThanOrEqual(fewest!.seen.failedSaved);
    expect(fewest!.seen.goodRefused).toBeLessThanOrEqual(most!.seen.goodRefused);
    expect(soonest!.seen.noticeMs).toBeLessThanOrEqual(goal.noticeMs);
  });

  it("finds the same for the same seed", async () => {
    expect(JSON.stringify((await run(2)).tried)).toBe(JSON.stringify((await run(2)).tried));
  });

  it("divides the trace so that both parts have outages, and says where they have not", () => {
    const plan = planOf(trace, goal);
    expect(plan.seen.count + plan.unseen!.count).toBe(trace.count);
    expect(outagesOf(plan.seen).length).toBeGreaterThan(0);
    expect(outagesOf(plan.unseen!).length).toBeGreaterThan(0);
    expect(plan.warnings).toEqual([]);
    expect(planOf(trafficOf(100, 100, [[20, 30]]), goal).warnings).toEqual([
      "the trace has one outage: none is left to check the suggestions with",
    ]);
    expect(planOf(trafficOf(5, 100, []), goal).warnings).toEqual([
      "the trace has no outage: how soon one is noticed cannot be told",
      "the trace is too short to be divided: over-fitting would not show",
    ]);
  });
});

describe("options in plain words", () => {
  it("say when it opens, for how long, and what closes it", () => {
    expect(wordsOf({})).toBe(
      "Opens when less than 80 % of at least 20 calls in 10.0 s succeed. Stays open for 1.0 s at first and at most 5.0 s; a successful probe closes it.",
    );
    expect(
      wordsOf({
        detector: [{ slowCallMs: 250 }, { kind: "consecutive_failures", failures: 5 }],
        halfOpen: { successesToClose: 3 },
        overload: "throttle",
      }),
    ).toBe(
      "Opens when less than 20 % of at least 20 calls in 10.0 s succeed, or when more than 50 % of them take longer than 250 ms, or when 5 calls in a row fail. Stays open for 1.0 s at first and at most 5.0 s; 3 successful probes close it. Below a success rate of 80 % it refuses a part of the calls before.",
    );
  });
});
