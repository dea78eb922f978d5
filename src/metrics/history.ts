/** What only events and reports tell: transitions by cause, time spent open, durations. Counted from its creation on. */
import { MODE_SHADOW, STATE_OPEN } from "../../assembly/layout.ts";
import { type CircuitBreakerEvent, EVENT_KINDS } from "../breaker/events.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { observeReports } from "../features/report-observer.ts";
import { type Counts, DURATION, DURATION_SUM, increase } from "./counts.ts";

const MS_PER_S = 1_000;

/** Counters of one breaker. */
interface Tracked {
  readonly counts: Counts;
  /** ms: time spent open before it is counted elsewhere. */
  readonly fromMs: number;
}

/** Counters of all breakers together, and of those that are tracked. */
export class History {
  readonly #registry: CircuitBreakerRegistry;
  /** Of all breakers, without the time of those that are open now. */
  readonly #all: Counts = new Map([["open_seconds", 0]]);
  readonly #tracked = new Map<string, Tracked>();
  /** Breakers that are open now, and since when. */
  readonly #openMs = new Map<string, number>();
  readonly #undo: (() => void)[];
  /** Names that may still be tracked before `track` says so. */
  #vacancies = 0;
  readonly #newcomers = new Set<string>();
  #bounds: readonly number[] | undefined;

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
    this.#undo = EVENT_KINDS.map((kind) => registry.on(kind, (event) => this.#note(event)));
  }

  /** Upper bounds of the buckets of durations in ms; undefined: durations are not measured. */
  get bounds(): readonly number[] | undefined {
    return this.#bounds;
  }

  /** Counts how long calls take from now on, by buckets with these upper bounds in ms. */
  measureDurations(bounds: readonly number[]): void {
    this.#bounds = bounds;
    const { names } = this.#registry._core;
    this.#undo.push(
      observeReports(this.#registry, (_, durationMs, weight, address) => {
        const bucket = bounds.findIndex((bound) => durationMs <= bound);
        const key = DURATION + (bucket < 0 ? bounds.length : bucket);
        const seconds = (weight * durationMs) / MS_PER_S;
        const counts = this.#countsFor(names.nameOf(address >>> 0));
        for (const target of counts ? [this.#all, counts] : [this.#all]) {
          increase(target, key, weight);
          increase(target, DURATION_SUM, seconds);
        }
      }),
    );
  }

  /**
   * Whether a name has counters of its own. New names get them while there are vacancies: until the next collection decides.
   */
  isTracked(name: string): boolean {
    return this.#countsFor(name) !== undefined;
  }

  /** Counts a breaker by its name from now on, beginning with `counts`; all that its newcomer counted is kept if `isWhole`. */
  track(name: string, nowMs: number, counts: Counts, isWhole: boolean): void {
    const newcomer = isWhole ? this.#tracked.get(name) : undefined;
    for (const [key, count] of newcomer?.counts ?? []) increase(counts, key, count);
    this.#tracked.set(name, { counts, fromMs: isWhole ? 0 : nowMs });
    this.#newcomers.delete(name);
  }

  /** Counts a breaker only among all from now on. */
  untrack(name: string): void {
    this.#tracked.delete(name);
  }

  /** A collection is done: so many new names may be tracked until the next one. */
  beginInterval(vacancies: number): void {
    for (const name of this.#newcomers) this.#tracked.delete(name);
    this.#newcomers.clear();
    this.#vacancies = vacancies;
  }

  /** Counters of a tracked breaker. */
  countsOf(name: string, nowMs: number): Counts {
    const tracked = this.#tracked.get(name)!; // by its caller
    const counts = new Map(tracked.counts);
    increase(counts, "open_seconds", this.#openSeconds(name, tracked.fromMs, nowMs));
    return counts;
  }

  /** Counters of all breakers. */
  all(nowMs: number): Counts {
    const counts = new Map(this.#all);
    let openMs = 0;
    for (const sinceMs of this.#openMs.values()) openMs += Math.max(0, nowMs - sinceMs);
    increase(counts, "open_seconds", openMs / MS_PER_S);
    return counts;
  }

  /** Compares with what a collection has seen: states also come about without events, and other threads free breakers. */
  reconcile(
    nowMs: number,
    open: number,
    readings: Iterable<{ readonly name: string; readonly state: string }>,
  ): void {
    let isRight = this.#openMs.size === open;
    for (const { name, state } of readings) isRight &&= this.#openMs.has(name) === (state === "open");
    if (!isRight) this.#rescan(nowMs);
  }

  /** A breaker is freed. */
  forget(name: string): void {
    this.#close(name, this.#registry.now());
  }

  /** Counts no more. */
  stop(): void {
    for (const undo of this.#undo) undo();
  }

  #note({ endpoint, to, cause, mode }: CircuitBreakerEvent): void {
    const key = `transitions/${to}/${cause}`;
    increase(this.#all, key, 1);
    const counts = this.#countsFor(endpoint);
    if (counts) increase(counts, key, 1);
    const nowMs = this.#registry.now();
    if (to !== "open" || mode === "shadow") this.#close(endpoint, nowMs);
    else if (!this.#openMs.has(endpoint)) this.#openMs.set(endpoint, nowMs);
  }

  #countsFor(name: string | undefined): Counts | undefined {
    if (name === undefined) return undefined;
    const tracked = this.#tracked.get(name);
    if (tracked || this.#vacancies <= 0) return tracked?.counts;
    this.#vacancies--;
    this.#newcomers.add(name);
    const counts: Counts = new Map();
    this.#tracked.set(name, { counts, fromMs: 0 });
    return counts;
  }

  #close(name: string, nowMs: number): void {
    const seconds = this.#openSeconds(name, 0, nowMs);
    const tracked = this.#tracked.get(name);
    if (tracked) increase(tracked.counts, "open_seconds", this.#openSeconds(name, tracked.fromMs, nowMs));
    if (this.#openMs.delete(name)) increase(this.#all, "open_seconds", seconds);
  }

  #openSeconds(name: string, fromMs: number, nowMs: number): number {
    const sinceMs = this.#openMs.get(name);
    return sinceMs === undefined ? 0 : Math.max(0, nowMs - Math.max(sinceMs, fromMs)) / MS_PER_S;
  }

  /** Which breakers are open now. Those that were not known to be count from now. */
  #rescan(nowMs: number): void {
    const core = this.#registry._core;
    const { names } = core;
    const open = new Set<string>();
    for (const address of names.addresses()) {
      if (core.stateOf(address) !== STATE_OPEN || core.modeOf(address) === MODE_SHADOW) continue;
      const name = names.nameOf(address);
      if (name !== undefined) open.add(name);
    }
    for (const name of [...this.#openMs.keys()]) if (!open.has(name)) this.#close(name, nowMs);
    for (const name of open) if (!this.#openMs.has(name)) this.#openMs.set(name, nowMs);
  }
}
