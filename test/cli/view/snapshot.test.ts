import { describe, expect, it } from "vitest";
import { addSnapshots } from "../../../src/cli/view/snapshot.ts";
import { snapshotWith } from "../support/snapshot.ts";

describe("snapshots of several threads", () => {
  it("add up, field by field", () => {
    const one = snapshotWith(
      { read: 5, delivered: 3, failed: 2 },
      {
        failures: { "HTTP 503": 2 },
        resent: 1,
        failedTo: "failed.ndjson",
        sinks: [
          { port: "out", name: "u", taken: 3, requests: 2, requestsFailed: 1, statuses: { 200: 1, 503: 1 } },
        ],
      },
    );
    const other = snapshotWith(
      { read: 7, delivered: 6, failed: 1 },
      {
        failures: { "HTTP 503": 1, timeout: 4 },
        resent: 2,
        triggered: true,
        failedTo: "failed.ndjson",
        sinks: [{ port: "out", name: "u", taken: 6, requests: 3, requestsFailed: 0, statuses: { 200: 3 } }],
      },
    );
    const sum = addSnapshots([one, other]);
    expect(sum.accounting).toEqual(snapshotWith({ read: 12, delivered: 9, failed: 3 }).accounting);
    expect(sum).toMatchObject({
      failures: { "HTTP 503": 3, timeout: 4 },
      resent: 3,
      triggered: true,
      failedTo: "failed.ndjson",
      sources: [{ name: "events.ndjson", read: 12 }],
      sinks: [
        { port: "out", name: "u", taken: 9, requests: 5, requestsFailed: 1, statuses: { 200: 4, 503: 1 } },
      ],
    });
    expect(addSnapshots([one])).toBe(one);
    expect(() => addSnapshots([])).toThrow("no snapshot");
  });
});
