import { describe, expect, it } from "vitest";
import type { Totals } from "../../src/breaker/snapshot.ts";
import { attachRegistry, createSharedRegistry } from "../../src/entry/threads.ts";
import { batchExportsOf } from "../../src/features/batch.ts";
import { type Collection, collect, snapshots } from "../../src/features/index.ts";
import { ALL_FLAVOURS } from "../flavours.ts";
import { Generator } from "../random/generator.ts";

const DETECTORS = [
  { kind: "success_rate_over_time_window", windowMs: 400, buckets: 4, minimumCalls: 5, hungAfterMs: 200 },
  { kind: "success_rate_over_time_window", windowMs: 1_000, buckets: 3, minimumCalls: 5 },
  { kind: "success_rate_over_count_window", calls: 10, minimumCalls: 5 },
  { kind: "consecutive_failures", failures: 5 },
] as const;

type Registry = ReturnType<(typeof ALL_FLAVOURS)[number]["createRegistry"]>;

/** Breakers of every kind, in every state, of which some had no call; returns when the last call was. */
function play(registry: Registry, seed: number, count: number): number {
  const generator = new Generator(seed);
  let now = 1_000;
  for (let number = 0; number < count; number++) {
    const breaker = registry.get(`endpoint ${number}`, { detector: DETECTORS[number % 4]! });
    now += generator.number() % 20;
    const kind = generator.number() % 8;
    if (kind === 0) continue;
    if (kind === 1) breaker.forceOpen(now);
    if (kind === 2) breaker.shadow(now);
    for (let call = generator.number() % 30; call > 0; call--) {
      now += generator.number() % 10;
      const ticket = breaker.tryAcquire(now);
      const fate = generator.number() % 16;
      if (fate < 2) continue; // never reported
      if (fate < (kind === 3 ? 12 : 4)) breaker.onFailure(ticket, now);
      else breaker.onSuccess(ticket, now, undefined, 1 + (generator.number() % 3));
    }
  }
  return now;
}

/** The same by a snapshot of each: slow and obvious. */
function expected(registry: Registry, maximum: number): Collection {
  const all = [...snapshots(registry)];
  const isIdle = ({ state, totals, pending }: (typeof all)[number]) =>
    state === "closed" && pending === 0 && sum(totals) === 0;
  const busy = all.filter((snapshot) => !isIdle(snapshot));
  const order = [...busy].sort(
    (one, other) =>
      Number(other.state !== "closed") - Number(one.state !== "closed") || other.calls - one.calls,
  );
  const rest = order.slice(maximum);
  const total = (readOf: (snapshot: (typeof all)[number]) => number) =>
    rest.reduce((left, snapshot) => left + readOf(snapshot), 0);
  const readings = order.slice(0, maximum);
  const one = (field: Exclude<keyof Totals, "refusedBy">) => total(({ totals }) => totals[field]);
  return {
    atMs: registry.now(),
    breakers: readings.map(
      ({ endpoint: name, consecutiveFailures, hung, late, refused, opened, ...reading }) => ({
        name,
        ...reading,
      }),
    ),
    rest: {
      breakers: rest.length,
      totals: {
        succeeded: one("succeeded"),
        failed: one("failed"),
        slow: one("slow"),
        refused: one("refused"),
        refusedBy: {
          open: total(({ totals }) => totals.refusedBy.open),
          forced_open: total(({ totals }) => totals.refusedBy.forced_open),
          throttled: total(({ totals }) => totals.refusedBy.throttled),
          busy: total(({ totals }) => totals.refusedBy.busy),
        },
        late: one("late"),
        opened: one("opened"),
      },
      pending: total(({ pending }) => pending),
      byState: {
        closed: total(({ state }) => Number(state === "closed")),
        open: total(({ state }) => Number(state === "open")),
        half_open: total(({ state }) => Number(state === "half_open")),
      },
    },
    idle: all.length - busy.length,
  };
}

function sum({ succeeded, failed, refused, late, opened }: Totals): number {
  return succeeded + failed + refused + late + opened;
}

