/**
 * Samples a registry once a second while a page is connected: one `collect`, whose totals become rates and history. All
 * pages share a sample. There is no timer: the streams of the pages ask for samples.
 */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { type BreakerReading, type Collection, collect } from "../features/collect.ts";
import { EventLog } from "./event-log.ts";
import { History } from "./history.ts";
import type { DashboardLatency, ResolvedOptions } from "./options.ts";
import { FEW_CALLS, type Minutes, MODES, NONE, STATES, type Sums } from "./protocol.ts";
import { RatesOf } from "./rates.ts";
import { WallClock } from "./wall-clock.ts";

/** A sample that is younger serves for another page, too; less than a second, since timers are not exact. */
const MINIMUM_INTERVAL_MS = 900;
/** A page that is loaded anew within this time finds the history of before. */
const GRACE_MS = 60_000;

/** One breaker that is or was sampled. */
export interface Track {
  readonly id: number;
  readonly name: string;
  readonly history: History;
  readonly rates: RatesOf;
  /** Its row, as JSON: rows of messages are compared and sent as text. */
  row: string;
  /** State, mode and whether its share is 1, as one number: what is sent first when it changes. */
  condition: number;
  /** Number of the sample that it was in last. */
  sampled: number;
}

/** The registry at one moment. */
export interface Sample {
  readonly atMs: number;
  readonly sums: Sums;
  /** Those in the table, in the order of trouble. */
  readonly listed: readonly Track[];
}

