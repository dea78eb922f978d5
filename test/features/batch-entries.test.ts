import { describe, expect, it } from "vitest";
import {
  acquireBatch,
  type Batch,
  createBatch,
  FAILURE,
  NONE,
  RELEASE,
  reportBatch,
  SUCCESS,
} from "../../src/features/batch.ts";
import { FLAVOURS, type Flavour } from "../flavours.ts";

/** One entry of a batch. */
interface Entry {
  readonly name: string;
  readonly ticket: number;
  readonly outcome: number;
  readonly weight?: number;
  readonly durationMs?: number;
}

const DEFAULTS = {
  detector: {
    kind: "success_rate_over_time_window",
    windowMs: 1_000,
    buckets: 10,
    minimumCalls: 10,
    slowCallMs: 50,
    maximumSlowRate: 0.5,
  },
  backoff: { kind: "constant", delayMs: 100 },
  halfOpen: { probes: 2, successesToClose: 2 },
} as const;
const NAMES = ["a", "b", "c"];
const SIZE = 300;
/** Of generation 1. */
const FIRST_TICKET = 256;

/** A registry that gets batches and one that gets single calls. */
class Pair {
  readonly registry;
  readonly twin;
  readonly #plain: Batch;
  readonly #full: Batch;

  constructor({ createRegistry }: Flavour) {
    this.registry = createRegistry({ defaults: DEFAULTS, seed: 1 });
    this.twin = createRegistry({ defaults: DEFAULTS, seed: 1 });
    for (const name of NAMES) this.registry.get(name);
    this.#plain = createBatch(this.registry, SIZE);
    this.#full = createBatch(this.registry, SIZE);
    this.#full.weights.fill(1);
    this.#full.durations.fill(Number.NaN);
  }

