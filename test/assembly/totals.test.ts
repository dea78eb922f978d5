import { describe, expect, it } from "vitest";
import {
  CALLS_OFFSET,
  TOTAL_FAILED_OFFSET,
  TOTAL_SLOW_OFFSET,
  TOTAL_SUCCEEDED_OFFSET,
} from "../../assembly/layout.ts";
import { configure, evictIdle, exportState, importState } from "../../src/features/index.ts";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, createOpenBreaker, fail, succeed } from "./fixture.ts";
import { createSharedBreaker } from "./threads-fixture.ts";

const NONE = {
  succeeded: 0,
  failed: 0,
  slow: 0,
  refused: 0,
  refusedBy: { open: 0, forced_open: 0, throttled: 0, busy: 0 },
  late: 0,
  opened: 0,
};
const TIME = {
  kind: "success_rate_over_time_window",
  windowMs: 400,
  buckets: 4,
  minimumCalls: 5,
  slowCallMs: 10,
  maximumSlowRate: 1,
} as const;

describe.each(ALL_FLAVOURS)("the totals of a breaker ($name)", (flavour) => {
  it("are all 0 at first", () => {
    expect(createBreaker(flavour).breaker.snapshot(0).totals).toEqual(NONE);
  });

  it.each([
    { ...TIME, requiredSuccessRate: 0 },
    {
      kind: "success_rate_over_count_window",
      calls: 3,
      requiredSuccessRate: 0,
      slowCallMs: 10,
      maximumSlowRate: 1,
    },
    { kind: "consecutive_failures", failures: 100 },
  ] as const)("count by $kind for longer than that holds a call", (detector) => {
    const { breaker } = createBreaker(flavour, { detector });
    for (let now = 0; now < 2_000; now += 50) {
      succeed(breaker, now, 3);
      fail(breaker, now);
      succeed(breaker, now, 1, 11);
    }
    const slow = detector.kind === "consecutive_failures" ? 0 : 40;
    expect(breaker.snapshot(2_000).totals).toEqual({ ...NONE, succeeded: 160, failed: 40, slow });
  });

  it("take whether a call was slow from the time window where there are two", () => {
    const count = {
      kind: "success_rate_over_count_window",
      calls: 3,
      slowCallMs: 5,
      maximumSlowRate: 1,
    } as const;
    const { breaker } = createBreaker(flavour, { detector: [count, TIME] });
    succeed(breaker, 0, 1, 7);
    succeed(breaker, 0, 1, 11);
    expect(breaker.snapshot(0).totals).toMatchObject({ succeeded: 2, slow: 1 });
  });

  it("count the weight of a report, in time or late", () => {
    const { breaker } = createBreaker(flavour, { detector: { ...TIME, requiredSuccessRate: 0 } });
    const [one, two, three] = [0, 0, 0].map((now) => breaker.tryAcquire(now)) as [number, number, number];
    breaker.onSuccess(one, 0, 20, 7);
    breaker.onFailure(two, 0, undefined, 1_000_000);
    breaker.reset(0);
    breaker.onFailure(three, 0, 20, 3);
    expect(breaker.snapshot(0).totals).toEqual({
      ...NONE,
      succeeded: 7,
      failed: 1_000_000,
      slow: 7,
      late: 3,
    });
  });

  it("count probes by their outcome, and those that come too late as late", () => {
    const { breaker } = createOpenBreaker(flavour, { halfOpen: { probes: 2, successesToClose: 2 } });
    const [first, second] = [breaker.tryAcquire(100), breaker.tryAcquire(100)];
    breaker.onSuccess(first, 110);
    breaker.onSuccess(first, 110); // reported twice
    expect(breaker.snapshot(110).totals).toMatchObject({ succeeded: 1, failed: 2, late: 1, opened: 1 });
    breaker.onFailure(second, 110);
    expect(breaker.snapshot(110).totals).toMatchObject({ succeeded: 1, failed: 3, late: 1, opened: 2 });
  });

  it("count refusals by the reason", () => {
    const { breaker } = createOpenBreaker(flavour);
    for (let call = 0; call < 3; call++) breaker.tryAcquire(50);
    breaker.tryAcquire(100);
    breaker.tryAcquire(100); // half-open, the only probe is out
    breaker.forceOpen(100);
    breaker.tryAcquire(100);
    breaker.tryAcquire(100);
    expect(breaker.snapshot(100)).toMatchObject({
      refused: 6,
      totals: { refused: 6, refusedBy: { open: 4, forced_open: 2 } },
    });
  });

  it("count an opening by a verdict, a probe and `trip`, but not by a switch", () => {
    const { breaker } = createOpenBreaker(flavour);
    expect(breaker.snapshot(0).totals.opened).toBe(1);
    breaker.onFailure(breaker.tryAcquire(100), 100);
    expect(breaker.snapshot(100).totals.opened).toBe(2);
    breaker.reset(100);
    breaker.trip(100);
    breaker.trip(100, 500); // it is open: this only lengthens
    breaker.forceOpen(100);
    breaker.reset(100);
    expect(breaker.snapshot(100).totals.opened).toBe(3);
  });

  it("count no call that is released, none while disabled, and none that only shadow mode lets pass", () => {
    const { breaker } = createBreaker(flavour);
    breaker.release(breaker.tryAcquire(0), 0);
    breaker.disable(0);
    fail(breaker, 0, 3);
    expect(breaker.snapshot(0).totals).toEqual(NONE);
    breaker.shadow(0);
    fail(breaker, 0, 2);
    fail(breaker, 0, 5);
    expect(breaker.snapshot(0).totals).toMatchObject({ failed: 2, opened: 1, refusedBy: { open: 5 } });
  });

  it("stay what they are when the window is emptied, by any way", () => {
    const { breaker } = createBreaker(flavour, {
      detector: [TIME, { kind: "consecutive_failures", failures: 9 }],
    });
    succeed(breaker, 0, 4);
    fail(breaker, 150, 1);
    const totals = { ...NONE, succeeded: 4, failed: 1, opened: 1 };
    breaker.trip(150);
    expect(breaker.snapshot(150).totals).toEqual(totals);
    breaker.enable(150);
    breaker.shadow(150);
    breaker.disable(150);
    breaker.enable(150);
    breaker.reset(10);
    expect(breaker.snapshot(10).totals).toEqual(totals);
    succeed(breaker, 10, 1);
    expect(breaker.snapshot(10).totals).toEqual({ ...totals, succeeded: 5 });
    expect(breaker.snapshot(1e9).totals).toEqual({ ...totals, succeeded: 5 });
    succeed(breaker, 1e9, 1);
    expect(breaker.snapshot(1e9).totals).toEqual({ ...totals, succeeded: 6 });
  });

  it("count on where the window is full", () => {
    const { breaker } = createBreaker(flavour, { detector: { ...TIME, requiredSuccessRate: 0 } });
    const million = 1_000_000;
    for (let call = 0; call < 5_000; call++) breaker.onSuccess(breaker.tryAcquire(0), 0, 11, million);
    breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 3);
    const totals = { ...NONE, succeeded: 5_000 * million, failed: 3, slow: 5_000 * million };
    expect(breaker.snapshot(0).totals).toEqual(totals);
    fail(breaker, 1_000, 1);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 1, totals: { ...totals, failed: 4 } });
  });

  it("go with a breaker that `configure` moves to another block", () => {
    const { breaker } = createBreaker(flavour, { detector: TIME });
    succeed(breaker, 0, 3, 11);
    breaker.trip(0);
    breaker.tryAcquire(0);
    breaker.reset(0);
    succeed(breaker, 0, 2);
    const { totals } = breaker.snapshot(0);
    expect(totals).toEqual({
      ...NONE,
      succeeded: 5,
      slow: 3,
      opened: 1,
      refused: 1,
      refusedBy: { ...NONE.refusedBy, open: 1 },
    });
    const { id } = breaker;
    configure(breaker, { detector: { ...TIME, buckets: 5 }, halfOpen: { probes: 3 } }, { nowMs: 0 });
    expect(breaker.id).not.toBe(id);
    expect(breaker.snapshot(0).totals).toEqual(totals);
    configure(breaker, { halfOpen: { probes: 4 } }, { nowMs: 0 }); // keeps the window
    succeed(breaker, 0, 1);
    expect(breaker.snapshot(0).totals).toEqual({ ...totals, succeeded: 6 });
  });

  it("are exported and imported, and go on from there", () => {
    const there = createBreaker(flavour, { detector: TIME }).breaker;
    succeed(there, 0, 3);
    there.forceOpen(0);
    there.tryAcquire(0);
    there.enable(0);
    fail(there, 0, 2, 11);
    const { totals } = there.snapshot(0);
    expect(totals).toEqual({
      ...NONE,
      succeeded: 3,
      failed: 2,
      slow: 2,
      refused: 1,
      refusedBy: { ...NONE.refusedBy, forced_open: 1 },
    });
    const here = createBreaker(flavour, { detector: TIME }).breaker;
    succeed(here, 0, 9);
    importState(here, JSON.parse(JSON.stringify(exportState(there, 0))), 0);
    expect(here.snapshot(0).totals).toEqual(totals);
    succeed(here, 0, 1);
    fail(here, 1_000, 1);
    expect(here.snapshot(1_000).totals).toEqual({ ...totals, succeeded: 4, failed: 3 });
  });

  it("start at 0 for a breaker that was evicted or deleted, and is made anew", () => {
    const registry = flavour.createRegistry({ clock: () => 0 });
    const breaker = registry.get("a");
    succeed(breaker, 0, 3);
    expect(evictIdle(registry, 1e6)).toBe(1);
    expect(breaker.snapshot(1e6).totals).toEqual(NONE);
    succeed(breaker, 1e6, 1);
    expect(breaker.snapshot(1e6).totals).toEqual({ ...NONE, succeeded: 1 });
    registry.delete("a");
    expect(registry.get("a").snapshot(1e6).totals).toEqual(NONE);
  });
});

