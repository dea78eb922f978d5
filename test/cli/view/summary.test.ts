import { describe, expect, it } from "vitest";
import { EXIT } from "../../../src/cli/base/exit.ts";
import { reportOf } from "../../../src/cli/view/report.ts";
import type { RunSnapshot } from "../../../src/cli/view/snapshot.ts";
import { exitCodeOf, type Summary, summaryPartOf } from "../../../src/cli/view/summary.ts";
import type { Accounting } from "../../../src/flow/graph/accounting.ts";

const ACCOUNTING: Accounting = {
  read: 1_000,
  delivered: 1_000,
  overflow: 0,
  err: 0,
  failed: 0,
  deadLettered: 0,
  dropped: 0,
  recovered: 0,
  forked: 0,
  waiting: 0,
  filtered: 0,
  inFlight: 0,
  breakerEvents: 0,
  breakerEventsFailed: 0,
  answeredTwice: 0,
};

function summaryOf(accounting: Partial<Accounting>): Summary {
  const snapshot: RunSnapshot = {
    accounting: { ...ACCOUNTING, ...accounting },
    failures: {},
    resent: 0,
    triggered: false,
    failedTo: null,
    sources: [{ name: "events.ndjson", read: ACCOUNTING.read }],
    sinks: [{ port: "out", name: "stdout", taken: ACCOUNTING.delivered }],
  };
  return {
    format: 1,
    end: "finished",
    error: null,
    ...summaryPartOf(snapshot),
    breakers: [],
    breakersForcedOpen: 0,
    breakerCount: 0,
    deadWorkers: 0,
    durationMs: 2_000,
    eventsPerSecond: 500,
    peakMemoryBytes: 50_000_000,
  };
}

describe("a summary", () => {
  it("is accounted for when every event ended", () => {
    const summary = summaryOf({ delivered: 990, filtered: 10 });
    expect(reportOf(summary)).toBe(
      [
        "1,000 read from events.ndjson in 2.0 s (500 events/s)",
        "    990 delivered to stdout",
        "     10 filtered: left out by the pipeline",
        "accounted for: all 1,000",
      ].join("\n"),
    );
    expect(exitCodeOf(summary)).toBe(EXIT.done);
  });

  it.each(["overflow", "err", "failed", "dropped"] as const)("is no success with events in %s", (ending) => {
    expect(exitCodeOf(summaryOf({ delivered: 999, [ending]: 1 }))).toBe(EXIT.undelivered);
  });

  it.each([
    [null, 0, "not kept"],
    ["failed.ndjson", 12, "kept in failed.ndjson"],
    ["failed.ndjson", 3, "only 3 of them kept in failed.ndjson"],
  ])("says where failed events are: %s, %i", (failedTo, deadLettered, where) => {
    const summary = { ...summaryOf({ delivered: 988, failed: 12 }), failures: { "HTTP 503": 12 } };
    const report = reportOf({ ...summary, failedTo, deadLettered });
    expect(report).toContain(`     12 failed: HTTP 503 (12), ${where}\n`);
  });

  it("says loudly that events did not end", () => {
    const summary = summaryOf({ delivered: 988, inFlight: 12 });
    expect(reportOf(summary)).toContain("ERROR: NOT ACCOUNTED FOR: 12 of 1,000.");
    expect(exitCodeOf(summary)).toBe(EXIT.internal);
  });

  it("says loudly that events were answered twice", () => {
    const summary = summaryOf({ answeredTwice: 3 });
    expect(reportOf(summary)).toContain("ERROR: NOT ACCOUNTED FOR: 0 of 1,000, 3 ANSWERED TWICE.");
    expect(exitCodeOf(summary)).toBe(EXIT.internal);
  });

  it("has a line for each of several sinks, and names one for what was delivered only where there is one", () => {
    const url = "http://127.0.0.1/";
    const sinks = [
      { port: "out", name: url, taken: 600 },
      { port: "audit", name: "audit.ndjson", taken: 390 },
      { port: "overflow", name: "refused.ndjson", taken: 10 },
    ];
    const report = reportOf({ ...summaryOf({ delivered: 990, overflow: 10 }), sinks, resent: 1 });
    expect(report.split("\n").slice(1, -1)).toEqual([
      "    990 delivered",
      "     10 overflow: refused by a breaker, kept in refused.ndjson",
      `    600 from port out to ${url}`,
      "    390 from port audit to audit.ndjson",
      "     10 from port overflow to refused.ndjson",
      "sent again: 1 time",
    ]);
    const other = reportOf({ ...summaryOf({}), sinks: sinks.slice(1) });
    expect(other).toContain("  1,000 delivered to audit.ndjson\n");
  });

  it("says of a breaker that is forced open that it is, and not that it never opened", () => {
    const report = (breakersForcedOpen: number) =>
      reportOf({ ...summaryOf({}), breakerCount: 2, breakersForcedOpen }).split("\n");
    expect(report(0)).toContain("2 breakers, never opened");
    expect(report(1)).toEqual(expect.arrayContaining(["1 breaker, never opened", "1 breaker, forced open"]));
    expect(report(2)).not.toContain("0 breakers, never opened");
  });

  it("says how many events wait in which log, and counts them as not delivered", () => {
    const waiting = summaryOf({ read: 1_000, delivered: 990, waiting: 10 });
    const summary = { ...waiting, logs: [{ name: "queue", waiting: 10 }] };
    expect(reportOf(summary).split("\n")).toContain(
      "     10 waiting in the log queue: the next run sends them",
    );
    expect([summary.unaccounted, exitCodeOf(summary)]).toEqual([0, EXIT.undelivered]);
  });
});
