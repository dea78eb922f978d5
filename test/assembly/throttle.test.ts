import { describe, expect, it } from "vitest";
import {
  acquireBatch,
  type CircuitBreakerOptions,
  configure,
  createBatch,
  exportState,
  importState,
} from "../../src/entry/main.ts";
import { ALL_FLAVOURS, type Flavour } from "../flavours.ts";
import { type Breaker, createBreaker, fail, succeed } from "./fixture.ts";

/** Looks at two buckets of 100 ms or more, with ten calls at least. */
const THROTTLED: CircuitBreakerOptions = {
  detector: { kind: "success_rate_over_time_window", minimumCalls: 20, windowMs: 1_000 },
  backoff: { kind: "steps", delaysMs: [100, 200] },
  overload: { successRate: 0.8, maximumRefused: 0.9 },
};

/** 12 calls of which 4 succeed: 4 / (0.8 * 12) is 0.41666. */
const SHARE = Math.floor((4 / (0.8 * 12)) * 65_536) / 65_536;

function createThrottled(flavour: Flavour, options: CircuitBreakerOptions = {}) {
  const created = createBreaker(flavour, { ...THROTTLED, ...options });
  const tickets = Array.from({ length: 12 }, () => created.breaker.tryAcquire(0));
  for (const ticket of tickets.slice(0, 4)) created.breaker.onSuccess(ticket, 0);
  for (const ticket of tickets.slice(4)) created.breaker.onFailure(ticket, 0);
  return created;
}

function asked(breaker: Breaker, nowMs: number, calls: number): string {
  return Array.from({ length: calls }, () => (breaker.tryAcquire(nowMs) === 0 ? "0" : "1")).join("");
}

