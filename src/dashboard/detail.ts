/** Messages about one breaker to one page. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import { explain } from "../features/explain.ts";
import { factsOf } from "./facts.ts";
import {
  type DetailMessage,
  type Facts,
  HISTORY_SECONDS,
  type LogEntry,
  MODES,
  type Now,
  STATES,
} from "./protocol.ts";
import { rateOf, type Sampler, type Track } from "./sampler.ts";

/** Events in the first message, and in any other one, at most. */
const MAXIMUM_EVENTS = 100;

/** The messages for one page, as JSON. */
export class Detail {
  readonly #sampler: Sampler;
  readonly #name: string;
  readonly #timeZone: string;
  #track: Track | undefined;
  #facts = "";
  #nextEvent = 0;

  /** @param timeZone of times of day in sentences: that of the page; one that is unknown here counts as UTC. */
  constructor(sampler: Sampler, name: string, timeZone: string | null) {
    this.#sampler = sampler;
    this.#name = name;
    this.#timeZone = timeZone !== null && isTimeZone(timeZone) ? timeZone : "UTC";
  }

  /** The next message. */
  next(): string {
    const { atMs } = this.#sampler.sample();
    return JSON.stringify(this.#messageAt(atMs));
  }

  #messageAt(atMs: number): DetailMessage {
    const breaker = this.#sampler.registry.peek(this.#name);
    if (!breaker) {
      this.#track = undefined;
      this.#facts = "";
      return { atMs, missing: true };
    }
    const track = this.#sampler.trackOf(this.#name);
    const isNew = track !== this.#track || this.#facts === "";
    if (isNew) this.#nextEvent = 0;
    this.#track = track;
    const facts = factsOf(breaker.options);
    const latest = track?.history.latest;
    return {
      atMs,
      ...(isNew && track ? { history: track.history.columns() } : {}),
      ...this.#changed(facts),
      now: nowOf(breaker, this.#sampler),
      text: explain(breaker, { timeZone: this.#timeZone }),
      ...(latest ? { point: latest } : {}),
      events: this.#events(atMs),
    };
  }

  #changed(facts: Facts): { facts?: Facts } {
    const text = JSON.stringify(facts);
    if (text === this.#facts) return {};
    this.#facts = text;
    return { facts };
  }

  #events(atMs: number): readonly LogEntry[] {
    const { log } = this.#sampler;
    const entries = log.since(this.#nextEvent);
    this.#nextEvent = log.next;
    const oldest = atMs - HISTORY_SECONDS * 1_000;
    const own = entries.filter((entry) => entry.endpoint === this.#name && entry.atMs >= oldest);
    return own.slice(-MAXIMUM_EVENTS);
  }
}

function nowOf(breaker: CircuitBreaker, sampler: Sampler): Now {
  const snapshot = breaker.snapshot();
  const { state, mode, share, successRate, calls, failures, slow, pending, level, totals } = snapshot;
  return {
    state: STATES.indexOf(state),
    mode: MODES.indexOf(mode),
    share: Math.floor(share * 1_000),
    rate: rateOf(successRate),
    calls,
    failures,
    slow,
    pending,
    level,
    opened: totals.opened,
    retryAtMs: sampler.retryAtOf(snapshot, sampler.registry.now()),
  };
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