  /** Admits so many calls of `name` in both; the tickets of the batch. */
  acquire(name: string, count: number, nowMs: number): number[] {
    this.#plain.breakers.fill(this.registry.get(name).id, 0, count);
    const admitted = acquireBatch(this.#plain, count, nowMs);
    const tickets = [...this.#plain.tickets.subarray(0, count)];
    expect(tickets).toEqual(Array.from({ length: count }, () => this.twin.get(name).tryAcquire(nowMs)));
    expect(admitted).toBe(tickets.filter((ticket) => ticket !== 0).length);
    return tickets;
  }

  /** Reports to both, and compares what they are then. */
  report(entries: readonly Entry[], nowMs: number): void {
    const isPlain = entries.every(
      ({ weight, durationMs }) => weight === undefined && durationMs === undefined,
    );
    const batch = isPlain ? this.#plain : this.#full;
    entries.forEach(({ name, ticket, outcome, weight = 1, durationMs = Number.NaN }, i) => {
      batch.breakers[i] = this.registry.get(name).id;
      batch.tickets[i] = ticket;
      batch.outcomes[i] = outcome;
      if (!isPlain) {
        batch.weights[i] = weight;
        batch.durations[i] = durationMs;
      }
      const breaker = this.twin.get(name);
      const held = ticket || breaker.snapshot(nowMs).generation * FIRST_TICKET; // 0: a call that was not acquired
      if (outcome === SUCCESS) breaker.onSuccess(held, nowMs, durationMs, weight);
      if (outcome === FAILURE) breaker.onFailure(held, nowMs, durationMs, weight);
      if (outcome === RELEASE) breaker.release(held, nowMs);
    });
    reportBatch(batch, entries.length, nowMs);
    this.compare(nowMs);
  }

  compare(nowMs: number): void {
    for (const name of NAMES) {
      expect(this.registry.get(name).snapshot(nowMs)).toEqual(this.twin.get(name).snapshot(nowMs));
    }
  }
}

/** So many successes of one ticket. */
function successes(name: string, ticket: number, count: number): Entry[] {
  return Array.from({ length: count }, () => ({ name, ticket, outcome: SUCCESS }));
}

describe.each(FLAVOURS)("the entries of a batch over the $name core", (flavour) => {
  it.each([1, 9, 63, 64, 65, 128, 254, 255, 256, 257, 300])("count one by one, %i of them", (count) => {
    const pair = new Pair(flavour);
    const tickets = pair.acquire("a", count, 1_000);
    const entries = tickets.map((ticket) => ({ name: "a", ticket, outcome: SUCCESS }));
    pair.report(entries, 1_001);
    expect(pair.registry.get("a").snapshot(1_001)).toMatchObject({
      calls: count,
      failures: 0,
      state: "closed",
    });
    pair.report(entries.slice(0, 1), 1_950);
    pair.compare(2_001); // what was counted at 1,001 has just left the window
    expect(pair.registry.get("a").snapshot(2_001).calls).toBe(1);
  });

  it("count nothing beyond the number that is given, nor where the outcome is NONE or no outcome at all", () => {
    const pair = new Pair(flavour);
    const [ticket = 0] = pair.acquire("a", 1, 1_000);
    const batch = createBatch(pair.registry, 200);
    batch.breakers.fill(pair.registry.get("a").id);
    batch.tickets.fill(ticket);
    batch.outcomes.fill(SUCCESS);
    batch.outcomes.fill(NONE, 20, 40);
    batch.outcomes.fill(4, 40, 50);
    batch.outcomes.fill(255, 50, 60);
    reportBatch(batch, 100, 1_000);
    expect(pair.registry.get("a").snapshot(1_000)).toMatchObject({ calls: 60, failures: 0, late: 0 });
  });

  it("are judged in their order: a failure in the middle of a run of successes opens, and the rest is late", () => {
    const pair = new Pair(flavour);
    const [ticket = 0] = pair.acquire("a", 1, 1_000);
    const failures = { name: "a", ticket, outcome: FAILURE };
    pair.report([...successes("a", ticket, 30), failures, ...successes("a", ticket, 30)], 1_000);
    expect(pair.registry.get("a").snapshot(1_000)).toMatchObject({ calls: 61, state: "closed" });
    const many = Array.from({ length: 100 }, () => failures);
    pair.report([...successes("a", ticket, 20), ...many, ...successes("a", ticket, 20)], 1_001);
    expect(pair.registry.get("a").state).toBe("open");
    expect(pair.registry.get("a").snapshot(1_001).late).toBeGreaterThan(20);
  });

  it("are late one by one where a run of good tickets holds tickets of an earlier generation", () => {
    const pair = new Pair(flavour);
    const [old = 0] = pair.acquire("a", 1, 1_000);
    for (const registry of [pair.registry, pair.twin]) registry.get("a").reset(1_000);
    const [ticket = 0] = pair.acquire("a", 1, 1_001);
    expect(ticket).not.toBe(old);
    const entries = [...successes("a", ticket, 70), ...successes("a", old, 3), ...successes("a", ticket, 70)];
    pair.report(entries, 1_002);
    expect(pair.registry.get("a").snapshot(1_002)).toMatchObject({ calls: 140, late: 3 });
  });

  it("free a probe once, though its ticket is in a batch twice", () => {
    const pair = new Pair(flavour);
    const [ticket = 0] = pair.acquire("a", 1, 1_000);
    pair.report(
      Array.from({ length: 10 }, () => ({ name: "a", ticket, outcome: FAILURE })),
      1_000,
    );
    const probes = pair.acquire("a", 5, 1_200).filter((probe) => probe !== 0);
    expect(probes).toHaveLength(2);
    const [first = 0, second = 0] = probes;
    pair.report([...successes("a", first, 2), ...successes("b", 0, 5)], 1_201);
    expect(pair.registry.get("a").snapshot(1_201)).toMatchObject({ state: "half_open", late: 1 });
    pair.report([...successes("a", second, 1), ...successes("a", 0, 5)], 1_202);
    expect(pair.registry.get("a").snapshot(1_202)).toMatchObject({ state: "closed", calls: 5 });
  });

  it("count on beyond the width of a cell, whatever their weight", () => {
    const pair = new Pair(flavour);
    const [ticket = 0] = pair.acquire("a", 1, 1_000);
    const heavy = { name: "a", ticket, outcome: SUCCESS, weight: 1_000_000 };
    for (let round = 0; round < 8; round++) pair.report(new Array<Entry>(SIZE).fill(heavy), 1_000);
    expect(pair.registry.get("a").snapshot(1_000).calls).toBe(8 * SIZE * 1_000_000);
  });

  it("are slow by their own duration in the middle of a run of fast ones", () => {
    const pair = new Pair(flavour);
    const [ticket = 0] = pair.acquire("a", 1, 1_000);
    const durations = [Number.NaN, 0, 49, 50, 51, -1, Number.POSITIVE_INFINITY, 1];
    const entries = Array.from({ length: 160 }, (_, i) => ({
      name: NAMES[i % 2]!, // there are three
      ticket: i % 2 === 0 ? ticket : 0,
      outcome: SUCCESS,
      durationMs: durations[i % 8]!, // as many as there are
      weight: 1 + (i % 3),
    }));
    pair.report(entries, 1_003);
    expect(pair.registry.get("a").snapshot(1_003)).toMatchObject({ state: "closed" });
    expect(pair.registry.get("a").snapshot(1_003).slow).toBeGreaterThan(30);
  });

  it("of a time that goes back count at the latest time seen", () => {
    const pair = new Pair(flavour);
    const [ticket = 0] = pair.acquire("a", 1, 1_000);
    pair.report(successes("a", ticket, 30), 1_350);
    pair.report(successes("a", ticket, 30), 1_100);
    pair.acquire("a", 40, 900);
    expect(pair.registry.get("a").snapshot(2_250).calls).toBe(60);
    const failures = Array.from({ length: 100 }, () => ({ name: "a", ticket, outcome: FAILURE }));
    pair.report(failures, 1_100);
    expect(pair.registry.get("a").retryAfterMs(1_400)).toBe(50); // opened at 1,350, for 100
  });

  it("of a generation without calls do not count with those of the one before", () => {
    const pair = new Pair(flavour);
    pair.report(successes("a", 0, 30), 1_000);
    for (const registry of [pair.registry, pair.twin]) registry.get("a").reset(1_000);
    pair.report(successes("a", 0, 3), 1_001);
    expect(pair.registry.get("a").snapshot(1_001)).toMatchObject({ calls: 3, late: 0 });
  });
});
