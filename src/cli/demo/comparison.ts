/** What the demo measured: two runs of the same events against the same scenario, side by side. */
import { isAccountedFor, type Summary } from "../view/summary.ts";
import type { PhaseCount } from "./flaky.ts";
import type { Scenario } from "./scenario.ts";

/** One run. */
export interface Measurement {
  readonly summary: Summary;
  /** What the server counted, by phase. */
  readonly phases: readonly PhaseCount[];
  /** The refused events, shipped once more after the run; null: there were none, or the run was interrupted. */
  readonly again: Summary | null;
}

/** What --json prints. Keys are only added while `format` stays the same. */
export interface DemoSummary {
  readonly format: 1;
  readonly source: string;
  readonly eventsPerSecond: number;
  readonly scenario: Scenario;
  readonly withBreaker: MeasuredSummary;
  /** null: --no-baseline, or interrupted before. */
  readonly withoutBreaker: MeasuredSummary | null;
  /** Requests that the failing server had to bear only without the breaker; null: nothing to compare with. */
  readonly spared: { readonly requests: number; readonly share: number } | null;
  /** Whether every event of every run is accounted for. */
  readonly accounted: boolean;
}

export interface MeasuredSummary extends Measurement {
  readonly requests: RequestCounts;
}

export interface RequestCounts {
  /** Sent by the HTTP sink. */
  readonly sent: number;
  /** Of them, those that reached the server while it was not healthy. */
  readonly reachedUnhealthy: number;
  /** Of them, those that never reached it: it did not listen, or cut the connection. */
  readonly notReached: number;
}

export function compare(
  parts: Pick<DemoSummary, "source" | "eventsPerSecond" | "scenario">,
  guarded: Measurement,
  bare: Measurement | undefined,
): DemoSummary {
  const withBreaker = { ...guarded, requests: requestsOf(guarded) };
  const withoutBreaker = bare === undefined ? null : { ...bare, requests: requestsOf(bare) };
  const summaries = [guarded.summary, guarded.again, bare?.summary];
  return {
    format: 1,
    ...parts,
    withBreaker,
    withoutBreaker,
    spared: withoutBreaker === null ? null : savedBy(withBreaker.requests, withoutBreaker.requests),
    accounted: summaries.every((summary) => summary == null || isAccountedFor(summary)),
  };
}

/** Requests that a server had to bear, or would have had to, while it was not healthy. */
export function wasted({ reachedUnhealthy, notReached }: RequestCounts): number {
  return reachedUnhealthy + notReached;
}

function requestsOf({ summary, phases }: Measurement): RequestCounts {
  const sent = summary.sinks.reduce((sum, { requests = 0 }) => sum + requests, 0);
  const reached = sumOf(phases);
  const reachedUnhealthy = sumOf(phases.filter(({ kind }) => kind !== "healthy"));
  return { sent, reachedUnhealthy, notReached: sent - reached };
}

function sumOf(phases: readonly PhaseCount[]): number {
  return phases.reduce((sum, { requests }) => sum + requests, 0);
}

function savedBy(guarded: RequestCounts, bare: RequestCounts): { requests: number; share: number } {
  const requests = wasted(bare) - wasted(guarded);
  return { requests, share: wasted(bare) === 0 ? 0 : requests / wasted(bare) };
}
