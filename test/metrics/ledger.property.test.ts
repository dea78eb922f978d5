import { describe, expect, it } from "vitest";
import {
  type CircuitBreaker,
  CircuitBreakerRegistry,
  configure,
  evictIdle,
  type Mode,
} from "../../src/entry/main.ts";
import { metricsText } from "../../src/entry/metrics.ts";
import { type ManualClock, manualClock, recordEvents } from "../../src/features/testing.ts";
import { RandomModel } from "../model/random.ts";
import { labelOf, samplesOf } from "./exposition.ts";

const SEED = Number(process.env.BLUESMOKE_SEED ?? Date.now() % 1_000_000_000);
const CASES = 12;
const STEPS = 500;
const PREFIX = "bluesmoke_circuit_breaker_";
const COUNTER = /_(?:total|bucket|sum|count)$/;

/** What a scraper has seen: the latest value of each counter, and what a model counted meanwhile. */
class Scraper {
  readonly latest = new Map<string, number>();
  readonly falls: string[] = [];
  readonly #maximumSeries: number;

  constructor(maximumSeries: number) {
    this.#maximumSeries = maximumSeries;
  }

  scrape(registry: CircuitBreakerRegistry): void {
    const samples = samplesOf(
      metricsText(registry, { maximumSeries: this.#maximumSeries, durations: [5, 50] }),
    );
    expect(samples.size).toBeLessThanOrEqual(this.#maximumSeries);
    for (const [series, value] of samples) {
      if (!COUNTER.test(series.slice(0, series.indexOf("{")))) continue;
      const before = this.latest.get(series) ?? 0;
      if (value < before) this.falls.push(`${series}: ${before} to ${value}`);
      this.latest.set(series, value);
    }
  }

  /** The sum of a counter over all names that there ever were, by its other labels. */
  sums(): Map<string, number> {
    const sums = new Map<string, number>();
    for (const [series, value] of this.latest) {
      const key = series.replace(/name="(?:[^"\\]|\\.)*",?/, "").replace(PREFIX, "");
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return sums;
  }
}

/** A registry of many endpoints, and what a model counted of it. */
class World {
  readonly clock: ManualClock = manualClock();
  readonly registry = new CircuitBreakerRegistry({
    clock: this.clock,
    seed: 1,
    defaults: {
      detector: { kind: "consecutive_failures", failures: 2 },
      backoff: { kind: "constant", delayMs: 100 },
      decayMs: 0,
    },
  });
  readonly counts = new Map<string, number>();
  readonly #random: RandomModel;

  constructor(seed: number) {
    this.#random = new RandomModel(BigInt(seed));
    const { events } = recordEvents(this.registry);
    this.#events = events;
  }

  readonly #events: ReturnType<typeof recordEvents>["events"];

  below(bound: number): number {
    return Math.floor(this.#random.unit() * bound);
  }

  count(key: string, by = 1): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }

  step(names: number): void {
    const name = `endpoint ${this.below(names)}`;
    const breaker = this.registry.get(name);
    const choice = this.below(100);
    if (choice < 60) this.call(breaker);
    else if (choice < 80) this.pass(this.below(60));
    else if (choice < 84) this.registry.delete(name);
    else if (choice < 87) evictIdle(this.registry);
    else if (choice < 90) breaker.trip();
    else if (choice < 92) breaker.reset();
    else if (choice < 95) this.switch(breaker);
    else if (choice < 97)
      configure(breaker, {
        detector: { kind: "success_rate_over_count_window", calls: 10 + this.below(20), minimumCalls: 5 },
      });
    else this.late(breaker);
  }

  call(breaker: CircuitBreaker): void {
    const { mode } = breaker;
    const ticket = breaker.tryAcquire();
    if (ticket === 0) {
      this.count(`refused_calls_total{reason="${mode === "forced_open" ? mode : "open"}"}`);
      return;
    }
    this.report(breaker, ticket);
  }

  /** Reports a call of a random weight and duration. */
  report(breaker: CircuitBreaker, ticket: number, isLate = false): void {
    const weight = 1 + this.below(3);
    const durationMs = this.below(80);
    const isFailure = this.below(2) === 0;
    const isCounted = breaker.mode !== "disabled";
    if (isFailure) breaker.onFailure(ticket, undefined, durationMs, weight);
    else breaker.onSuccess(ticket, undefined, durationMs, weight);
    for (const bound of [5, 50]) {
      if (durationMs <= bound) this.count(`call_duration_seconds_bucket{le="${bound / 1_000}"}`, weight);
    }
    this.count('call_duration_seconds_bucket{le="+Inf"}', weight);
    this.count("call_duration_seconds_count{}", weight);
    this.count("call_duration_seconds_sum{}", (weight * durationMs) / 1_000);
    if (isLate) this.count("late_results_total{}", weight);
    else if (isCounted) this.count(`calls_total{outcome="${isFailure ? "failure" : "success"}"}`, weight);
  }

  /** A result of an earlier generation. */
  late(breaker: CircuitBreaker): void {
    if (breaker.mode !== "enabled" || breaker.state !== "closed") return;
    const ticket = breaker.tryAcquire();
    breaker.trip();
    this.report(breaker, ticket, true);
  }

  switch(breaker: CircuitBreaker): void {
    const modes: readonly Mode[] = ["enabled", "disabled", "forced_open", "enabled"];
    const mode = modes[this.below(4)]!; // below its length
    if (mode === "enabled") breaker.enable();
    else if (mode === "disabled") breaker.disable();
    else breaker.forceOpen();
  }

  pass(ms: number): void {
    const open = [...this.registry].filter(({ state }) => state === "open").length;
    this.count("open_seconds_total{}", (open * ms) / 1_000);
    this.clock.advance(ms);
  }

  /** What the sums of a scraper must be. */
  expected(): Map<string, number> {
    const expected = new Map(this.counts);
    for (const { to, cause } of this.#events) {
      const key = `transitions_total{to="${to}",cause="${cause}"}`;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    return expected;
  }
}

function play(seed: number, maximumSeries: number, names: number): void {
  const world = new World(seed);
  const scraper = new Scraper(maximumSeries);
  scraper.scrape(world.registry);
  for (let step = 0; step < STEPS; step++) {
    world.step(names);
    if (world.below(12) > 0 && step < STEPS - 1) continue;
    scraper.scrape(world.registry);
    const sums = scraper.sums();
    for (const [key, count] of world.expected()) {
      expect(sums.get(key) ?? 0, `${key} after step ${step}`).toBeCloseTo(count, 6);
    }
    expect(scraper.falls).toEqual([]);
  }
  const reported = new Set([...scraper.latest.keys()].map((series) => labelOf(series, "name")));
  expect(reported.has("*")).toBe(true);
  expect(reported.size).toBeGreaterThan(2);
}

describe("counters of a registry with more breakers than names", () => {
  it.each(Array.from({ length: CASES }, (_, at) => at))(
    "never fall and count each call, refusal, transition and open second once, case %i",
    (at) => {
      const seed = SEED + at;
      try {
        play(seed, 130 + 40 * (seed % 4), 6 + 6 * (seed % 3));
      } catch (error) {
        throw new Error(`BLUESMOKE_SEED=${seed} fails in case 0`, { cause: error });
      }
    },
  );
});