describe.each(ALL_FLAVOURS)("collect ($name)", (flavour) => {
  it.each([
    [1, 30, 0],
    [2, 300, 50],
    [3, 300, 350],
    [4, 300, 2_000],
    [5, 2_500, 150], // more than one call of the core
  ])("gives what a snapshot of each gives (seed %i, %i breakers, %i ms later)", (seed, count, laterMs) => {
    let now = 0;
    const registry = flavour.createRegistry({ clock: () => now, seed: 1 });
    now = play(registry, seed, count) + laterMs;
    for (const maximum of [1, 7, count]) {
      const wanted = expected(registry, maximum);
      expect(collect(registry, { maximum })).toEqual(wanted);
      expect(wanted.breakers.length).toBeGreaterThan(0);
    }
    expect(expected(registry, 1).idle).toBeGreaterThan(2);
  });

  it("changes nothing, and gives the same again", () => {
    let now = 0;
    const registry = flavour.createRegistry({ clock: () => now, seed: 1 });
    now = play(registry, 6, 50) + 100;
    const before = [...snapshots(registry)];
    expect(collect(registry)).toEqual(collect(registry));
    expect([...snapshots(registry)]).toEqual(before);
  });

  it("orders by calls that are many, and takes the first of equal ones", () => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    const calls = [5, 70_000, 1_000_000, 65_535, 65_536, 70_000, 0, 70_000];
    calls.forEach((weight, number) => {
      const breaker = registry.get(`${number}`);
      if (weight > 0) breaker.onSuccess(breaker.tryAcquire(0), 0, undefined, weight);
    });
    const first = [...registry].filter(({ name }) => ["1", "5", "7"].includes(name));
    const order = ["2", ...first.map(({ name }) => name), "4", "3", "0"];
    for (const maximum of [1, 2, 3, 4, 5, 6, 7, 100]) {
      const { breakers, rest } = collect(registry, { maximum });
      expect(breakers.map(({ name }) => name)).toEqual(order.slice(0, maximum));
      expect(rest.breakers).toBe(7 - breakers.length);
    }
  });

  it("of an empty registry is empty; names 1,000 at most unless told", () => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    expect(collect(registry)).toMatchObject({ atMs: 0, breakers: [], rest: { breakers: 0 }, idle: 0 });
    for (let number = 0; number < 1_002; number++) {
      const breaker = registry.get(`${number}`);
      breaker.onSuccess(breaker.tryAcquire(0), 0);
    }
    const { breakers, rest } = collect(registry);
    expect([breakers.length, rest.breakers, rest.totals.succeeded, rest.byState.closed]).toEqual([
      1_000, 2, 2, 2,
    ]);
  });

  it.each([0, 1.5, -1, 1_000_001, Number.NaN, "7"])("refuses a maximum of %s", (maximum) => {
    const registry = flavour.createRegistry();
    expect(() => collect(registry, { maximum: maximum as number })).toThrow(
      "maximum must be a whole number from 1 to 1000000",
    );
    expect(() => collect(registry, { most: 1 } as object)).toThrow('unknown option "most"');
  });
});

describe("collect of a shared registry", () => {
  it("sums what all threads have counted", () => {
    let now = 1_000;
    const clock = () => now;
    const one = createSharedRegistry({ threads: 3, clock });
    const two = attachRegistry(one.handle(), { clock });
    for (let number = 0; number < 40; number++) {
      for (const [index, registry] of [one, two].entries()) {
        now += 30;
        const breaker = registry.get(`endpoint ${number % 20}`);
        breaker.onSuccess(breaker.tryAcquire(), undefined, undefined, 1 + index);
        if (number % 3 === 0) breaker.onFailure(breaker.tryAcquire());
      }
    }
    const wanted = expected(one, 4);
    expect(collect(one, { maximum: 4 })).toEqual(wanted);
    expect(collect(two, { maximum: 4 })).toEqual(wanted);
    now += 9_000;
    expect(collect(two, { maximum: 4 })).toEqual(expected(one, 4));
    two.detach();
    expect(collect(one, { maximum: 20 }).breakers).toHaveLength(20);
  });

  it("leaves out a breaker that another thread frees meanwhile", () => {
    const one = createSharedRegistry({ threads: 2, clock: () => 0 });
    const two = attachRegistry(one.handle(), { clock: () => 0 });
    for (const name of ["a", "b"]) one.get(name).onSuccess(one.get(name).tryAcquire());
    const exports = batchExportsOf(one._core);
    const original = exports.collect;
    exports.collect = (...values) => {
      original(...values);
      two.delete("a");
    };
    const { breakers, rest } = collect(one);
    expect(breakers.map(({ name }) => name)).toEqual(["b"]);
    expect(rest.breakers).toBe(1); // it was there when it was counted
  });
});