export class Sampler {
  readonly registry: CircuitBreakerRegistry;
  readonly log: EventLog;
  readonly #options: ResolvedOptions;
  readonly #wall: WallClock;
  readonly #tracks = new Map<string, Track>();
  readonly #sums = new RatesOf();
  /** Names of breakers that pages show, one for each page. */
  readonly #watched: string[] = [];
  #sample: Sample | undefined;
  #sampledAt = Number.NEGATIVE_INFINITY;
  #samples = 0;
  #nextId = 0;
  #connections = 0;
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor(registry: CircuitBreakerRegistry, options: ResolvedOptions) {
    this.registry = registry;
    this.#options = options;
    this.#wall = new WallClock(registry);
    this.log = new EventLog(registry, (atMs) => this.#wall.of(atMs));
  }

  /** Pages that are connected. */
  get connections(): number {
    return this.#connections;
  }

  /**
   * A page is there; returns what is to be called, once, when it is gone.
   * @param watched the breaker that it shows, which is sampled even where it is not in the table.
   */
  connect(watched: string | null = null): () => void {
    clearTimeout(this.#grace);
    this.#connections++;
    this.log.start();
    if (watched !== null) this.#watched.push(watched);
    return () => {
      this.#connections--;
      if (watched !== null) this.#watched.splice(this.#watched.indexOf(watched), 1);
      if (this.#connections > 0) return;
      this.log.stop();
      this.#grace = setTimeout(() => this.clear(), GRACE_MS);
      unref(this.#grace);
    };
  }

  /** Forgets all history. */
  clear(): void {
    clearTimeout(this.#grace);
    this.#tracks.clear();
    this.#sums.clear();
    this.#sample = undefined;
    this.log.clear();
  }

  /** The registry now, or up to a second ago. */
  sample(): Sample {
    const now = Date.now(); // which may go back
    if (!this.#sample || Math.abs(now - this.#sampledAt) >= MINIMUM_INTERVAL_MS) {
      this.#sampledAt = now;
      this.#sample = this.#take();
    }
    return this.#sample;
  }

  /** The breaker of that name in the present sample; undefined where it is in no sample yet. */
  trackOf(name: string): Track | undefined {
    const track = this.#tracks.get(name);
    return track?.sampled === this.#samples ? track : undefined;
  }

  /** The last minute of breakers in the table, for their sparklines. */
  minutesOf(ids: readonly number[]): Minutes {
    const { atMs, listed } = this.sample();
    const second = Math.floor(atMs / 1_000);
    const wanted = new Set(ids);
    const tracks = listed.filter(({ id }) => wanted.has(id));
    return { second, minutes: tracks.map(({ id, history }) => [id, history.minute(second)]) };
  }

  /** The time of the registry's clock as ms since 1970. */
  toWall(atMs: number): number {
    return this.#wall.of(atMs);
  }

  #take(): Sample {
    const collection = collect(this.registry, { maximum: this.#options.maximum });
    this.#wall.adjust(collection.atMs);
    const atMs = Math.round(this.#wall.of(collection.atMs));
    this.#samples++;
    const listed = collection.breakers.map((reading) => this.#track(reading, collection.atMs, atMs));
    for (const name of this.#watched) this.#trackUnlisted(name, collection.atMs, atMs);
    this.#prune();
    this.log.expire(atMs);
    return { atMs, listed, sums: this.#sumsOf(collection) };
  }

  #track(reading: BreakerReading, readAtMs: number, atMs: number): Track {
    const track = this.#tracks.get(reading.name) ?? this.#newTrack(reading.name);
    const rates = track.rates.update(reading.totals, readAtMs);
    track.sampled = this.#samples;
    const latency = this.#latencyOf(reading.name);
    const state = STATES.indexOf(reading.state);
    const mode = MODES.indexOf(reading.mode);
    const share = Math.floor(reading.share * 1_000); // down: a share just below 1 must not read as 1
    const rate = rateOf(reading.successRate);
    track.history.add({
      second: Math.floor(atMs / 1_000),
      state,
      share,
      rate,
      ...rates,
      p50: latency?.p50Ms ?? NONE,
      p99: latency?.p99Ms ?? NONE,
    });
    const { succeeded, failed, refused } = track.history.mean();
    const few = reading.calls < FEW_CALLS ? 1 : 0;
    const retryAtMs = this.retryAtOf(reading, readAtMs);
    const row = [track.id, state, mode, share, rate, succeeded, failed, refused, few, retryAtMs];
    while (row.at(-1) === 0) row.pop(); // see Row
    track.row = JSON.stringify(row satisfies number[]);
    track.condition = state * 8 + mode * 2 + (share < 1_000 ? 1 : 0);
    return track;
  }

  #trackUnlisted(name: string, readAtMs: number, atMs: number): void {
    const breaker = this.trackOf(name) ? undefined : this.registry.peek(name);
    if (breaker) this.#track({ name, ...breaker.snapshot(readAtMs) }, readAtMs, atMs);
  }

  #latencyOf(name: string): DashboardLatency | undefined {
    try {
      return this.#options.latency?.(name);
    } catch {
      return undefined; // a fault of the program that is measured must not end the page
    }
  }

  #newTrack(name: string): Track {
    const track: Track = {
      id: this.#nextId++,
      name,
      history: new History(),
      rates: new RatesOf(),
      row: "",
      condition: 0,
      sampled: 0,
    };
    this.#tracks.set(name, track);
    return track;
  }

  /** Breakers come and go at the end of a long list: those that were there last are kept, as many again as are listed. */
  #prune(): void {
    if (this.#tracks.size <= 2 * this.#options.maximum) return;
    for (const [name, { sampled }] of this.#tracks) if (sampled < this.#samples) this.#tracks.delete(name);
  }

  #sumsOf({ breakers, rest, atMs }: Collection): Sums {
    const totals = { succeeded: 0, failed: 0, refused: 0 };
    for (const { totals: one } of [...breakers, rest]) {
      totals.succeeded += one.succeeded;
      totals.failed += one.failed;
      totals.refused += one.refused;
    }
    const count = (state: BreakerReading["state"]) =>
      breakers.filter((reading) => reading.state === state).length + rest.byState[state];
    return {
      breakers: this.registry.size,
      open: count("open"),
      halfOpen: count("half_open"),
      throttled: breakers.filter(({ state, share }) => state === "closed" && share < 1).length,
      ...this.#sums.update(totals, atMs),
      pending: breakers.reduce((sum, { pending }) => sum + pending, rest.pending),
      unlisted: this.registry.size - breakers.length,
    };
  }

  /** Until when a breaker is open, ms since 1970; 0: it is not open, NONE: without an end. */
  retryAtOf({ state, retryAfterMs }: Pick<BreakerReading, "state" | "retryAfterMs">, atMs: number): number {
    if (state !== "open") return 0;
    return Number.isFinite(retryAfterMs) ? Math.round(this.#wall.of(atMs + retryAfterMs)) : NONE;
  }
}

/** In ‱, rounded down. */
export function rateOf(successRate: number | undefined): number {
  return successRate === undefined ? NONE : Math.floor(successRate * 10_000);
}

/** Node's timers keep a process alive; those of others are numbers. */
function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
