import { describe, expect, it } from "vitest";
import { readGoal } from "../../../src/replay/tune/goal.ts";

describe("a goal", () => {
  it.each([
    [
      "refuse at most 0.1 % of good calls, notice an outage within 5 s",
      { goodRefused: 0.001, noticeMs: 5_000 },
    ],
    [
      "Notice every outage within 250ms and save at least 50% of the failed calls",
      { noticeMs: 250, failedSaved: 0.5 },
    ],
    ["at most 2 % of good calls refused", { goodRefused: 0.02 }],
    ["notice an outage within 2 minutes", { noticeMs: 120_000 }],
  ])("is read from a sentence: %s", (text, goal) => expect(readGoal(text)).toEqual(goal));

  it.each([["be good"], [""], ["refuse at most 101 % of good calls"], ["notice an outage within 5"]])(
    "names the part that is none: %s",
    (text) =>
      expect(() => readGoal(text)).toThrow(/^goal must be of "refuse at most N % of good calls", .*, got "/),
  );
});
