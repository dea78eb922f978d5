import { describe, expect, it } from "vitest";
import { STATE_CLOSED } from "../../assembly/layout.ts";
import { type BreakerAddress, readState } from "../../src/core/state.ts";
import { totalsIn } from "../../src/core/totals.ts";
import { writeState } from "../../src/core/write-state.ts";
import { createSharedBreaker } from "../assembly/threads-fixture.ts";

const BUCKETS = 4;
const OPTIONS = {
  detector: {
    kind: "success_rate_over_time_window",
    requiredSuccessRate: 0,
    minimumCalls: 1,
    windowMs: 4_000,
    buckets: BUCKETS,
  },
} as const;

type Shared = ReturnType<typeof createSharedBreaker>;

/** The breaker as the thread of that stripe reads and writes it. */
function addressOf({ memory, breaker, policy }: Shared, stripe = 0): BreakerAddress {
  return { memory, breaker, stripesOffset: policy.shape.stripesOffset, stripe };
}

function count(shared: Shared, stripe: number, nowMs: number, failures: number, successes: number): void {
  for (let i = 0; i < failures; i++) shared.fail(stripe, shared.acquire(stripe, nowMs), nowMs);
  for (let i = 0; i < successes; i++) shared.succeed(stripe, shared.acquire(stripe, nowMs), nowMs);
}

const calls = (shared: Shared) => readState(addressOf(shared)).window?.buckets.map((bucket) => bucket.calls);

describe("the state of a breaker of several threads", () => {
  it("has the counts of all stripes by bucket, newest first", () => {
    const shared = createSharedBreaker(OPTIONS, 3);
    count(shared, 0, 10_500, 1, 2);
    count(shared, 1, 11_500, 2, 3);
    count(shared, 2, 12_999, 0, 1);
    const { window, nowMs } = readState(addressOf(shared));
    expect(nowMs).toBe(12_999);
    expect(window).toEqual({
      endMs: 13_000,
      widthMs: 1_000,
      buckets: [
        { calls: 1, failures: 0, slow: 0 },
        { calls: 5, failures: 2, slow: 0 },
        { calls: 3, failures: 1, slow: 0 },
        { calls: 0, failures: 0, slow: 0 },
      ],
    });
  });

  it("has no calls that have left the window of another stripe", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    count(shared, 0, 10_500, 0, 7);
    count(shared, 1, 14_500, 0, 1);
    expect(calls(shared)).toEqual([1, 0, 0, 0]);
  });

  it("is read where one stripe is a bucket ahead of the time, which an import may leave", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    for (const nowMs of [10_000, 11_000, 12_000, 13_000]) count(shared, 0, nowMs, 0, 1);
    const state = readState(addressOf(shared, 1));
    // Clocks that cut time at other places: the newest bucket ends up to a bucket after the next cut.
    writeState(addressOf(shared, 1), { ...state, nowMs: 13_000, window: state.window! }, 13_500, 7);
    for (const nowMs of [13_500, 13_600]) count(shared, 0, nowMs, 0, 1);
    const read = readState(addressOf(shared, 1)).window!;
    expect(read.endMs).toBe(14_600);
    expect(read.buckets.map((bucket) => bucket.calls)).toEqual([1, 3, 1, 1]);
    // The other stripe counts its whole window: its oldest bucket is beyond the last of a window that ends later.
    const other = createSharedBreaker(OPTIONS, 2);
    for (const nowMs of [10_000, 11_000, 12_000]) count(other, 0, nowMs, 0, 1);
    writeState(addressOf(other, 1), { ...state, window: state.window! }, 13_500, 7);
    for (const nowMs of [13_500, 14_000, 14_999]) count(other, 0, nowMs, 0, 1);
    expect(calls(other)!.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(3);
  });

  it("is written to one stripe; the others are empty, and keep the latest time that they saw", () => {
    const shared = createSharedBreaker(OPTIONS, 2);
    count(shared, 0, 20_000, 1, 1);
    const state = readState(addressOf(shared));
    const other = createSharedBreaker(OPTIONS, 2);
    count(other, 0, 5_000, 3, 3);
    count(other, 1, 4_000, 3, 3);
    const totals = {
      succeeded: 2 ** 40,
      failed: 0, // of a crafted import: the window holds more
      slow: 7,
      refusedOpen: 9,
      refusedForcedOpen: 5,
      refusedThrottled: 0,
      refusedBusy: 0,
      late: 4,
      opened: 3,
    };
    writeState(addressOf(other, 1), { ...state, totals }, 6_000, 12);
    expect([other.generation(), other.state()]).toEqual([12, STATE_CLOSED]);
    expect([other.latest(0), other.latest(1)]).toEqual([5_000, 6_000]);
    const none = {
      succeeded: 0,
      failed: 0,
      slow: 0,
      refusedOpen: 0,
      refusedForcedOpen: 0,
      refusedThrottled: 0,
      refusedBusy: 0,
      late: 0,
    };
    expect(totalsIn(other.memory, other.breaker, [other.stripe(0)])).toEqual({ ...none, opened: 3 });
    expect(totalsIn(other.memory, other.breaker, [other.stripe(1)])).toEqual(totals);
    const { succeeded, failed, slow, late, opened } = totals;
    expect(other.measure(6_000).totals).toMatchObject({ succeeded, failed, slow, late, opened });
    expect(other.measure(6_000).totals.refusedBy).toEqual({
      open: totals.refusedOpen,
      forced_open: totals.refusedForcedOpen,
      throttled: totals.refusedThrottled,
      busy: totals.refusedBusy,
    });
    expect(readState(addressOf(other))).toEqual({
      ...state,
      nowMs: 6_000,
      deadlineMs: -14_000,
      totals,
      window: { ...state.window, endMs: 7_000 },
    });
  });
});
