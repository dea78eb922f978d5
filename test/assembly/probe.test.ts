import { describe, expect, it } from "vitest";
import { configure } from "../../src/entry/main.ts";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, createOpenBreaker, fail, succeed } from "./fixture.ts";

describe.each(ALL_FLAVOURS)("an open breaker ($name)", (flavour) => {
  it("refuses until its delay has ended, then admits a probe", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    expect(breaker.tryAcquire(99.999)).toBe(0);
    expect(breaker.state).toBe("open");
    expect(breaker.tryAcquire(100)).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ kind: "half_opened", cause: "delay_ended", atMs: 100 });
  });

  it("stays open without a call, and shows that its delay has ended", () => {
    const { breaker } = createOpenBreaker(flavour);
    breaker.snapshot(3_600_000);
    expect(breaker.state).toBe("open");
    expect(breaker.retryAfterMs(3_600_000)).toBe(0);
  });

  it("becomes half-open by a check, which takes no probe", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    breaker.check(99);
    expect(breaker.state).toBe("open");
    breaker.check(3_600_000);
    expect(breaker.state).toBe("half_open");
    expect(events.at(-1)).toMatchObject({ kind: "half_opened", cause: "delay_ended", atMs: 3_600_000 });
    breaker.check(7_200_000); // no lease is out that could end
    expect(breaker.tryAcquire(7_200_000)).toBeGreaterThan(0);
    expect(breaker.tryAcquire(7_200_000)).toBe(0);
  });

  it("stays open by a late report, a release and other options", () => {
    const { breaker } = createBreaker(flavour);
    const tickets = [1, 2, 3, 4].map(() => breaker.tryAcquire(0));
    for (const ticket of tickets.slice(0, 2)) breaker.onFailure(ticket, 0);
    breaker.onSuccess(tickets[2]!, 200);
    breaker.release(tickets[3]!, 200);
    configure(breaker, { decayMs: 7 }, { nowMs: 200 });
    expect(breaker.state).toBe("open");
    expect(breaker.tryAcquire(200)).toBeGreaterThan(0);
  });

  it("becomes half-open by a check in shadow mode, and not while forced open", () => {
    const { breaker, events } = createBreaker(flavour, { mode: "shadow" });
    fail(breaker, 0, 2);
    breaker.check(100);
    expect(events.at(-1)).toMatchObject({ kind: "half_opened", mode: "shadow" });
    breaker.forceOpen(100);
    breaker.check(1e9);
    expect(breaker.state).toBe("open");
  });

  it("says how long it will refuse, by the latest time that it has seen", () => {
    const { breaker } = createOpenBreaker(flavour);
    expect(breaker.retryAfterMs(40)).toBe(60);
    breaker.check(50);
    expect(breaker.retryAfterMs(40)).toBe(50);
    expect(breaker.snapshot(40).retryAfterMs).toBe(50);
  });

  it("is held open by a failure, but never opened earlier", () => {
    const { breaker } = createBreaker(flavour);
    const late = [1, 2, 3].map(() => breaker.tryAcquire(0));
    fail(breaker, 0, 2);
    breaker.onFailure(late[0]!, 0, undefined, 1, 50);
    expect(breaker.retryAfterMs(0)).toBe(100);
    breaker.onFailure(late[1]!, 0, undefined, 1, 500);
    expect(breaker.tryAcquire(499)).toBe(0);
    expect(breaker.tryAcquire(500)).toBeGreaterThan(0);
    breaker.onFailure(late[2]!, 500, undefined, 1, 9_999);
    expect(breaker.state).toBe("half_open");
  });

  it("is held open from the latest time seen, where the clock went back", () => {
    const { breaker, events } = createBreaker(flavour);
    breaker.check(3_600_000);
    fail(breaker, 0);
    breaker.onFailure(breaker.tryAcquire(0), 0, undefined, 1, 5_000);
    expect(events).toMatchObject([{ kind: "opened", atMs: 3_600_000, delayMs: 5_000, retryAtMs: 3_605_000 }]);
  });
});

describe.each(ALL_FLAVOURS)("a half-open breaker ($name)", (flavour) => {
  const halfOpen = (parts: object) =>
    createOpenBreaker(flavour, {
      halfOpen: { probes: 1, successesToClose: 1, probeTimeoutMs: 50, ...parts },
    });

  it("lets a probe out in a generation whose low 12 bits are 0, as in any other", () => {
    const { breaker } = createBreaker(flavour);
    for (let generation = 1; generation < 4_094; generation++) breaker.reset(0);
    fail(breaker, 0, 2);
    const ticket = breaker.tryAcquire(100);
    expect(breaker.snapshot(100)).toMatchObject({ state: "half_open", generation: 4_096 });
    expect(ticket).toBeGreaterThan(0);
    breaker.check(140);
    expect(breaker.state).toBe("half_open");
  });

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

describe.each(ALL_FLAVOURS)("the lease of a probe ($name)", (flavour) => {
  it("ends after the timeout and not before; then the breaker opens for longer", () => {
    const { breaker, events } = createOpenBreaker(flavour);
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
    const { breaker } = createOpenBreaker(flavour);
    breaker.tryAcquire(100);
    expect(breaker.tryAcquire(150)).toBe(0);
    expect(breaker.state).toBe("open");
  });

  it("ends before a report that comes with its end, which is late", () => {
    const { breaker } = createOpenBreaker(flavour);
    breaker.onSuccess(breaker.tryAcquire(100), 150);
    expect(breaker.snapshot(150)).toMatchObject({ state: "open", late: 1 });
  });

  it("ends when a late result or a release looks", () => {
    for (const deed of ["onSuccess", "onFailure", "release"] as const) {
      const { breaker, events } = createOpenBreaker(flavour);
      breaker.tryAcquire(100);
      breaker[deed](1 << 8, 150);
      expect(events.at(-1)).toMatchObject({ cause: "probe_timed_out", atMs: 150 });
    }
  });

  it("leaves nothing behind for later generations, even thousands of transitions later", () => {
    const halfOpen = { probes: 2, successesToClose: 1, probeTimeoutMs: 50 };
    const { breaker, events } = createOpenBreaker(flavour, {
      halfOpen,
      backoff: { kind: "constant", delayMs: 100 },
    });
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
