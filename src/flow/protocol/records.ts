/**
 * Signals and insights as plain data, for a log or another process: snake_case keys, nothing that JSON lacks. For breaker
 * events see `BreakerRecord`. Their JSON Schemas are in `schema.ts`.
 */
import type { Insight } from "./insight.ts";
import type { Signal } from "./signal.ts";

/** A signal as data; see `Signal`. */
export interface SignalRecord {
  /** Its meaning. */
  readonly kind: Signal["kind"];
  /** ms, on the clock of the flow. */
  readonly at_ms: number;
  /** null: every breaker is meant, or none. */
  readonly endpoint: string | null;
}

/** An insight as data; see `Insight`. It has no correlations: they belong to the process. */
export interface InsightRecord {
  /** Its meaning. */
  readonly kind: Insight["kind"];
  /** When it was sent, in ms. */
  readonly at_ms: number;
  /** Node of the graph that sent it. */
  readonly from: number;
  /** Source of the answered event; -1: it answers none. */
  readonly source: number;
  /** Id of that event at its source. */
  readonly id: number;
  /** When that event came in, in ms. */
  readonly ingest_ms: number;
  /** null: not known. */
  readonly duration_ms: number | null;
  /** Why, for a fail; null: nothing is said. */
  readonly meta: Readonly<Record<string, unknown>> | null;
}

/** The record of a signal. */
export function recordOfSignal({ kind, atMs, endpoint }: Signal): SignalRecord {
  return { kind, at_ms: atMs, endpoint: endpoint ?? null };
}

/** The record of an insight. */
export function recordOfInsight(insight: Insight): InsightRecord {
  const { kind, from, source, id, durationMs, meta } = insight;
  return {
    kind,
    at_ms: insight.atMs,
    from,
    source,
    id,
    ingest_ms: insight.ingestMs,
    duration_ms: Number.isNaN(durationMs) ? null : durationMs,
    meta: meta ?? null,
  };
}