describe.each(ALL_FLAVOURS)("a throttle, in the $name core,", (flavour) => {
  it("admits 1 / successRate times the calls that succeeded, evenly spread, while the state stays closed", () => {
    const { breaker } = createThrottled(flavour);
    expect(breaker.snapshot(0)).toMatchObject({
      state: "closed",
      share: SHARE,
      calls: 12,
      totals: { refusedBy: { throttled: 0 } },
    });
    const passed = asked(breaker, 0, 100);
    expect(passed.slice(0, 13)).toBe("1010100101001"); // the first one passes
    expect([...passed].filter((one) => one === "1")).toHaveLength(42);
    expect(breaker.snapshot(0)).toMatchObject({
      totals: { refusedBy: { throttled: 58, busy: 0 } },
      refused: 58,
    });
    expect(asked(createThrottled(flavour).breaker, 0, 100)).toBe(passed); // no chance
  });

  it("counts the calls that it refused as offered, so that what passes follows what succeeded", () => {
    const { breaker } = createThrottled(flavour);
    asked(breaker, 0, 100); // 58 of them are refused
    breaker.onFailure(256, 0);
    expect(breaker.snapshot(0).share).toBeCloseTo(0.1, 4); // 4 / (0.8 * (13 + 58)) is less than the least share
  });

  it("tells where it begins and where it ends, and nothing between", () => {
    const { breaker, events } = createThrottled(flavour);
    for (let bucket = 1; bucket < 30; bucket++) succeed(breaker, bucket * 100, 12);
    expect(
      events.map(({ kind, cause, from, to, generation }) => [kind, cause, from, to, generation]),
    ).toEqual([
      ["throttled", "overloaded", "closed", "closed", 1],
      ["restored", "relieved", "closed", "closed", 1],
    ]);
    expect(events[0]).toMatchObject({
      atMs: 0,
      share: expect.any(Number),
      delayMs: 0,
      retryAtMs: 0,
      level: 0,
    });
    expect(events[0]!.share).toBeLessThan(1);
    expect(events[1]!.share).toBe(1);
    expect(breaker.snapshot(3_000)).toMatchObject({ share: 1, generation: 1 });
  });

  it("is back at all calls within a window once calls succeed", () => {
    const { breaker } = createThrottled(flavour);
    for (let nowMs = 100; nowMs < 1_100; nowMs += 10) succeed(breaker, nowMs);
    expect(breaker.snapshot(1_100).share).toBe(1);
    expect(asked(breaker, 1_100, 50)).toBe("1".repeat(50));
  });

  it("gives up its growth at a failure", () => {
    const { breaker } = createThrottled(flavour);
    while (breaker.snapshot(100).share < 1) succeed(breaker, 100); // runs double it
    expect(breaker.snapshot(100).calls).toBeLessThan(30);
    fail(breaker, 100);
    expect(breaker.snapshot(100).share).toBeLessThan(0.9);
  });

  it("opens where no call of the newest buckets succeeded, and begins with a fifth after the probe", () => {
    const { breaker, events } = createBreaker(flavour, THROTTLED);
    succeed(breaker, 0, 1_000);
    for (let call = 0; breaker.state === "closed"; call++) fail(breaker, 200 + call * 10);
    expect(events.at(-1)).toMatchObject({
      kind: "opened",
      cause: "success_rate_over_time_window",
      successRate: 0,
      share: 0,
    });
    const { atMs } = events.at(-1)!;
    expect(atMs).toBeLessThan(500); // a window of a second has 99 % of successes still
    succeed(breaker, atMs + 100);
    expect(events.at(-1)).toMatchObject({ kind: "closed", share: 13_107 / 65_536 });
    expect(asked(breaker, atMs + 100, 10)).toBe("1000010000");
  });

  it("judges nothing of fewer calls than half of the least number", () => {
    const { breaker } = createBreaker(flavour, THROTTLED);
    fail(breaker, 0, 9);
    expect(breaker.snapshot(0)).toMatchObject({ share: 1, state: "closed" });
  });

  it("never refuses more than the largest share", () => {
    const { breaker } = createBreaker(flavour, {
      ...THROTTLED,
      detector: { kind: "success_rate_over_time_window", windowMs: 1_000, requiredSuccessRate: 0 },
    });
    succeed(breaker, 0);
    fail(breaker, 0, 300);
    expect(breaker.snapshot(0).share).toBeCloseTo(0.1, 4);
  });

  it("refuses calls of a batch, and counts in shadow mode without refusing", () => {
    const { breaker } = createThrottled(flavour);
    const registry = breaker._place.home as unknown as Parameters<typeof createBatch>[0];
    const batch = createBatch(registry, 100);
    batch.breakers.fill(breaker.id);
    expect(acquireBatch(batch, 100, 0)).toBe(42);
    const shadow = createThrottled(flavour, { mode: "shadow" }).breaker;
    expect(asked(shadow, 0, 100)).toBe("1".repeat(100));
    expect(shadow.snapshot(0)).toMatchObject({
      state: "closed",
      share: 1,
      totals: { refusedBy: { throttled: 58 } },
    });
  });

  it("survives an export, and goes by other options", () => {
    const { breaker } = createThrottled(flavour);
    asked(breaker, 0, 7);
    const data = JSON.parse(JSON.stringify(exportState(breaker, 0)));
    const registry = flavour.createRegistry({ clock: () => 0 });
    importState(registry, data, 0);
    const copy = registry.get("endpoint");
    expect(copy.snapshot(0)).toMatchObject({
      share: SHARE,
      totals: { refusedBy: { throttled: 4 } },
      refused: 4,
    });
    expect(asked(copy, 0, 20)).toBe(asked(breaker, 0, 20));
    configure(copy, { overload: { successRate: 0.4 } }, { nowMs: 0 });
    expect(copy.snapshot(0).share).toBeGreaterThan(SHARE / 2);
    configure(copy, { overload: "none" }, { nowMs: 0 });
    expect(copy.snapshot(0)).toMatchObject({ share: 1, totals: { refusedBy: { throttled: 0 } }, calls: 12 });
    expect(asked(copy, 0, 20)).toBe("1".repeat(20));
  });
});

