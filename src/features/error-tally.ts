/** Which errors the failures of an endpoint ended in: what `explain` says beside the counts of an opening. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { Engine } from "../breaker/engine.ts";
import type { CircuitBreakerEvent, Unsubscribe } from "../breaker/events.ts";
import { summaryOf } from "../breaker/failure.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { observeCalls } from "./observe-calls.ts";
import { errorText } from "./reason.ts";

/** Failures that are remembered of an endpoint, newest last. */
const REMEMBERED = 64;
/** Endpoints with failures that are remembered; of more, the one whose first failure is oldest is forgotten. */
const MAXIMUM_ENDPOINTS = 1_000;
/** Failures below this give no "most of them". */
const FEWEST = 2;

interface Tally {
  readonly labels: string[];
  /** The most frequent error of its latest opening, where it is that of more than half of the failures. */
  opened?: { readonly atMs: number; readonly label: string; readonly isAll: boolean };
}

const TALLIES = /* @__PURE__ */ new WeakMap<Engine, Map<string, Tally>>();

/**
 * Remembers by which errors the calls of a breaker, or of every breaker of a registry, fail: the latest 64 of each of 1,000
 * endpoints, by `code`, else by name and message. `explain` then says "most of them ECONNRESET" of an opening that is younger
 * than this call. For calls of `execute`, `executeSync` and `wrap`; costs what `observeCalls` costs.
 * @returns the undo; openings that are known stay known.
 */
export function tallyErrors(target: CircuitBreaker | CircuitBreakerRegistry): Unsubscribe {
  const { _engine: engine } = target;
  const tallies = TALLIES.get(engine) ?? new Map<string, Tally>();
  TALLIES.set(engine, tallies);
  const stopCalls = observeCalls(target, ({ endpoint, outcome, error }) => {
    if (outcome === "failure" || outcome === "timeout") note(tallies, endpoint, labelOf(error));
  });
  const stopEvents = target.on("opened", (event) => judge(tallies.get(event.endpoint), event));
  const stop = () => {
    stopCalls();
    stopEvents();
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}

/** @internal Such as "most of them ECONNRESET", for the opening at that time; undefined where no error is that of more than half. */
export function commonErrorOf({ _engine, name }: CircuitBreaker, atMs: number): string | undefined {
  const opened = TALLIES.get(_engine)?.get(name)?.opened;
  if (opened?.atMs !== atMs) return undefined;
  return `${opened.isAll ? "all" : "most"} of them ${opened.label}`;
}

function note(tallies: Map<string, Tally>, endpoint: string, label: string): void {
  let tally = tallies.get(endpoint);
  if (!tally) {
    if (tallies.size >= MAXIMUM_ENDPOINTS) tallies.delete(tallies.keys().next().value!);
    tally = { labels: [] };
    tallies.set(endpoint, tally);
  }
  if (tally.labels.push(label) > REMEMBERED) tally.labels.shift();
}

/** A call is observed before the event that follows from it, so the failures of an opening are the latest ones. */
function judge(tally: Tally | undefined, { failures, atMs }: CircuitBreakerEvent): void {
  if (!tally || failures < FEWEST) return;
  const labels = tally.labels.slice(-Math.min(failures, REMEMBERED));
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [label, count] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most), ["", 0]);
  if (count * 2 > labels.length) {
    tally.opened = { atMs, label, isAll: labels.length === failures && count === failures };
  }
}

function labelOf(error: unknown): string {
  const summary = summaryOf(error);
  return summary.code === undefined ? errorText(summary) : String(summary.code);
}
