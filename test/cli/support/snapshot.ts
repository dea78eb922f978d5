/** Snapshots of runs. */
import type { RunSnapshot } from "../../../src/cli/view/snapshot.ts";
import type { Accounting } from "../../../src/flow/graph/accounting.ts";

const NONE: Accounting = {
  read: 0,
  delivered: 0,
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

/** Of a run with one source and one sink. */
export function snapshotWith(accounting: Partial<Accounting>, more: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    accounting: { ...NONE, ...accounting },
    failures: {},
    resent: 0,
    triggered: false,
    failedTo: null,
    sources: [{ name: "events.ndjson", read: accounting.read ?? 0 }],
    sinks: [{ port: "out", name: "stdout", taken: accounting.delivered ?? 0 }],
    ...more,
  };
}
