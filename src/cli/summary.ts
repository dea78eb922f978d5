/** What became of a run: the numbers that --json prints and the text is made of. */
import type { HttpCounters } from "../connect/http/http.ts";
import type { Ledger } from "../flow/graph/ledger.ts";
import type { BreakerHistory } from "./chronicle.ts";
import { EXIT, type ExitCode } from "./exit.ts";

/** How every event ended: `read` is the sum of the others. */
export type EventCounts = Readonly<Record<"read" | Ending, number>>;

/** See `Ledger` for what each one means. */
export type Ending = (typeof ENDINGS)[number];

/** In the order in which they are shown. */
export const ENDINGS = ["delivered", "overflow", "err", "failed", "dropped", "filtered"] as const;

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
  /** Events that were read and whose end nobody knows: always 0, or the command has a fault. */
  readonly unaccounted: number;
  /** Answers that came for events that had ended: always 0, or the command has a fault. */
  readonly answeredTwice: number;
  /** Failed events by the reason of their latest try. */
  readonly failures: Readonly<Record<string, number>>;
  /** How often an event was sent again; in none of the counts above. */
  readonly resent: number;
  /** The sink for failed events; null: there was none. */
  readonly failedTo: string | null;
  /** What that sink has taken, see `Ledger`. */
  readonly failedKept: number;
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
  readonly durationMs: number;
  readonly eventsPerSecond: number;
  /** The most memory that the process has used so far. */
  readonly peakMemoryBytes: number;
}

/** What a summary says of a ledger. */
export function accountOf(ledger: Ledger): Pick<Summary, "events" | "unaccounted" | "answeredTwice"> {
  const { read, delivered, overflow, err, failed, dropped, filtered, answeredTwice } = ledger;
  const events = { read, delivered, overflow, err, failed, dropped, filtered };
  const ended = ENDINGS.reduce((sum, ending) => sum + events[ending], 0);
  return { events, unaccounted: read - ended, answeredTwice };
}

/** What a summary says of the counters of an HTTP sink. */
export function requestsOf(counters: HttpCounters): Omit<SinkSummary, "port" | "name" | "taken"> {
  const { requests, requestsFailed, statuses, sockets } = counters;
  return { requests, requestsFailed, statuses: Object.fromEntries(statuses), sockets };
}

/** Whether every event ended, and ended once. Everything else is a fault of the command. */
export function isAccountedFor({ unaccounted, answeredTwice }: Summary): boolean {
  return unaccounted === 0 && answeredTwice === 0;
}

/** How a run ends the command that came to its end without an error and without a signal. */
export function exitCodeOf(summary: Summary): ExitCode {
  if (!isAccountedFor(summary)) return EXIT.internal;
  const { overflow, err, failed, dropped } = summary.events;
  return overflow + err + failed + dropped > 0 ? EXIT.undelivered : EXIT.done;
}
