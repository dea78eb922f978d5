/** Snapshots of runs. */
import { NO_EVENTS, type RunSnapshot } from "../../../src/cli/view/snapshot.ts";
import type { Accounting } from "../../../src/flow/graph/accounting.ts";

/** Of a run with one source and one sink. */
export function snapshotWith(accounting: Partial<Accounting>, more: Partial<RunSnapshot> = {}): RunSnapshot {
  return {
    accounting: { ...NO_EVENTS.accounting, ...accounting },
    failures: {},
    resent: 0,
    triggered: false,
    failedTo: null,
    sources: [{ name: "events.ndjson", read: accounting.read ?? 0 }],
    sinks: [{ port: "out", name: "stdout", taken: accounting.delivered ?? 0 }],
    ...more,
  };
}
