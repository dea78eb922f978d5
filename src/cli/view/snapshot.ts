/** The counts of a run at one moment: plain data, which threads can send and which can be added up. */
import type { Accounting } from "../../flow/graph/accounting.ts";
import type { LogState } from "../../flow/protocol/operator.ts";

export interface SinkSummary {
  /** The port of the pipeline that it takes. */
  readonly port: string;
  readonly name: string;
  /** Events that it has taken. */
  readonly taken: number;
  /** Of HTTP sinks. */
  readonly requests?: number;
  /** Those of them that ended, and not in 2xx. */
  readonly requestsFailed?: number;
  /** Responses by status. */
  readonly statuses?: Readonly<Record<string, number>>;
  /** Connections that were opened. */
  readonly sockets?: number;
}

export interface SourceSummary {
  readonly name: string;
  /** Its share of `events.read`. */
  readonly read: number;
  /** Of HTTP servers: answers by status; 503 are those that it turned away. */
  readonly answers?: Readonly<Record<string, number>>;
}

/** What a summary says of a fleet. */
export interface FleetSummary {
  /** The URL of the store, without a password. */
  readonly store: string;
  /** The name of this machine. */
  readonly machine: string;
  /** Exchanges with the store that were completed, that failed, and that were left out. */
  readonly exchanges: number;
  readonly failed: number;
  readonly skipped: number;
  /** Other machines whose reports were read last. */
  readonly machines: number;
  /** Reports and switches that made no sense. */
  readonly refused: number;
  /** Breakers that the fleet opened here. */
  readonly opened: number;
  /** The latest error of the store; null: there was none. */
  readonly lastError: string | null;
}

export interface RunSnapshot {
  readonly accounting: Accounting;
  /** Failed events by the reason of their latest try. */
  readonly failures: Readonly<Record<string, number>>;
  /** How often an event was sent again. */
  readonly resent: number;
  /** A sink or a breaker has stopped the sources. */
  readonly triggered: boolean;
  /** The sink for failed events; null: there is none. */
  readonly failedTo: string | null;
  /** In the order in which they were given. */
  readonly sources: readonly SourceSummary[];
  readonly sinks: readonly SinkSummary[];
  /** The logs of the pipeline, where it has any. */
  readonly logs?: readonly LogState[];
}

/** A run without sources and sinks that has read nothing. */
export const NO_EVENTS: RunSnapshot = {
  accounting: {
    read: 0,
    recovered: 0,
    forked: 0,
    waiting: 0,
    delivered: 0,
    overflow: 0,
    err: 0,
    failed: 0,
    deadLettered: 0,
    dropped: 0,
    filtered: 0,
    inFlight: 0,
    breakerEvents: 0,
    breakerEventsFailed: 0,
    answeredTwice: 0,
  },
  failures: {},
  resent: 0,
  triggered: false,
  failedTo: null,
  sources: [],
  sinks: [],
};

/** The sum of the counts of runs that have the same sources and the same sinks, in the same order: at least one. */
export function addSnapshots(snapshots: readonly RunSnapshot[]): RunSnapshot {
  const [first, ...others] = snapshots;
  if (first === undefined) throw new RangeError("there is no snapshot to add up");
  return others.reduce(
    (sum, other) => ({
      accounting: addNumbers(sum.accounting, other.accounting),
      failures: addCounts(sum.failures, other.failures),
      resent: sum.resent + other.resent,
      triggered: sum.triggered || other.triggered,
      failedTo: sum.failedTo,
      sources: addEach(sum.sources, other.sources),
      sinks: addEach(sum.sinks, other.sinks),
    }),
    first,
  );
}

function addEach<Part extends SinkSummary | SourceSummary>(
  parts: readonly Part[],
  others: readonly Part[],
): readonly Part[] {
  return parts.map((part, index) => {
    const other = others[index];
    return other === undefined ? part : addFields(part, other);
  });
}

/** Numbers and counts are added; texts are those of the first that has one. */
function addFields<Part extends object>(part: Part, other: Part): Part {
  const sums = { ...part } as Record<string, unknown>;
  for (const [key, value] of Object.entries(other)) {
    const before = sums[key];
    if (before === undefined) sums[key] = value;
    else if (typeof value === "number") sums[key] = Number(before) + value;
    else if (typeof value === "object") sums[key] = addCounts(before as Counts, value as Counts);
  }
  return sums as Part;
}

type Counts = Readonly<Record<string, number>>;

function addNumbers<Numbers extends object>(numbers: Numbers, others: Numbers): Numbers {
  return addFields(numbers, others);
}

function addCounts(counts: Counts, others: Counts): Counts {
  const sums = { ...counts };
  for (const [key, count] of Object.entries(others)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}
