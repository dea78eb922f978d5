import { describe, expect, it } from "vitest";
import type { CircuitBreakerOptions, TimeWindowOptions } from "../../src/entry/main.ts";
import {
  acquireBatch,
  createBatch,
  evictIdle,
  exportState,
  importState,
  RELEASE,
  reportBatch,
  SUCCESS,
} from "../../src/entry/main.ts";
import { ALL_FLAVOURS } from "../flavours.ts";
import { type Breaker, createBreaker, fail, succeed } from "./fixture.ts";

/** Ten buckets of 100 ms; four calls give a verdict, and half of them must succeed. */
function hanging(overrides: Partial<TimeWindowOptions> = {}): CircuitBreakerOptions {
  return {
    detector: {
      kind: "success_rate_over_time_window",
      requiredSuccessRate: 0.5,
      minimumCalls: 4,
      windowMs: 1_000,
      hungAfterMs: 200,
      ...overrides,
    },
  };
}

/** That many calls without a report. */
function hang(breaker: Breaker, nowMs: number, calls: number): number[] {
  return Array.from({ length: calls }, () => breaker.tryAcquire(nowMs));
}

const counts = (breaker: Breaker, nowMs: number) => {
  const { calls, failures, pending, hung } = breaker.snapshot(nowMs);
  return { calls, failures, pending, hung };
};

