/** Who hears of transitions: those that listen in this thread, and the other threads. */
import { STATE_CLOSED, STATE_OPEN } from "../../../assembly/layout.ts";
import type { Core } from "../../core/core.ts";
import type { JournalRecord } from "../../core/journal.ts";
import { type Undo, undoOf } from "../dispose.ts";
import { Ear } from "./ear.ts";
import { type Cause, causeOf, type EventKind, eventOf, type Opening, openingOf } from "./event.ts";
import { checkListener, type Listener, Listeners } from "./listeners.ts";

/** Other threads may write faster than listeners listen: what comes after so many rounds waits for the next time. */
const MOST_ROUNDS = 64;

/** What is known of a breaker that is not closed. */
interface Outage {
  /** Why it opened last. */
  readonly latest: Cause;
  readonly opening: Opening | undefined;
}

export class Herald {
  readonly #core: Core;
  readonly #byName: boolean;
  /** Those that listen to every breaker. */
  readonly #toAll = new Listeners("");
  /** Who listens to one breaker: by its name, or by its address where names need not be unique. */
  readonly #toOne = new Map<string | number, Listeners>();
  /** Breakers that are not closed, by address. */
  readonly #open = new Map<number, Outage>();
  /** Only where there are other threads. */
  readonly #ear: Ear | undefined;
  readonly #onMissed: ((count: number) => void) | undefined;
  #missed = 0;
  #dispatching = false;
  #closed = false;

  /** `byName`: names are unique. */
  constructor(core: Core, byName: boolean, onMissed?: (count: number) => void) {
    this.#core = core;
    this.#byName = byName;
    this.#onMissed = onMissed;
    if (core.stripes > 1) this.#ear = new Ear(core.memory.memory, () => this.#hear());
  }

  /** Listens to one kind of event of one breaker; returns the undo. */
  listen(name: string, address: number, kind: EventKind, listener: Listener): Undo {
    checkListener(kind, listener);
    const key = this.#byName ? name : address;
    this.#prick();
    const listeners = this.#toOne.get(key) ?? new Listeners(key);
    const off = listeners.on(kind, listener);
    this.#toOne.set(key, listeners);
    return undoOf(() => {
      off();
      if (listeners.isEmpty && this.#toOne.get(listeners.key) === listeners)
        this.#toOne.delete(listeners.key);
    });
  }

  /** A breaker is at another address now. */
  move(from: number, to: number): void {
    const outage = this.#open.get(from);
    if (outage !== undefined) this.#open.set(to, outage);
    this.#open.delete(from);
    const listeners = this.#byName ? undefined : this.#toOne.get(from);
    if (listeners === undefined) return;
    this.#toOne.delete(from);
    listeners.key = to;
    this.#toOne.set(to, listeners);
  }

  /** Listens to one kind of event of every breaker; returns the undo. */
  listenToAll(kind: EventKind, listener: Listener): Undo {
    checkListener(kind, listener);
    this.#prick();
    return undoOf(this.#toAll.on(kind, listener));
  }

  /** Somebody begins to listen: to what happens from now on. */
  #prick(): void {
    if (this.#isDeaf()) this.#core.journal.skip();
    this.#ear?.listen();
  }

  #isDeaf(): boolean {
    return this.#toOne.size === 0 && this.#toAll.isEmpty;
  }

  /** Whether somebody listens to that breaker by itself. */
  isHeard(breaker: number): boolean {
    if (this.#toOne.size === 0) return false;
    return this.#toOne.has(this.#byName ? (this.#core.endpoints.nameOf(breaker) ?? "") : breaker);
  }

  /** That breaker is no more. */
  forget(key: string | number, address: number): void {
    this.#toOne.delete(key);
    this.#open.delete(address);
  }

  /** Its state was not reached by transitions that the journal tells of. */
  unlearn(address: number): void {
    this.#open.delete(address);
  }

  /** Why a breaker opened; undefined when it is closed, or when another thread opened it and this one has not heard of it. */
  causeOf(address: number): Cause | undefined {
    return this.#open.get(address)?.latest;
  }

  /** The opening since which it has not been closed; undefined as for `causeOf`. */
  openingOf(address: number): Opening | undefined {
    return this.#open.get(address)?.opening;
  }

  #remember(record: JournalRecord): void {
    const { breaker, toState } = record;
    if (toState === STATE_CLOSED) this.#open.delete(breaker);
    if (toState !== STATE_OPEN) return;
    const latest = causeOf(record);
    const startsOver = latest === "mode" || latest === "reset" || record.fromState === STATE_CLOSED;
    const opening = startsOver ? openingOf(record) : this.#open.get(breaker)?.opening;
    this.#open.set(breaker, { latest, opening });
  }

  /** Nobody hears anything any more. */
  close(): void {
    this.#closed = true;
    this.#toOne.clear();
    this.#toAll.clear();
  }

  /** After a call that wrote the journal: tells those who listen here, and other threads. */
  dispatch(): void {
    this.#ear?.announce();
    this.poll();
  }

  /** Reads the journal and tells those who listen, in the order of the transitions. */
  poll(): void {
    if (this.#dispatching) return; // a listener caused it: the loop below goes on with it
    this.#dispatching = true;
    for (let round = 0; round < MOST_ROUNDS && this.#tellNew(); round++);
    this.#dispatching = false;
  }

  /** False when there was nothing new. */
  #tellNew(): boolean {
    const records = this.#core.journal.read();
    for (const record of records) this.#tell(record);
    const { missed } = this.#core.journal;
    if (missed !== this.#missed && !this.#isDeaf()) this.#onMissed?.(missed - this.#missed);
    this.#missed = missed;
    return records.length > 0;
  }

  #tell(record: JournalRecord): void {
    const name = this.#core.endpoints.nameAt(record.breaker, record.generation);
    if (name === undefined) return; // deleted meanwhile
    this.#remember(record);
    if (this.#isDeaf()) return;
    const event = eventOf(record, name, this.#core.endOf(record));
    this.#toOne.get(this.#byName ? name : record.breaker)?.emit(event);
    this.#toAll.emit(event);
  }

  /** Another thread has written; returns whether anybody still listens. */
  #hear(): boolean {
    if (!this.#closed) this.poll();
    return !this.#closed && !this.#isDeaf();
  }
}
