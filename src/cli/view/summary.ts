/** The summary of a run: the numbers that --json prints and the report is made of. */

import type { LogState } from "../../flow/protocol/operator.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import type { BreakerHistory } from "./history.ts";
import type { FleetSummary, RunSnapshot, SinkSummary, SourceSummary } from "./snapshot.ts";

/** By custom the port of breaker events; the command shows those events in any case. */
export const BREAKER_EVENTS = "cb";

/** How every event ended. Without a log, `read` is the sum of the others; see `Accounting`. */
export type EventCounts = Readonly<Record<"read" | Ending, number>>;

/** See `Accounting` for what each one means. */
export type Ending = (typeof ENDINGS)[number];

/** In the order in which they are shown. */
export const ENDINGS = ["delivered", "overflow", "err", "failed", "dropped", "filtered"] as const;

/** Keys are only added while `format` stays the same. */
export interface Summary {
  readonly format: 1;
  /** `failed`: an error ended it early, see `error`. */
  readonly end: "finished" | "interrupted" | "failed";
  /** One line; null: there was none. */
  readonly error: string | null;
  /** The names of all sources. */
  readonly source: string;
  /** In the order in which they were given. */
  readonly sources: readonly SourceSummary[];
  readonly events: EventCounts;
  /** Events that are in a log (`qos::wal`) and in no sink: the next run sends them. */
  readonly waiting: number;
  /** Where they are. */
  readonly logs: readonly LogState[];
  /** Events of an earlier run that were found waiting in a log. */
  readonly recovered: number;
  /** Events that were read and have no end: always 0, or the command has a fault. */
  readonly unaccounted: number;
  /** Answers that came for events that had ended: always 0, or the command has a fault. */
  readonly answeredTwice: number;
  /** Failed events by the reason of their latest try. */
  readonly failures: Readonly<Record<string, number>>;
  /** How often an event was sent again; in none of the counts above. */
  readonly resent: number;
  /** The sink for failed events; null: there was none. */
  readonly failedTo: string | null;
  /** What that sink has taken, see `Accounting`. */
  readonly deadLettered: number;
  readonly sinks: readonly SinkSummary[];
  /** Breakers that something happened to, at most 100; the one that opened most often is the first. */
  readonly breakers: readonly BreakerHistory[];
  /** All breakers that there are at the end. */
  readonly breakerCount: number;
  /** Of these, the ones that are forced open at the end. */
  readonly breakersForcedOpen: number;
  /** Breaker events that left the pipeline; in none of the counts above. */
  readonly breakerEvents: number;
  /** Of these, the ones that a sink could not deliver. */
  readonly breakerEventsFailed: number;
  /** Of --workers: threads that died. Their events are among `unaccounted`. */
  readonly deadWorkers: number;
  /** Of --fleet; not there without it. */
  readonly fleet?: FleetSummary;
  readonly durationMs: number;
  readonly eventsPerSecond: number;
  /** The most memory that the process has used so far. */
  readonly peakMemoryBytes: number;
}

/** The part of a summary that its snapshot says. */
export function summaryPartOf({
  accounting,
  resent,
  failures,
  failedTo,
  sources,
  sinks,
  logs = [],
}: RunSnapshot) {
  const { read, delivered, overflow, err, failed, dropped, filtered, answeredTwice } = accounting;
  const { recovered, forked, waiting } = accounting;
  const events = { read, delivered, overflow, err, failed, dropped, filtered };
  const ended = ENDINGS.reduce((sum, ending) => sum + events[ending], 0);
  return {
    source: sources.map(({ name }) => name).join(", "),
    sources,
    events,
    waiting,
    logs,
    recovered,
    unaccounted: read + recovered + forked - ended - waiting,
    answeredTwice,
    failures,
    resent,
    failedTo,
    deadLettered: accounting.deadLettered,
    sinks,
    breakerEvents: accounting.breakerEvents,
    breakerEventsFailed: accounting.breakerEventsFailed,
  };
}

/** Whether every event ended, and ended once. Everything else is a fault of the command. */
export function isAccountedFor({ unaccounted, answeredTwice, deadWorkers }: Summary): boolean {
  return unaccounted === 0 && answeredTwice === 0 && deadWorkers === 0;
}

/** How a run ends the command that came to its end without an error and without a signal. */
export function exitCodeOf(summary: Summary): ExitCode {
  if (!isAccountedFor(summary)) return EXIT.internal;
  const { overflow, err, failed, dropped } = summary.events;
  return overflow + err + failed + dropped + summary.waiting > 0 ? EXIT.undelivered : EXIT.done;
}
