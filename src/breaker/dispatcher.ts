/** From the journal to listeners: reads what a call has written and emits the events, in the order of the transitions. */
import { STATE_CLOSED, STATE_OPEN } from "../../assembly/layout.ts";
import type { Core } from "../core/core.ts";
import type { JournalRecord } from "../core/journal.ts";
import {
  type Cause,
  type CircuitBreakerEvent,
  type ErrorSummary,
  eventOf,
  Listeners,
  type Opening,
  openingOf,
} from "./events.ts";
import { summaryOf } from "./failure.ts";

/** Other threads may write faster than listeners run: what comes after so many rounds waits for the next poll. */
const MAXIMUM_ROUNDS = 64;

/** Why a breaker is not closed. */
export interface Outage {
  /** Generation that the latest record of it began. */
  readonly generation: number;
  /** Why it opened last. */
  readonly latest: Cause;
  /** The opening since which it has not been closed. */
  readonly opening: Opening | undefined;
  /** The failure that opened it last. */
  readonly lastError: ErrorSummary | undefined;
}

/** What holds listeners: kept as long as the object of a breaker that has no name in the table. */
interface Holder {
  deref(): Listeners | undefined;
}

export class Dispatcher {
  /** Listeners to every breaker. */
  readonly toAll = new Listeners();
  /** Listeners to one breaker: by its name, or by its address where names need not be unique. */
  readonly toOne = new Map<string | number, Holder>();
  /** Called before records are read that this thread has written: tells other threads. */
  notify: (() => void) | undefined;
  /** Called when a listener is added: begins to wait for other threads. */
  listen: (() => void) | undefined;
  /** Called when records were read. */
  onRead: (() => void) | undefined;
  readonly onError: (error: unknown) => void;
  readonly #core: Core;
  readonly #outages = new Map<number, Outage>();
  readonly #queue: [CircuitBreakerEvent, Listeners | undefined][] = [];
  #emitting = false;
  /** The failure that the present call reports, for the event that follows from it. */
  #lastError: ErrorSummary | undefined;

  constructor(core: Core, onError: (error: unknown) => void) {
    this.#core = core;
    this.onError = onError;
  }

  get hasListeners(): boolean {
    return this.toOne.size + this.toAll.size > 0;
  }

  /** Why a breaker is not closed; undefined when it is, or where no record says so. */
  outageOf(breaker: number): Outage | undefined {
    const known = this.#knownOutage(breaker);
    if (known || this.#core.stripes === 1) return known;
    this.#read(); // another thread may have opened it
    return this.#knownOutage(breaker);
  }

  #knownOutage(breaker: number): Outage | undefined {
    const outage = this.#outages.get(breaker);
    return outage?.generation === this.#core.generationOf(breaker) ? outage : undefined;
  }

  /** A breaker is at another address now (0: nowhere), or its state was not reached by transitions. */
  forget(breaker: number, to = 0): void {
    const outage = this.#outages.get(breaker);
    if (outage) this.#outages.delete(breaker);
    if (outage && to) this.#outages.set(to, { ...outage, generation: this.#core.generationOf(to) });
    const listeners = this.toOne.size > 0 ? this.toOne.get(breaker) : undefined;
    if (listeners) this.toOne.delete(breaker);
    if (listeners && to) this.toOne.set(to, listeners);
  }

  /** After a call that wrote the journal. `error`: the failure that it reported. */
  dispatch(error?: unknown): void {
    this.#lastError = error === undefined ? undefined : summaryOf(error);
    this.notify?.();
    this.poll();
    this.#lastError = undefined;
  }

  /** Reads the journal and emits its events; inside a listener only reads: the outer call emits. */
  poll(): void {
    this.#read();
    if (this.#emitting) return;
    this.#emitting = true;
    try {
      for (let round = 0; round < MAXIMUM_ROUNDS && this.#queue.length > 0; round++) {
        for (const [event, listeners] of this.#queue.splice(0)) {
          listeners?.emit(event, this.onError);
          this.toAll.emit(event, this.onError);
        }
        this.#read();
      }
    } finally {
      this.#emitting = false;
    }
  }

  #read(): void {
    const { journal, names } = this.#core;
    for (const record of journal.read()) {
      const name = names.nameOf(record.breaker, record.generation);
      if (name !== undefined) this.#note(record, name);
    }
    this.onRead?.();
  }

  #note(record: JournalRecord, name: string): void {
    const { breaker, generation, toState } = record;
    const lastError = toState === STATE_OPEN ? this.#lastError : undefined;
    const opening = openingOf(record, lastError);
    const before = this.#outages.get(breaker);
    if (toState === STATE_CLOSED) this.#outages.delete(breaker);
    else if (toState === STATE_OPEN) {
      const latest = opening.cause;
      const isNew = latest === "mode" || latest === "reset" || record.fromState === STATE_CLOSED;
      this.#outages.set(breaker, {
        generation,
        latest,
        opening: isNew ? opening : before?.opening,
        lastError,
      });
    } else if (before) this.#outages.set(breaker, { ...before, generation });
    if (!this.hasListeners) return;
    const endMs = toState === STATE_OPEN ? this.#endOf(record) : record.atMs;
    const event = eventOf(record, name, endMs, opening);
    const holder = this.toOne.get(name) ?? this.toOne.get(breaker);
    this.#queue.push([event, holder?.deref()]);
  }

  /** Until when an open breaker stays so, in ms: it may have been held open since, for longer than the record says. */
  #endOf({ breaker, generation, deadlineMs }: JournalRecord): number {
    const core = this.#core;
    if (core.generationOf(breaker) !== generation) return deadlineMs;
    const endMs = core.deadlineOf(breaker);
    // Another thread may have begun the next state meanwhile: then that is the end of another one.
    return core.generationOf(breaker) === generation ? Math.max(deadlineMs, endMs) : deadlineMs;
  }
}
