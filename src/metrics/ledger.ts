/**
 * Which breakers are reported by name, and what their counters show (docs/adr/0029). A name is kept as long as its breaker is
 * there and no breaker that is not closed needs its place. Each count is reported once, by its name or by that of the rest,
 * and no counter falls.
 */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { type BreakerReading, type Collection, collect } from "../features/collect.ts";
import { hookFree, readingOf } from "./breakers.ts";
import {
  addCounts,
  type Counts,
  countsOf,
  DURATION,
  DURATION_SUM,
  increase,
  isBelow,
  isShown,
  raised,
} from "./counts.ts";
import { History } from "./history.ts";
import { countUnnamed, REST_NAME, type Report, type Row } from "./report.ts";

/** Series of the gauges of a breaker: three of its state, and three more. */
const GAUGES_PER_BREAKER = 6;
/** Series of a breaker that never opened: its gauges and six counters. */
const SERIES_PER_BREAKER = 12;
/** Series of the registry: its breakers by state. */
const SERIES_OF_REGISTRY = 3;
/** Names that are remembered after their last report, so that their counters go on where they stopped. */
const MAXIMUM_DEPARTED = 1_000;
/** A call, or a ms: what is less comes from the rounding of times. */
const LEAST_COUNT = 1e-3;

/** A breaker that is reported by name. */
interface Named {
  /** What its totals show when they are 0. */
  readonly offset: Counts;
  /** Its totals at the latest collection. */
  totals: Counts;
  /** What was reported last. */
  shown: Counts;
}

/** A breaker that may be reported by name, in the order in which places are given. */
interface Candidate {
  readonly reading: BreakerReading;
  readonly named: Named | undefined;
}

