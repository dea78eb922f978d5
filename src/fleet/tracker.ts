/** The own breakers that matter to the fleet: what each has counted, while it is open what it had counted before. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import type { Snapshot } from "../breaker/snapshot.ts";
import { collect } from "../features/collect.ts";
import { snapshots } from "../features/snapshots.ts";
import { type Counts, hashOf } from "./report.ts";
import { hasEvidence, type Rule } from "./verdict.ts";

/** A breaker at one moment. */
type Reading = Pick<
  Snapshot,
  "endpoint" | "state" | "mode" | "calls" | "failures" | "generation" | "retryAfterMs"
>;

/** One endpoint of this machine. */
export interface Track {
  readonly breaker: CircuitBreaker;
  readonly hash: number;
  /** undefined: its breaker has no time window, and shares no counts. */
  rule: Rule | undefined;
  /** Of the window while closed; otherwise those with which it opened. */
  counts: Counts;
  reading: Reading;
  /** The generation in which this machine was granted the probe of the fleet. */
  probing: number | undefined;
  /** Probes of the fleet that failed in a row, as the lease said last. */
  failedProbes: number;
}

const NOTHING: Counts = { calls: 0, failures: 0 };

function newTrack(breaker: CircuitBreaker, reading: Reading): Track {
  const hash = hashOf(reading.endpoint);
  return { breaker, hash, rule: undefined, counts: NOTHING, reading, probing: undefined, failedProbes: 0 };
}

export class Tracker {
  readonly #registry: CircuitBreakerRegistry;
  readonly #maximum: number;
  readonly #machines: number;
  #tracks = new Map<string, Track>();

  constructor(registry: CircuitBreakerRegistry, maximum: number, machines: number) {
    this.#registry = registry;
    this.#maximum = maximum;
    this.#machines = machines;
  }

  /** Reads the registry. Forgets breakers that are idle or deleted. */
  update(): void {
    const before = this.#tracks;
    this.#tracks = new Map();
    for (const reading of this.#readings()) {
      const { endpoint, mode, state, calls } = reading;
      const known = before.get(endpoint);
      const isIdle = state === "closed" && calls === 0 && known?.probing === undefined;
      if (mode === "disabled" || mode === "forced_open" || isIdle) continue;
      const breaker = this.#registry.peek(endpoint);
      if (!breaker) continue;
      const track = known ?? newTrack(breaker, reading);
      track.rule = this.#ruleOf(breaker);
      track.counts = countsOf(track, reading);
      track.reading = reading;
      if (reading.state === "closed") track.failedProbes = 0;
      this.#tracks.set(endpoint, track);
    }
  }

  /** Of all breakers, or of the busiest where there are more than a report has. */
  *#readings(): Iterable<Reading> {
    if (this.#registry.size <= this.#maximum) yield* snapshots(this.#registry);
    else {
      const { breakers } = collect(this.#registry, { maximum: this.#maximum });
      for (const { name, ...reading } of breakers) yield { endpoint: name, ...reading };
    }
  }

  #ruleOf(breaker: CircuitBreaker): Rule | undefined {
    const detector = breaker.options.detector.find(({ kind }) => kind === "success_rate_over_time_window");
    if (detector?.kind !== "success_rate_over_time_window") return undefined;
    const { requiredSuccessRate, minimumCalls } = detector;
    return { requiredSuccessRate, minimumCalls, machines: this.#machines };
  }

  /** All of them. */
  get all(): Iterable<Track> {
    return this.#tracks.values();
  }

  /** What a report says. */
  counts(): Map<number, Counts> {
    const counts = new Map<number, Counts>();
    for (const track of this.#tracks.values()) {
      if (track.rule && track.counts.calls > 0) counts.set(track.hash, track.counts);
    }
    return counts;
  }

  /** Closed, and it has failures that the fleet may confirm. */
  suspects(): Track[] {
    return [...this.all].filter(
      ({ reading, counts, rule }) => reading.state === "closed" && rule && hasEvidence(counts, rule),
    );
  }

  /** Open, and its delay ends within that time. */
  due(withinMs: number): Track[] {
    return [...this.all].filter(
      ({ reading, rule, counts }) =>
        rule && reading.state === "open" && reading.retryAfterMs <= withinMs && counts.calls > 0,
    );
  }
}

/** A transition empties the window: what it held then is what the machine knows of the endpoint until it closes. */
function countsOf({ breaker, counts }: Track, reading: Reading): Counts {
  const { state, calls, failures } = reading;
  if (state === "closed") return { calls, failures };
  if (counts.calls > 0) return counts;
  const opened = breaker.snapshot().opened;
  return opened && opened.calls > 0 ? { calls: opened.calls, failures: opened.failures } : NOTHING;
}