describe("the totals of a breaker of several threads", () => {
  const OPTIONS = { detector: { ...TIME, requiredSuccessRate: 0 } } as const;

  it("are those of all stripes, in whatever bucket each of them is", () => {
    const shared = createSharedBreaker(OPTIONS, 3);
    shared.succeed(0, shared.acquire(0, 0), 0);
    shared.fail(1, shared.acquire(1, 150), 150);
    shared.fail(2, shared.acquire(2, 5_000), 5_000);
    shared.succeed(0, shared.acquire(0, 5_100), 5_100);
    expect(shared.measure(6_000).totals).toMatchObject({ succeeded: 2, failed: 2 });
  });

  // As the thread leaves it that dies after any of its stores in `closeTotals`: a cell holds its total, and the sum no more.
  it.each([1, 2, 3])("lose nothing by a thread that dies after %i stores of a turn", (stores) => {
    const shared = createSharedBreaker(OPTIONS, 2);
    shared.exports.succeed(shared.breaker, shared.stripe(0), shared.acquire(0, 0), 0, 11, 5);
    shared.fail(0, shared.acquire(0, 0), 0);
    const cells = [
      [TOTAL_SUCCEEDED_OFFSET, 5],
      [TOTAL_FAILED_OFFSET, 1],
      [TOTAL_SLOW_OFFSET, 5],
    ] as const;
    for (const [offset, total] of cells.slice(0, stores)) {
      expect(shared.f64[(shared.stripe(0) + offset) >>> 3]! % 1).toBe(0.5);
      shared.f64[(shared.stripe(0) + offset) >>> 3] = total;
    }
    const totals = { succeeded: 5, failed: 1, slow: 5 };
    expect(shared.measure(0).totals).toMatchObject(totals);
    shared.fail(0, shared.acquire(0, 100), 100); // the next thread of the stripe turns once more
    expect(shared.measure(100).totals).toMatchObject({ ...totals, failed: 2 });
    expect(shared.u32[(shared.stripe(0) + CALLS_OFFSET) >>> 2]).toBe(7);
  });
});