export class Ledger {
  readonly history: History;
  readonly #registry: CircuitBreakerRegistry;
  readonly #named = new Map<string, Named>();
  /** What names showed last that are reported no more, the earliest first. */
  readonly #departed = new Map<string, Counts>();
  /** What all names showed that are reported no more. */
  readonly #past: Counts = new Map();
  /** Totals of breakers that were freed. */
  readonly #freed: Counts = new Map();
  /** What the rest showed last; undefined: there was none. */
  #rest: Counts | undefined;
  /** By how much the rest would have fallen at the latest collection. */
  #deficits: Counts = new Map();
  /** Breakers were left without a name at the latest collection: their counts are those of the rest. */
  #isCrowded = false;
  readonly #unhook: () => void;

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
    this.history = new History(registry);
    this.#unhook = hookFree(registry, (name, totals) => this.#noteFreed(name, totals));
  }

  /** Counts no more. */
  stop(): void {
    this.#unhook();
    this.history.stop();
  }

  /** Reads all breakers. @param maximumSeries series that the report has at most */
  report(maximumSeries: number): Report {
    const registry = this.#registry;
    registry._engine.dispatcher.poll(); // events of other threads
    const capacity = Math.max(1, Math.floor(maximumSeries / SERIES_PER_BREAKER));
    const collection = collect(registry, { maximum: capacity });
    const { atMs, rest, idle } = collection;
    const byState = { ...rest.byState, closed: rest.byState.closed + idle };
    for (const { state } of collection.breakers) byState[state]++;
    this.history.reconcile(atMs, byState.open, collection.breakers);

    const all = this.#allCounts(collection);
    const candidates = this.#candidates(collection);
    const budget = maximumSeries - SERIES_OF_REGISTRY - this.#seriesOf(all) - 1;
    const rows = this.#choose(candidates, budget, atMs);
    const names = new Set(rows.map(({ name }) => name));
    for (const name of [...this.#named.keys()]) if (!names.has(name)) this.#depart(name);

    this.#isCrowded = countUnnamed(collection, rows) > 0;
    this.history.beginInterval(this.#isCrowded ? 0 : Math.floor(budget / SERIES_PER_BREAKER) - rows.length);
    const pending = [...collection.breakers, rest].reduce((sum, one) => sum + one.pending, 0);
    const restRow = this.#restRow(all, rows, pending);
    return { rows: restRow ? [...rows, restRow] : rows, byState, bounds: this.history.bounds };
  }

  /** Everything that was ever counted. */
  #allCounts({ breakers, rest, atMs }: Collection): Counts {
    const all = countsOf(rest.totals);
    for (const { totals } of breakers) addCounts(all, countsOf(totals));
    addCounts(all, this.#freed);
    addCounts(all, this.history.all(atMs));
    return all;
  }

  /** Those that are not closed first, named ones before others; then named ones, then others with most calls. */
  #candidates({ breakers }: Collection): Candidate[] {
    const readings = new Map(breakers.map((reading) => [reading.name, reading]));
    const candidates: Candidate[] = [];
    for (const [name, named] of this.#named) {
      const reading = readings.get(name) ?? readingOf(this.#registry, name);
      if (reading) candidates.push({ reading, named });
      readings.delete(name);
    }
    for (const [name, reading] of readings) {
      if (name !== REST_NAME) candidates.push({ reading, named: undefined });
    }
    const rankOf = ({ reading, named }: Candidate) => (reading.state === "closed" ? 2 : 0) + (named ? 0 : 1);
    return candidates.sort((one, other) => rankOf(one) - rankOf(other)); // stable
  }

  /** Rows of as many candidates as the budget of series allows. */
  #choose(candidates: readonly Candidate[], budget: number, nowMs: number): Row[] {
    const rows: Row[] = [];
    let left = budget;
    for (const candidate of candidates) {
      if (left < SERIES_PER_BREAKER) break;
      const { reading } = candidate;
      const named = candidate.named ?? this.#promote(reading, nowMs);
      const counts = this.#countsNow(reading, named, nowMs);
      left -= GAUGES_PER_BREAKER + this.#seriesOf(counts);
      if (left < 0) break; // it is not reported, and departs with what it showed last
      named.shown = counts;
      rows.push({ name: reading.name, counts, pending: reading.pending, reading });
    }
    return rows;
  }

  /** Begins to report a breaker by name. Counts that the rest has shown are not shown again. */
  #promote(reading: BreakerReading, nowMs: number): Named {
    const { name, totals } = reading;
    const before = this.#departed.get(name) ?? new Map();
    this.#departed.delete(name);
    addCounts(this.#past, before, -1);
    const offset: Counts = new Map();
    const history: Counts = new Map();
    const current = countsOf(totals);
    for (const [key, count] of before) (current.has(key) ? offset : history).set(key, count);
    if (this.#isCrowded) addCounts(offset, current, -1);
    this.history.track(name, nowMs, history, !this.#isCrowded);
    const named: Named = { offset, totals: current, shown: before };
    this.#named.set(name, named);
    return named;
  }

  /** The counters of a named breaker now. */
  #countsNow({ name, totals }: BreakerReading, named: Named, nowMs: number): Counts {
    const current = countsOf(totals);
    // Another thread has freed it and made it anew.
    if (isBelow(current, named.totals)) this.#noteFreed(name, named.totals);
    const counts = this.history.countsOf(name, nowMs);
    addCounts(counts, named.offset);
    addCounts(counts, current);
    named.totals = current;
    return raised(named.shown, counts);
  }

  /** Reports a breaker by name no more: from here on it counts for the rest, as does what it counted since its last report. */
  #depart(name: string): void {
    const { shown } = this.#named.get(name)!; // by its caller
    this.#named.delete(name);
    this.history.untrack(name);
    addCounts(this.#past, shown);
    this.#departed.set(name, shown);
    if (this.#departed.size > MAXIMUM_DEPARTED) this.#departed.delete(first(this.#departed.keys()));
  }

  /** Series of counters. A histogram has one for each bucket, and two more. */
  #seriesOf(counts: Counts): number {
    const { bounds } = this.history;
    let series = bounds && counts.has(DURATION_SUM) ? bounds.length + 3 : 0;
    for (const [key, count] of counts) if (!key.startsWith(DURATION) && isShown(key, count)) series++;
    return series;
  }

  #noteFreed(name: string, totals: Counts): void {
    addCounts(this.#freed, totals);
    this.history.forget(name);
    const named = this.#named.get(name);
    if (!named) return;
    addCounts(named.offset, totals);
    named.totals = new Map();
  }

  /** What no name shows. There is no row for it until there is something to show. */
  #restRow(all: Counts, rows: readonly Row[], pending: number): Row | undefined {
    const counts = new Map(all);
    addCounts(counts, this.#past, -1);
    let out = pending;
    for (const row of rows) {
      addCounts(counts, row.counts, -1);
      out -= row.pending;
    }
    const isEmpty = !this.#isCrowded && ![...counts.values()].some((count) => count >= LEAST_COUNT);
    if (!this.#rest && isEmpty) return undefined;
    this.#rest = this.#repair(counts);
    return { name: REST_NAME, counts: this.#rest, pending: Math.max(0, out), reading: undefined };
  }

  /**
   * The rest falls when another thread frees breakers: what they counted is not known here. It stands still then, and goes on
   * from there at the next collection.
   */
  #repair(counts: Counts): Counts {
    const before = this.#rest ?? new Map<string, number>();
    const deficits: Counts = new Map();
    for (const [key, count] of before) {
      const deficit = count - (counts.get(key) ?? 0);
      if (!(deficit > 0)) continue;
      const lasting = Math.min(deficit, this.#deficits.get(key) ?? 0);
      increase(this.#freed, key, lasting);
      deficits.set(key, deficit - lasting);
    }
    this.#deficits = deficits;
    return raised(before, counts);
  }
}

function first<T>(values: Iterable<T>): T {
  for (const value of values) return value;
  throw new RangeError("there is none");
}