describe.each(ALL_FLAVOURS)("calls that hang, in the $name core,", (flavour) => {
  it("count as failures from the moment at which their bucket ended hungAfterMs ago, and no sooner", () => {
    const { breaker, events } = createBreaker(flavour, hanging());
    hang(breaker, 150, 4); // the bucket from 100 to 200
    expect(breaker.tryAcquire(399.999)).toBeGreaterThan(0);
    expect(counts(breaker, 399.999)).toEqual({ calls: 0, failures: 0, pending: 5, hung: 0 });
    expect(breaker.tryAcquire(400)).toBe(0);
    expect(events).toMatchObject([
      { kind: "opened", cause: "hung_calls", atMs: 400, calls: 4, failures: 4, successRate: 0 },
    ]);
  });

  it("wait for hungAfterMs rounded up to whole buckets", () => {
    const { breaker } = createBreaker(flavour, hanging({ hungAfterMs: 101 }));
    hang(breaker, 100, 4);
    breaker.check(399);
    expect(breaker.state).toBe("closed");
    breaker.check(400);
    expect(breaker.state).toBe("open");
  });

  it("are found by a tick, too", () => {
    const { breaker, events } = createBreaker(flavour, hanging());
    hang(breaker, 0, 4);
    breaker.check(300);
    expect(events).toMatchObject([{ cause: "hung_calls", atMs: 300 }]);
  });

  it("and by the report of another call", () => {
    const { breaker, events } = createBreaker(flavour, hanging());
    hang(breaker, 0, 4);
    const another = breaker.tryAcquire(250);
    breaker.onSuccess(another, 310);
    expect(events).toMatchObject([{ cause: "hung_calls", calls: 5, failures: 4 }]);
  });

  it("count as what they were once they end", () => {
    const { breaker, events } = createBreaker(flavour, hanging());
    succeed(breaker, 0, 4);
    const [first, second] = hang(breaker, 0, 4) as [number, number];
    expect(counts(breaker, 350)).toEqual({ calls: 4, failures: 0, pending: 4, hung: 4 });
    breaker.onSuccess(first, 350);
    expect(counts(breaker, 350)).toEqual({ calls: 5, failures: 0, pending: 3, hung: 3 });
    breaker.onFailure(second, 350);
    expect(counts(breaker, 350)).toEqual({ calls: 6, failures: 1, pending: 2, hung: 2 });
    expect(events).toEqual([]);
  });

  it("count as nothing once they are given back", () => {
    const { breaker } = createBreaker(flavour, hanging());
    const [first] = hang(breaker, 0, 3) as [number];
    breaker.release(first, 350);
    expect(counts(breaker, 350)).toEqual({ calls: 0, failures: 0, pending: 2, hung: 2 });
  });

  it("do not open at the moment at which they are given back or answered", () => {
    for (const answer of ["release", "onSuccess"] as const) {
      const { breaker, events } = createBreaker(flavour, hanging());
      const [first] = hang(breaker, 0, 4) as [number];
      breaker[answer](first, 300);
      expect(events.length, answer).toBe(answer === "release" ? 0 : 1); // 1 of 4 is less than half
      const other = createBreaker(flavour, hanging());
      succeed(other.breaker, 0, 3);
      const [one] = hang(other.breaker, 0, 4) as [number];
      other.breaker[answer](one, 300);
      expect(other.events, answer).toEqual([]); // 3 of 6 or 4 of 7 are not
    }
  });

  it("are late where the breaker has opened meanwhile", () => {
    const { breaker } = createBreaker(flavour, hanging());
    const tickets = hang(breaker, 0, 4);
    breaker.check(300);
    for (const ticket of tickets) breaker.onSuccess(ticket, 320);
    expect(breaker.snapshot(320)).toMatchObject({ state: "open", late: 4, pending: 0, hung: 0 });
  });

  it("open by the rate's own cause where what ended is bad enough by itself", () => {
    const { breaker, events } = createBreaker(flavour, hanging());
    hang(breaker, 0, 2);
    fail(breaker, 350, 4);
    expect(events).toMatchObject([{ cause: "hung_calls", calls: 4, failures: 4 }]); // 2 ended, 2 hang
    const alone = createBreaker(flavour, hanging({ minimumCalls: 2 }));
    succeed(alone.breaker, 0);
    hang(alone.breaker, 0, 1);
    const last = alone.breaker.tryAcquire(299);
    alone.breaker.onFailure(last, 299);
    expect(alone.events).toEqual([]);
    const more = alone.breaker.tryAcquire(299);
    alone.breaker.onFailure(more, 299);
    expect(alone.events).toMatchObject([
      { cause: "success_rate_over_time_window", calls: 3, failures: 2 }, // without the one that is out
    ]);
  });

  it("leave the window with their bucket: a ticket that is lost wedges nothing", () => {
    const { breaker, events } = createBreaker(flavour, hanging());
    hang(breaker, 0, 3);
    expect(counts(breaker, 999)).toMatchObject({ pending: 3, hung: 3 });
    expect(counts(breaker, 1_000)).toMatchObject({ pending: 0, hung: 0 });
    succeed(breaker, 1_000, 4);
    expect(counts(breaker, 1_000)).toEqual({ calls: 4, failures: 0, pending: 0, hung: 0 });
    expect(events).toEqual([]);
  });

  it("that end after their bucket has left the window take nothing from others", () => {
    const { breaker } = createBreaker(flavour, hanging());
    const [old] = hang(breaker, 0, 1) as [number];
    hang(breaker, 1_050, 1);
    breaker.onSuccess(old, 1_060);
    expect(counts(breaker, 1_060)).toEqual({ calls: 1, failures: 0, pending: 1, hung: 0 });
  });

  it("count one for each ticket, for however many calls its report stands", () => {
    const { breaker } = createBreaker(flavour, hanging());
    const [first] = hang(breaker, 0, 2) as [number];
    breaker.onSuccess(first, 10, Number.NaN, 50);
    expect(counts(breaker, 10)).toEqual({ calls: 50, failures: 0, pending: 1, hung: 0 });
  });

  it("are told of in shadow mode, and nothing is refused", () => {
    const { breaker, events } = createBreaker(flavour, { ...hanging(), mode: "shadow" });
    hang(breaker, 0, 4);
    expect(breaker.tryAcquire(300)).toBeGreaterThan(0);
    expect(events).toMatchObject([{ kind: "opened", cause: "hung_calls", mode: "shadow" }]);
  });

  it("are not counted while disabled, and forgotten by a reset", () => {
    const { breaker } = createBreaker(flavour, { ...hanging(), mode: "disabled" });
    hang(breaker, 0, 4);
    expect(counts(breaker, 300)).toMatchObject({ pending: 0, hung: 0 });
    breaker.enable(300);
    hang(breaker, 300, 4);
    breaker.reset(300);
    expect(counts(breaker, 600)).toMatchObject({ pending: 0, hung: 0 });
  });

  it("are not counted unless somebody asks for it: then all tickets of a generation are one number", () => {
    const { breaker } = createBreaker(flavour, {
      detector: { kind: "success_rate_over_time_window", windowMs: 1_000, minimumCalls: 1 },
    });
    const tickets = [0, 100, 500].map((nowMs) => breaker.tryAcquire(nowMs));
    expect(new Set(tickets)).toEqual(new Set([1 << 8]));
    breaker.check(900);
    expect(breaker.snapshot(900)).toMatchObject({ state: "closed", pending: 0, hung: 0 });
  });

  it("are counted in batches, and calls that nobody admitted take nothing from them", () => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    const breaker = registry.get("endpoint", hanging());
    const batch = createBatch(registry, 4);
    batch.breakers.fill(breaker.id);
    expect(acquireBatch(batch, 4, 0)).toBe(4);
    expect(counts(breaker, 0)).toMatchObject({ pending: 4 });
    batch.outcomes.set([SUCCESS, RELEASE, SUCCESS, SUCCESS]);
    batch.tickets[2] = 0;
    reportBatch(batch, 3, 250);
    expect(counts(breaker, 250)).toEqual({ calls: 2, failures: 0, pending: 2, hung: 0 });
    expect(counts(breaker, 300)).toEqual({ calls: 2, failures: 0, pending: 2, hung: 2 });
  });

  it("stay behind when a breaker moves, and those after it count from the first on", () => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    const breaker = registry.get("endpoint", hanging());
    succeed(breaker, 0);
    const [ticket] = hang(breaker, 0, 1) as [number];
    const next = flavour.createRegistry({ clock: () => 0 });
    importState(next, exportState(registry, 50), 50);
    const moved = next.get("endpoint");
    expect(moved.options).toEqual(breaker.options);
    expect(counts(moved, 50)).toEqual({ calls: 1, failures: 0, pending: 0, hung: 0 });
    hang(moved, 60, 2);
    expect(counts(moved, 60)).toMatchObject({ pending: 2 });
    moved.release(ticket, 60); // of another registry
    expect(counts(moved, 300)).toMatchObject({ pending: 2, hung: 2 });
  });

  it("keep their breaker from being evicted", () => {
    const registry = flavour.createRegistry({ clock: () => 0, defaults: hanging() });
    hang(registry.get("endpoint"), 0, 1);
    expect(evictIdle(registry, 0)).toBe(0);
    expect(evictIdle(registry, 1_000)).toBe(1);
  });
});
