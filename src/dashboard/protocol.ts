/**
 * What the server sends to the page; both import this file. Times are ms since 1970, rates are per second.
 *
 *   GET …/stream                 OverviewMessage, once a second
 *   GET …/stream?breaker=NAME    DetailMessage, once a second; &zone=Europe/Berlin for times of day
 *   GET …/minutes?ids=1,2        Minutes
 *   POST …/switch                SwitchOrder as JSON; answers with text
 */
import type { State } from "../breaker/events.ts";
import type { Mode } from "../breaker/options.ts";

/** Seconds of history that server and page keep. */
export const HISTORY_SECONDS = 600;

/** Seconds of a sparkline. */
export const MINUTE = 60;

/** Ids in one request for sparklines, at most. */
export const MAXIMUM_IDS = 200;

/** By code in messages. */
export const STATES: readonly State[] = ["closed", "open", "half_open"];

/** By code in messages. */
export const MODES: readonly Mode[] = ["enabled", "disabled", "forced_open", "shadow"];

/** The success rate of fewer calls says nothing: as many as a breaker asks for by default. */
export const FEW_CALLS = 20;

/** A number that is not there, such as the success rate of an empty window. */
export const NONE = -1;

/**
 * One breaker in the table: id, state, mode, share in ‰, success rate of its window in ‱, successes, failures and refusals a
 * second, 1 where its window has fewer than FEW_CALLS, and until when it is open: 0 where it is not, NONE without an end. NONE: not
 * known. Zeros at the end are left out.
 */
export type Row = readonly [
  id: number,
  state?: number,
  mode?: number,
  share?: number,
  rate?: number,
  succeeded?: number,
  failed?: number,
  refused?: number,
  few?: number,
  retryAtMs?: number,
];

/** Sums over the whole registry. */
export interface Sums {
  readonly breakers: number;
  readonly open: number;
  readonly halfOpen: number;
  /** Closed, but with a share below 1. */
  readonly throttled: number;
  /** A second; NONE until two samples were taken. */
  readonly succeeded: number;
  readonly failed: number;
  readonly refused: number;
  readonly pending: number;
  /** Breakers that are not in the table: beyond its limit, or without a call. */
  readonly unlisted: number;
}

/** One event in words. */
export interface LogEntry {
  /** Rises by one with each event. */
  readonly number: number;
  readonly atMs: number;
  readonly endpoint: string;
  /** As `kind` of the event. */
  readonly kind: string;
  /** The sentence. */
  readonly text: string;
  /** The failure that opened it; absent where none is known. */
  readonly error?: string;
}

/** One message about all breakers: what has changed since the message before; everything in the first one. */
export interface OverviewMessage {
  readonly atMs: number;
  readonly sums: Sums;
  /** Names of ids that are new. */
  readonly names?: readonly (readonly [id: number, name: string])[];
  readonly rows?: readonly Row[];
  /** Ids that are no longer in the table. */
  readonly gone?: readonly number[];
  readonly events?: readonly LogEntry[];
}

/** What sparklines showed before the page was opened: three numbers a second, as `Row` has them. */
export interface Minutes {
  /** The last second. */
  readonly second: number;
  readonly minutes: readonly (readonly [id: number, values: readonly number[]])[];
}

/** Columns of ten minutes, one value a second, the last at `lastSecond`; NONE where nothing was sampled. */
export interface Columns {
  readonly lastSecond: number;
  readonly state: readonly number[];
  /** ‰ */
  readonly share: readonly number[];
  /** ‱ */
  readonly rate: readonly number[];
  readonly succeeded: readonly number[];
  readonly failed: readonly number[];
  readonly refused: readonly number[];
  /** ms; empty where latency is not measured. */
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

/** One second of `Columns`. */
export interface Point {
  readonly second: number;
  readonly state: number;
  readonly share: number;
  readonly rate: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly refused: number;
  readonly p50: number;
  readonly p99: number;
}

/** What does not change while a breaker runs, unless it is configured anew. */
export interface Facts {
  /** 0..1; absent without a detector of success rates. */
  readonly requiredSuccessRate?: number;
  /** The detectors in words. */
  readonly detectors: string;
  /** The backoff in words. */
  readonly backoff: string;
}

/** A breaker now. */
export interface Now {
  readonly state: number;
  readonly mode: number;
  readonly share: number;
  readonly rate: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly pending: number;
  readonly level: number;
  /** How many times it has opened since it was made. */
  readonly opened: number;
  readonly retryAtMs: number;
}

/** One message about one breaker. */
export interface DetailMessage {
  readonly atMs: number;
  /** There is no breaker of that name; nothing else is in the message then. */
  readonly missing?: true;
  /** In the first message. */
  readonly history?: Columns;
  /** In the first message, and when they change. */
  readonly facts?: Facts;
  readonly now?: Now;
  /** Why it is as it is. */
  readonly text?: string;
  readonly point?: Point;
  /** In the first message those of ten minutes, then those since. */
  readonly events?: readonly LogEntry[];
}

/** What a switch does, by its name in an order. */
export const ACTIONS = ["force_open", "disable", "enable", "shadow", "trip", "reset"] as const;

/** See `ACTIONS`. */
export type Action = (typeof ACTIONS)[number];

/** The body of a POST to `switch`. */
export interface SwitchOrder {
  readonly endpoint: string;
  readonly action: Action;
}
