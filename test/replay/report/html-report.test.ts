import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CallTraceBuilder, FAILURE, SUCCESS, spanOf } from "../../../src/replay/calls/call-trace.ts";
import { STYLE_HASH } from "../../../src/replay/report/html.ts";
import { htmlReportOf } from "../../../src/replay/report/html-report.ts";
import { timelineOf } from "../../../src/replay/report/timeline.ts";
import { tunePageOf } from "../../../src/replay/report/tune-report.ts";
import { replayCalls } from "../../../src/replay/whatif/replay-calls.ts";

/** Ten minutes of endpoints; the first is down in the third minute. */
function reportOf(names: readonly string[]): string {
  const builder = new CallTraceBuilder();
  for (let second = 0; second < 600; second++) {
    for (let call = 0; call < 10; call++) {
      for (const [index, name] of names.entries()) {
        const isDown = index === 0 && second >= 120 && second < 180;
        builder.add(name, 1.7e12 + second * 1_000 + call * 100, 20, isDown ? FAILURE : SUCCESS);
      }
    }
  }
  const trace = builder.build();
  const [fromMs, toMs] = spanOf(trace);
  const { slices, watch } = timelineOf(trace, fromMs, toMs);
  return htmlReportOf(replayCalls(trace, {}, watch), slices, "trace <1>.log");
}

describe("the page of a replay", () => {
  const page = reportOf(["pay<ment>s", "search"]);

  it("has no script and loads nothing, and its policy allows its own style only", () => {
    for (const html of [page, tunePage()]) {
      const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
      expect(STYLE_HASH).toBe(`sha256-${createHash("sha256").update(style).digest("base64")}`);
      expect(html).toContain(`content="default-src 'none'; style-src '${STYLE_HASH}'; img-src data:;`);
      expect(html).not.toMatch(/<script|\sstyle="|\son\w+="|https?:/);
    }
  });

  it("escapes names", () => {
    expect(page).toContain("<h1>Replay of trace &lt;1&gt;.log</h1>");
    expect(page).toContain('<a href="#endpoint-1">pay&lt;ment&gt;s</a>');
    expect(page).not.toContain("<ment>");
  });

  it("leads from the table to each chart, and has openings and outages as tables", () => {
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`<h2 id="${id}"`);
    expect(page).toContain("<summary>1 opening, 1 outage</summary>");
    expect(page).toContain(
      // 20 failures; a tenth of the window has just been left behind
      '<th scope="row">2023-11-14T22:15:22.000Z</th><td class="text">success_rate_over_time_window</td><td class="text">20 of 90 failed</td>',
    );
    expect(page).toContain(
      '<th scope="row">2023-11-14T22:15:20.020Z</th><td>59.9 s</td><td class="text">noticed after 2.0 s</td>',
    );
  });

  it("has an axis of time", () => {
    const [, axis = ""] = /<div class="axis"[^>]*>(.*?)<\/div>/.exec(page) ?? [];
    const times = [...axis.matchAll(/<time>(.*?)<\/time>/g)].map(([, time]) => time);
    expect(times).toEqual([
      "22:13:20",
      "22:14:59",
      "22:16:39",
      "22:18:19",
      "22:19:59",
      "22:21:39",
      "22:23:19",
    ]);
  });

  it("charts 40 endpoints at most and says how many it leaves out", () => {
    const many = reportOf(Array.from({ length: 42 }, (_, index) => `e${index}`));
    expect(many.match(/<svg /g)).toHaveLength(40);
    expect(many).toContain("2 endpoints with fewer calls have no chart.");
    expect(many.match(/<th scope="row">/g)!.length).toBeGreaterThanOrEqual(43);
  });
});

function tunePage(): string {
  const score = { goodRefused: 0.001, failedSaved: 0.8, noticeMs: 900, missedMs: [], openings: 2 };
  const options = { detector: { windowMs: 10_000, minimumCalls: 500 } };
  const suggestion = {
    title: "most failed calls saved",
    words: "Opens when <x>.",
    options,
    seen: score,
    unseen: undefined,
    reaches: true,
    reachesUnseen: undefined,
  };
  return tunePageOf(
    {
      goalText: "notice an outage within 5 s",
      goal: { noticeMs: 5_000 },
      tried: 10,
      outcomes: 1,
      elapsedMs: 1,
      threads: 1,
      seenCalls: 100,
      unseenCalls: 0,
      front: [{ options, score }],
      defaults: { seen: score, unseen: undefined },
      suggestions: [suggestion],
      traffic: { rate: 12 },
      warnings: ["the trace has one outage"],
    },
    "trace.log",
  );
}

describe("the page of a search", () => {
  it("has the trade-offs as a table, and says what cannot work at the rate of the trace", () => {
    const page = tunePage();
    expect(page).toContain("<summary>1 trade-off as a table</summary>");
    expect(page).toContain(
      "Warning: the breaker never opens: minimumCalls 500 is never reached, 12 calls a second are at most 120 in windowMs 10000",
    );
    expect(page).toContain("not checked on other calls");
    expect(page).toContain("Opens when &lt;x&gt;.");
  });
});
