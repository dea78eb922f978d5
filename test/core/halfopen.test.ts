import { describe, expect, it } from "vitest";
import { FLAVOURS } from "../flavours.ts";
import { fail, stageOpen, succeed } from "./scene.ts";

describe.each(FLAVOURS)("an open breaker ($name)", (flavour) => {
  it("refuses until its delay has ended, then admits a probe", () => {
    const { breaker, events } = stageOpen(flavour);
    expect(breaker.tryAcquire(99.999)).toBe(0);
    expect(breaker.state).toBe("open");
    expect(breaker.tryAcquire(100)).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ kind: "half_opened", cause: "delay_ended", atMs: 100 });
  });

  it("stays open as long as nobody asks", () => {
    const { breaker } = stageOpen(flavour);
    breaker.check(3_600_000);
    expect(breaker.state).toBe("open");
    expect(breaker.retryAfterMs(3_600_000)).toBe(0);
  });

  it("says how long it will refuse, by the latest time that it has seen", () => {
    const { breaker } = stageOpen(flavour);
    expect(breaker.retryAfterMs(40)).toBe(60);
    breaker.check(50);
    expect(breaker.retryAfterMs(40)).toBe(50);
    expect(breaker.snapshot(40).retryAfterMs).toBe(50);
  });

  it("is held open, but never opened earlier", () => {
    const { breaker } = stageOpen(flavour);
    breaker.holdOpen(50, 0);
    expect(breaker.retryAfterMs(0)).toBe(100);
    breaker.holdOpen(500, 0);
    expect(breaker.tryAcquire(499)).toBe(0);
    expect(breaker.tryAcquire(500)).toBeGreaterThan(0);
    breaker.holdOpen(9_999, 500);
    expect(breaker.state).toBe("half_open");
  });
});

describe.each(FLAVOURS)("a half-open breaker ($name)", (flavour) => {
  const halfOpen = (parts: object) =>
    stageOpen(flavour, { halfOpen: { probes: 1, successesToClose: 1, probeTimeoutMs: 50, ...parts } });

  it.each([1, 2, 3, 64])("lets %i probes out at once and refuses everybody else", (probes) => {
    const { breaker } = halfOpen({ probes });
    const tickets = Array.from({ length: probes + 100 }, () => breaker.tryAcquire(100));
    expect(tickets.filter((ticket) => ticket !== 0)).toHaveLength(probes);
    expect(new Set(tickets)).toHaveProperty("size", probes + 1);
    expect(breaker.snapshot(100).refused).toBe(100);
  });

  it("closes after as many successes as it takes, one probe after the other", () => {
    const { breaker, events } = halfOpen({ successesToClose: 3 });
    succeed(breaker, 100, 2);
    expect(breaker.state).toBe("half_open");
    succeed(breaker, 100);
    expect(events.at(-1)).toMatchObject({ kind: "closed", cause: "probes_succeeded", generation: 4 });
    expect(breaker.tryAcquire(100)).toBe(4 << 8);
  });

  it("takes a probe that stands for many calls as one", () => {
    const { breaker } = halfOpen({ successesToClose: 2 });
    breaker.onSuccess(breaker.tryAcquire(100), 100, undefined, 1_000);
    expect(breaker.state).toBe("half_open");
  });

  it("opens again at the first failure, for longer", () => {
    const { breaker, events } = halfOpen({ probes: 2, successesToClose: 2 });
    succeed(breaker, 100);
    fail(breaker, 100);
    expect(events.at(-1)).toMatchObject({
      kind: "opened",
      cause: "probe_failed",
      level: 2,
      delayMs: 200,
      retryAtMs: 300,
    });
  });

  it("begins anew with every opening: successes of an earlier one do not count", () => {
    const { breaker } = halfOpen({ successesToClose: 2 });
    succeed(breaker, 100);
    fail(breaker, 100);
    succeed(breaker, 300);
    expect(breaker.state).toBe("half_open");
  });

  it("has an empty window once it has closed", () => {
    const { breaker } = halfOpen({});
    succeed(breaker, 100);
    fail(breaker, 100);
    expect(breaker.state).toBe("closed");
    expect(breaker.snapshot(100).consecutiveFailures).toBe(1);
  });

  it("gives the place of a released probe to the next, without a verdict", () => {
    const { breaker } = halfOpen({ probes: 2 });
    const first = breaker.tryAcquire(100);
    const second = breaker.tryAcquire(100);
    breaker.release(first, 100);
    expect(breaker.tryAcquire(100)).toBe(first);
    expect(breaker.tryAcquire(100)).toBe(0);
    breaker.release(second, 100);
    expect(breaker.tryAcquire(100)).toBe(second);
    expect(breaker.state).toBe("half_open");
  });

  it("drops the second report of a probe", () => {
    const { breaker } = halfOpen({ successesToClose: 2 });
    const probe = breaker.tryAcquire(100);
    breaker.onSuccess(probe, 100);
    breaker.onSuccess(probe, 100);
    expect(breaker.snapshot(100)).toMatchObject({ state: "half_open", late: 1 });
  });
});

describe.each(FLAVOURS)("the lease of a probe ($name)", (flavour) => {
  it("ends after the timeout and not before; then the breaker opens for longer", () => {
    const { breaker, events } = stageOpen(flavour);
    breaker.tryAcquire(100);
    breaker.check(149.999);
    expect(breaker.state).toBe("half_open");
    breaker.check(150);
    expect(events.at(-1)).toMatchObject({
      kind: "opened",
      cause: "probe_timed_out",
      delayMs: 200,
      retryAtMs: 350,
    });
  });

  it("ends for whoever looks first: an acquisition is refused", () => {
    const { breaker } = stageOpen(flavour);
    breaker.tryAcquire(100);
    expect(breaker.tryAcquire(150)).toBe(0);
    expect(breaker.state).toBe("open");
  });

  it("ends before a report that comes with its end, which is late", () => {
    const { breaker } = stageOpen(flavour);
    breaker.onSuccess(breaker.tryAcquire(100), 150);
    expect(breaker.snapshot(150)).toMatchObject({ state: "open", late: 1 });
  });

  it("ends when a late result or a release looks", () => {
    for (const deed of ["onSuccess", "onFailure", "release"] as const) {
      const { breaker, events } = stageOpen(flavour);
      breaker.tryAcquire(100);
      breaker[deed](1 << 8, 150);
      expect(events.at(-1)).toMatchObject({ cause: "probe_timed_out", atMs: 150 });
    }
  });

  it("leaves nothing behind for later generations, even thousands of transitions later", () => {
    const halfOpen = { probes: 2, successesToClose: 1, probeTimeoutMs: 50 };
    const { breaker, events } = stageOpen(flavour, { halfOpen, backoff: { kind: "constant", delayMs: 100 } });
    breaker.tryAcquire(100);
    breaker.tryAcquire(100); // never reports
    breaker.onFailure((3 << 8) | 1, 100);
    let nowMs = 100;
    for (let round = 0; round < 5_000; round++) {
      nowMs += 100;
      const probe = breaker.tryAcquire(nowMs);
      expect(probe & 255).toBe(1);
      breaker.onFailure(probe, nowMs);
    }
    expect(events.filter(({ cause }) => cause === "probe_timed_out")).toEqual([]);
  });
});
