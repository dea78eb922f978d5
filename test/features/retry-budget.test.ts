import { describe, expect, it } from "vitest";
import { attachRegistry, createSharedRegistry } from "../../src/entry/threads.ts";
import { configure, evictIdle, mayRetry, type RetryBudgetOptions } from "../../src/features/index.ts";
import { ALL_FLAVOURS } from "../flavours.ts";
import { Generator } from "../random/generator.ts";

/** Never opens: the budget alone decides. */
const NEVER = { detector: { kind: "consecutive_failures", failures: 1_000_000 } } as const;
type Breaker = ReturnType<ReturnType<(typeof ALL_FLAVOURS)[number]["createRegistry"]>["get"]>;

/** Calls with three retries each, of which so many in a hundred fail; returns how often the endpoint was called. */
function play(breaker: Breaker, calls: number, failing: number, options?: RetryBudgetOptions) {
  const generator = new Generator(calls);
  let load = 0;
  let done = 0;
  for (let call = 0; call < calls; call++) {
    for (let attempt = 0; attempt < 4; attempt++) {
      if (attempt > 0 && !mayRetry(breaker, options)) break;
      load++;
      const ticket = breaker.tryAcquire(0);
      if (generator.number() % 100 < failing) breaker.onFailure(ticket, 0);
      else {
        breaker.onSuccess(ticket, 0);
        done++;
        break;
      }
    }
  }
  return { load: load / calls, done: done / calls };
}

describe.each(ALL_FLAVOURS)("a retry budget ($name)", (flavour) => {
  const create = (options: object = NEVER) => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    return { registry, breaker: registry.get("a", options) };
  };

  it("lets a dead endpoint have at most 1.11 times its load, whatever the retries", () => {
    const { load } = play(create().breaker, 1_000, 100);
    expect(load).toBeGreaterThan(1.09);
    expect(load).toBeLessThanOrEqual(1.11);
  });

  it.each([
    { kind: "success_rate_over_time_window", requiredSuccessRate: 0 },
    { kind: "success_rate_over_count_window", requiredSuccessRate: 0 },
  ])("does the same by any detector: $kind", (detector) => {
    expect(play(create({ detector }).breaker, 1_000, 100).load).toBeLessThanOrEqual(1.11);
  });

  it("lets nearly every call succeed where a few fail", () => {
    const { load, done } = play(create().breaker, 2_000, 3);
    expect(done).toBeGreaterThan(0.999);
    expect(load).toBeLessThan(1.06);
  });

  it.each([0, 0.25, 1])("takes another share: %d", (share) => {
    const { load } = play(create().breaker, 1_000, 100, { share });
    expect(load).toBeGreaterThanOrEqual(1 + share);
    expect(load).toBeLessThanOrEqual(1 + share + 0.01);
  });

  it("begins with three tokens, and ten successes and first calls pay for one", () => {
    const { breaker } = create();
    expect([1, 2, 3, 4].map(() => mayRetry(breaker))).toEqual([true, true, true, false]);
    // The first three calls that end count as the retries.
    for (let call = 0; call < 3 + 9; call++) breaker.onFailure(breaker.tryAcquire(0), 0);
    expect(mayRetry(breaker)).toBe(false);
    breaker.onFailure(breaker.tryAcquire(0), 0);
    expect([mayRetry(breaker), mayRetry(breaker)]).toEqual([true, false]);
    // One of these is the retry; each success pays twice.
    for (let call = 0; call < 5; call++) breaker.onSuccess(breaker.tryAcquire(0), 0);
    expect(mayRetry(breaker)).toBe(false);
    breaker.onSuccess(breaker.tryAcquire(0), 0);
    expect([mayRetry(breaker), mayRetry(breaker)]).toEqual([true, false]);
  });

  it("keeps ten tokens at most, or as many as it is told", () => {
    const { breaker } = create();
    for (let call = 0; call < 1_000; call++) breaker.onSuccess(breaker.tryAcquire(0), 0);
    const granted = (options?: RetryBudgetOptions) => {
      let count = 0;
      while (mayRetry(breaker, options)) count++;
      return count;
    };
    expect(granted()).toBe(10);
    for (let call = 0; call < 1_000; call++) breaker.onSuccess(breaker.tryAcquire(0), 0);
    expect(granted({ maximum: 2 })).toBe(2);
    for (let call = 0; call < 1_000; call++) breaker.onSuccess(breaker.tryAcquire(0), 0);
    expect(granted({ maximum: 50 })).toBe(50);
  });

  it("is false, and takes no token, while the breaker refuses", () => {
    const { breaker } = create();
    breaker.forceOpen();
    expect([1, 2, 3, 4, 5].map(() => mayRetry(breaker))).toEqual([false, false, false, false, false]);
    breaker.enable();
    breaker.trip(0, 1_000);
    expect(mayRetry(breaker)).toBe(false);
    breaker.reset();
    expect([1, 2, 3, 4].map(() => mayRetry(breaker))).toEqual([true, true, true, false]);
  });

  it("goes on over a move, an eviction and a new start, and is no gift then", () => {
    const { breaker, registry } = create();
    while (mayRetry(breaker));
    for (let call = 0; call < 90; call++) breaker.onSuccess(breaker.tryAcquire(0), 0);
    configure(breaker, { halfOpen: { probes: 3 } }, { nowMs: 0 });
    expect(mayRetry(breaker)).toBe(false);
    expect(evictIdle(registry, 1e6, { overridden: true })).toBe(1);
    expect(mayRetry(breaker)).toBe(false);
    expect(play(breaker, 1_000, 100).load).toBeLessThanOrEqual(1.11);
  });

  it("refuses bad options at once", () => {
    const { breaker } = create();
    const bad = (options: object) => () => mayRetry(breaker, options);
    for (const share of [-0.1, 1.1, Number.NaN, "1"]) expect(bad({ share })).toThrow("share must be 0 to 1");
    for (const maximum of [0, 2e6]) expect(bad({ maximum })).toThrow("maximum must be 1 to 1000000");
    expect(bad({ shares: 1 })).toThrow('unknown option "shares"');
    expect(mayRetry(breaker)).toBe(true);
  });
});

describe("a retry budget of several threads", () => {
  it("is one for each thread, by what the thread has reported", () => {
    const one = createSharedRegistry({ threads: 2, clock: () => 0, defaults: NEVER });
    const two = attachRegistry(one.handle(), { clock: () => 0 });
    const [here, there] = [one.get("a"), two.get("a")];
    while (mayRetry(here));
    while (mayRetry(there));
    for (let call = 0; call < 100; call++) here.onFailure(here.tryAcquire());
    expect(mayRetry(there)).toBe(false);
    expect(mayRetry(here)).toBe(true);
    two.detach();
  });

  it("together allow no more than the share", () => {
    const one = createSharedRegistry({ threads: 2, clock: () => 0, defaults: NEVER });
    const two = attachRegistry(one.handle(), { clock: () => 0 });
    const loads = [one, two].map((registry) => play(registry.get("a"), 1_000, 100).load);
    for (const load of loads) expect(load).toBeLessThanOrEqual(1.11);
    two.detach();
  });
});