describe.each(ALL_FLAVOURS)("a maximum of pending calls, in the $name core,", (flavour) => {
  const BUSY = { ...THROTTLED, overload: "none", maximumPending: 3 } as const;

  it("refuses more, and has places again for reported and released calls", () => {
    const { breaker } = createBreaker(flavour, BUSY);
    const tickets = [0, 1, 2].map(() => breaker.tryAcquire(0));
    expect(tickets.every(Boolean)).toBe(true);
    expect(asked(breaker, 0, 2)).toBe("00");
    expect(breaker.snapshot(0)).toMatchObject({
      pending: 3,
      refused: 2,
      failures: 0,
      totals: { refusedBy: { busy: 2, throttled: 0 } },
    });
    breaker.onSuccess(tickets[0]!, 50);
    breaker.release(tickets[1]!, 50);
    expect(asked(breaker, 50, 3)).toBe("110");
    breaker.onFailure(tickets[2]!, 150); // of an earlier bucket
    expect(asked(breaker, 150, 2)).toBe("10");
  });

  it("gives a lost ticket its place back when its bucket has left the window", () => {
    const { breaker } = createBreaker(flavour, BUSY);
    expect(asked(breaker, 0, 4)).toBe("1110");
    expect(asked(breaker, 999, 1)).toBe("0");
    expect(asked(breaker, 1_000, 4)).toBe("1110");
  });

  it("holds while the breaker returns by a ramp, and not for probes", () => {
    const { breaker } = createBreaker(flavour, {
      ...BUSY,
      maximumPending: 1,
      halfOpen: { probes: 2, ramp: { shares: [0.5], stepMs: 1_000 } },
    });
    for (let call = 0; call < 20; call++) breaker.onFailure(256, 0);
    expect(breaker.state).toBe("open");
    const probes = [breaker.tryAcquire(100), breaker.tryAcquire(100)];
    expect(probes.every(Boolean)).toBe(true);
    breaker.onSuccess(probes[0]!, 100);
    expect(asked(breaker, 100, 5)).toBe("10000");
    expect(breaker.snapshot(100)).toMatchObject({
      state: "half_open",
      pending: 1,
      totals: { refusedBy: { busy: 4 } },
    });
  });
});

describe.each(ALL_FLAVOURS)("tolerated failures of probes, in the $name core,", (flavour) => {
  function createProbing(options: CircuitBreakerOptions["halfOpen"]) {
    const created = createBreaker(flavour, { halfOpen: { probeTimeoutMs: 50, ...options } });
    fail(created.breaker, 0, 2);
    return created;
  }

  it("open it only when there is one more, and close it where enough others succeed", () => {
    const { breaker, events } = createProbing({ toleratedFailures: 2, successesToClose: 2 });
    fail(breaker, 100, 2);
    expect(breaker.snapshot(100)).toMatchObject({ state: "half_open", consecutiveFailures: 0 });
    succeed(breaker, 100, 2);
    expect(breaker.state).toBe("closed");
    const other = createProbing({ toleratedFailures: 2 });
    fail(other.breaker, 100, 3);
    expect(other.events.at(-1)).toMatchObject({ kind: "opened", cause: "probe_failed", level: 2 });
    expect(events.at(-1)).toMatchObject({ kind: "closed", cause: "probes_succeeded" });
  });

  it("count leases that have ended", () => {
    const { breaker, events } = createProbing({ toleratedFailures: 1, probes: 2 });
    const lost = breaker.tryAcquire(100);
    breaker.check(150);
    expect(breaker.state).toBe("half_open");
    breaker.onSuccess(lost, 150); // too late
    expect(breaker.snapshot(150)).toMatchObject({ state: "half_open", late: 1 });
    breaker.tryAcquire(150);
    breaker.check(200);
    expect(events.at(-1)).toMatchObject({ kind: "opened", cause: "probe_timed_out" });
  });

  it("survive an export, and new options judge them", () => {
    const { breaker } = createProbing({ toleratedFailures: 2 });
    fail(breaker, 100, 2);
    const registry = flavour.createRegistry({ clock: () => 100 });
    importState(registry, JSON.parse(JSON.stringify(exportState(breaker, 100))), 100);
    fail(registry.get("endpoint"), 100);
    expect(registry.get("endpoint").state).toBe("open");
    configure(breaker, { halfOpen: { toleratedFailures: 1 } }, { nowMs: 100 });
    expect(breaker.state).toBe("open");
  });
});
