import { describe, expect, it } from "vitest";
import { flightsTrace } from "../../examples/flights-trace.mjs";
import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import { checkOptions } from "../../src/replay/advice/check-options.ts";
import { simulate } from "../../src/replay/advice/simulate.ts";
import { readTrace } from "../../src/replay/formats/read-trace.ts";
import { durationOf, shareOf } from "../../src/replay/text/format-text.ts";
import { Evaluator } from "../../src/replay/tune/evaluate.ts";
import { readGoal } from "../../src/replay/tune/goal.ts";
import { planOf } from "../../src/replay/tune/plan.ts";
import { search } from "../../src/replay/tune/search.ts";
import { exactHere, suggest } from "../../src/replay/tune/suggest.ts";
import { replayCalls } from "../../src/replay/whatif/replay-calls.ts";
import { TEXT, tableUnder } from "./figures.ts";

const traceOf = (byAirport = false) => readTrace(new TextEncoder().encode(flightsTrace(byAirport)));
/** "0.50 %": two digits, and no more than two behind the point. */
const percent = (share: number) => (share * 100 < 0.005 ? "0.00 %" : shareOf(share, 1));

describe("the example of docs/numbers.md", () => {
  const trace = traceOf();

  it("is of 20,000 calls, 3.7 a second, of which one in eight fails", () => {
    const { total, fromMs, toMs } = replayCalls(trace, { defaults: { mode: "disabled" } });
    expect(total.calls).toBe(20_000);
    expect(total.calls / ((toMs - fromMs) / 1_000)).toBeCloseTo(3.7, 1);
    expect(total.failed / total.calls).toBe(0.125);
  });

  it("says what options would have done to them, and how soon they notice an outage", () => {
    const rows = tableUnder("options", "**Replay.**");
    expect(rows).toHaveLength(6);
    for (const [code = "", ...cells] of rows) {
      const options = new Function(`return (${code.replaceAll("`", "")})`)() as CircuitBreakerOptions;
      const { total, endpoints } = replayCalls(trace, { defaults: options });
      const { failed, failedSaved, succeeded, goodRefused } = total;
      const phases = [{ durationMs: 60_000 }, { durationMs: 30_000, failing: 1 }];
      const { opensAfterMs } = simulate(options, { callsPerSecond: 3.7, phases });
      expect(
        [
          String(endpoints[0]!.openings.length),
          percent(failedSaved / (failed + failedSaved)),
          percent(goodRefused / (succeeded + goodRefused)),
          durationOf(opensAfterMs!),
        ],
        code,
      ).toEqual(cells);
    }
  });

  it("says how many of the refused calls would have failed, and that ten failures in a row never came", () => {
    const { failedSaved, goodRefused } = replayCalls(trace).total;
    expect(TEXT).toContain(
      `Of the\ncalls that they refuse ${Math.round((100 * failedSaved) / (failedSaved + goodRefused))} % would have failed`,
    );
    const inARow = replayCalls(trace, {
      defaults: { detector: { kind: "consecutive_failures", failures: 10 } },
    });
    expect(inARow.endpoints[0]!.openings).toEqual([]);
  });

  it("says what a search suggests, on calls that it has seen and on others", async () => {
    const goal = readGoal("refuse at most 1 % of good calls, save at least 5 % of failed calls");
    const plan = planOf(trace, goal);
    const evaluator = new Evaluator(plan.runs, plan.outages, 1);
    const tried = await search(async (list) => list.map((options) => evaluator.score(options)), {
      goal,
      candidates: 300,
      seed: 1,
      slowMs: plan.slowMs,
    });
    const { seen: known, unseen: other } = plan;
    const exactAll = exactHere({ seen: known, ...(other && { unseen: other }) });
    const suggestions = await suggest(tried, goal, exactAll, known.count, other !== undefined);
    expect(
      suggestions.map(({ title, seen, unseen }) => [
        title,
        percent(seen.goodRefused),
        percent(seen.failedSaved),
        percent(unseen!.goodRefused),
        percent(unseen!.failedSaved),
      ]),
    ).toEqual(tableUnder("suggestion", "**Tune.**"));
    expect(suggestions.every(({ reaches }) => !reaches)).toBe(true);
    const [seen, unseen] = [plan.seen.count, plan.unseen!.count].map((count) =>
      count.toLocaleString("en-US"),
    );
    expect(TEXT).toContain(`the first ${seen} calls, and its suggestions are checked on the other ${unseen}`);
  });

  it("says that a breaker of the busiest airport never opens", () => {
    const { endpoints, endpoint, startMs, count } = traceOf(true);
    const counts = endpoints.map(() => 0);
    for (const index of endpoint) counts[index]!++;
    const rate = Number(((Math.max(...counts) / (startMs[count - 1]! - startMs[0]!)) * 1_000).toPrecision(3));
    const [finding] = checkOptions({}, { rate });
    expect(finding?.kind).toBe("never_opens");
    expect(TEXT).toContain(finding?.message);
    expect(TEXT).toContain(`even the busiest of ${endpoints.length} has ${rate} calls a second`);
  });
});
