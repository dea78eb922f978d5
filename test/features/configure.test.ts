import { describe, expect, it } from "vitest";
import { CircuitBreaker, configure, evictIdle, isOptionError } from "../../src/entry/main.ts";
import { createBreaker, createOpenBreaker, fail, succeed } from "../assembly/fixture.ts";
import { ALL_FLAVOURS } from "../flavours.ts";

const TIME = {
  kind: "success_rate_over_time_window",
  requiredSuccessRate: 0.5,
  minimumCalls: 4,
  windowMs: 1_000,
} as const;
const COUNT = {
  kind: "success_rate_over_count_window",
  requiredSuccessRate: 0.1,
  minimumCalls: 10,
  calls: 20,
} as const;
const ROW = { kind: "consecutive_failures", failures: 3 } as const;

describe.each(ALL_FLAVOURS)("a breaker that is configured while it lives ($name)", (flavour) => {
  it("keeps its window and the tickets that are out where the window's shape stays", () => {
    const { breaker } = createBreaker(flavour, { detector: TIME });
    succeed(breaker, 1_000, 2);
    const ticket = breaker.tryAcquire(1_000);
    configure(
      breaker,
      { detector: { ...TIME, minimumCalls: 3 }, decayMs: 5, backoff: "steps" },
      { nowMs: 1_000 },
    );
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 2, generation: 1, late: 0 });
    breaker.onFailure(ticket, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 3, failures: 1, late: 0 });
    expect(breaker.options).toMatchObject({ decayMs: 5, detector: [{ minimumCalls: 3, windowMs: 1_000 }] });
    expect(Object.isFrozen(breaker.options)).toBe(true);
  });

  it("draws the verdict on what it holds at once", () => {
    const { breaker, events } = createBreaker(flavour, { detector: TIME });
    succeed(breaker, 1_000, 3);
    fail(breaker, 1_000);
    expect(breaker.state).toBe("closed");
    configure(breaker, { detector: { ...TIME, requiredSuccessRate: 0.9 } }, { nowMs: 1_200 });
    expect(events).toMatchObject([
      { kind: "opened", cause: "success_rate_over_time_window", calls: 4, failures: 1, atMs: 1_200 },
    ]);
  });

  it("keeps the windows that stay, and starts those empty that get another shape", () => {
    const { breaker } = createBreaker(flavour, { detector: [TIME, COUNT, ROW] });
    succeed(breaker, 1_000, 3);
    fail(breaker, 1_000, 2);
    const ticket = breaker.tryAcquire(1_000);
    configure(breaker, { detector: [TIME, { ...COUNT, calls: 30 }, ROW] }, { nowMs: 1_000 });
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 5, failures: 2, consecutiveFailures: 2, late: 0 });
    breaker.onFailure(ticket, 1_000); // of an earlier generation
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 5, consecutiveFailures: 2, late: 1 });
    configure(breaker, { detector: [{ ...COUNT, calls: 30 }, ROW] }, { nowMs: 1_000 });
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 0, consecutiveFailures: 2 });
    fail(breaker, 1_000);
    expect(breaker.state).toBe("open");
  });

  it("begins a generation when calls can hang from now on, and again when they no longer can", () => {
    const { breaker } = createBreaker(flavour, { detector: TIME });
    const before = breaker.tryAcquire(1_000);
    succeed(breaker, 1_000);
    const { generation } = breaker.snapshot(1_000);
    configure(breaker, { detector: { ...TIME, hungAfterMs: 500 } }, { nowMs: 1_000 });
    const hanging = breaker.snapshot(1_000);
    expect(hanging).toMatchObject({ calls: 1, pending: 0 });
    expect(hanging.generation).toBeGreaterThan(generation); // of a block that was used before, by more than one
    const between = breaker.tryAcquire(1_000);
    expect(breaker.snapshot(1_000).pending).toBe(1);
    breaker.onFailure(before, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 1, pending: 1, late: 1 });
    configure(breaker, { detector: TIME }, { nowMs: 1_000 });
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 1, pending: 0 });
    expect(breaker.snapshot(1_000).generation).toBeGreaterThan(hanging.generation);
    breaker.onSuccess(between, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 1, late: 2 });
  });

  it("counts a streak only while it has the detector", () => {
    const { breaker } = createBreaker(flavour, { detector: [TIME, ROW] });
    fail(breaker, 1_000, 2);
    configure(breaker, { detector: TIME }, { nowMs: 1_000 });
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 2, consecutiveFailures: 0 });
    configure(breaker, { detector: [TIME, ROW] }, { nowMs: 1_000 });
    fail(breaker, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "closed", calls: 3, consecutiveFailures: 1 });
  });

  it("ends a streak by a success, also where no success was judged before", () => {
    const { breaker } = createBreaker(flavour, { detector: { ...TIME, requiredSuccessRate: 0 } });
    succeed(breaker, 1_000, 9);
    configure(breaker, { detector: [{ ...TIME, requiredSuccessRate: 0 }, ROW] }, { nowMs: 1_000 });
    for (let round = 0; round < 3; round++) {
      fail(breaker, 1_000, 2);
      succeed(breaker, 1_000);
    }
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "closed", consecutiveFailures: 0, calls: 18 });
  });

  it("does not judge slow calls any more when no call is slow any more", () => {
    const { breaker } = createBreaker(flavour, {
      detector: { ...TIME, slowCallMs: 10, maximumSlowRate: 0.9 },
    });
    for (let call = 0; call < 3; call++) succeed(breaker, 1_000, 1, 11);
    configure(breaker, { detector: TIME }, { nowMs: 1_000 });
    succeed(breaker, 1_000, 2, 11);
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "closed", calls: 5, slow: 3 });
  });

  it("stays open until the time that was set when it opened; the next delay is one of the new", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    configure(breaker, { backoff: { kind: "steps", delaysMs: [7, 9] } }, { nowMs: 1 });
    expect(breaker.retryAfterMs(1)).toBe(99);
    fail(breaker, 100);
    expect(events.at(-1)).toMatchObject({ kind: "opened", level: 2, delayMs: 9 });
  });

  it("keeps what a half-open one has seen, and closes when that is enough by now", () => {
    const { breaker, events } = createOpenBreaker(flavour, { halfOpen: { probes: 2, successesToClose: 3 } });
    succeed(breaker, 100, 2);
    expect(breaker.state).toBe("half_open");
    configure(breaker, { halfOpen: { successesToClose: 2 } }, { nowMs: 101 });
    expect(events.at(-1)).toMatchObject({ kind: "closed", cause: "probes_succeeded", atMs: 101 });
    expect(breaker.options.halfOpen).toMatchObject({
      probes: 2,
      successesToClose: 2,
      probeTimeoutMs: 30_000,
    });
  });

  it("takes more probes while half-open; those that are out count as given back", () => {
    const { breaker } = createOpenBreaker(flavour);
    const probe = breaker.tryAcquire(100);
    expect(breaker.tryAcquire(100)).toBe(0);
    configure(breaker, { halfOpen: { probes: 2, successesToClose: 2 } }, { nowMs: 100 });
    breaker.onFailure(probe, 100);
    expect(breaker.snapshot(100)).toMatchObject({ state: "half_open", level: 1, late: 1 });
    const tickets = [breaker.tryAcquire(100), breaker.tryAcquire(100), breaker.tryAcquire(100)];
    expect(tickets.map((ticket) => ticket > 0)).toEqual([true, true, false]);
    for (const ticket of tickets.slice(0, 2)) breaker.onSuccess(ticket, 100);
    expect(breaker.state).toBe("closed");
  });

  it("switches to a mode that is named, and leaves the mode alone otherwise", () => {
    const { breaker, events } = createBreaker(flavour);
    breaker.forceOpen(1);
    configure(breaker, { decayMs: 1 }, { nowMs: 2 });
    expect([breaker.mode, breaker.options.mode]).toEqual(["forced_open", "enabled"]);
    configure(breaker, { mode: "disabled" }, { nowMs: 3 });
    expect([breaker.mode, breaker.options.mode, breaker.options.decayMs]).toEqual([
      "disabled",
      "disabled",
      1,
    ]);
    expect(events.map(({ kind }) => kind)).toEqual(["opened", "disabled"]);
  });

  it("changes nothing when an option is bad", () => {
    const { breaker } = createBreaker(flavour, { detector: TIME });
    fail(breaker, 1_000, 2);
    const before = [breaker.options, breaker.snapshot(1_000)];
    for (const bad of [{ decayMs: -1 }, { mode: "off" }, { halfOpen: { probes: 0 } }, { detectors: [] }]) {
      const error = caught(() => configure(breaker, { decayMs: 3, ...bad } as never, { nowMs: 1_000 }));
      expect(isOptionError(error)).toBe(true);
    }
    expect(() => configure(breaker, { decayMs: 3 }, { nowMs: -1 })).toThrow(/nowMs must be/);
    expect([breaker.options, breaker.snapshot(1_000)]).toEqual(before);
  });

  it("keeps its listeners and its name when it moves", () => {
    const { breaker } = createBreaker(flavour);
    const received: string[] = [];
    breaker.on("opened", ({ endpoint }) => received.push(endpoint));
    const id = breaker.id;
    configure(breaker, { detector: TIME }, { nowMs: 1 });
    expect(breaker.id).not.toBe(id);
    fail(breaker, 1, 4);
    expect(received).toEqual(["endpoint"]);
  });

  it("is configured for every object of it, after an eviction too", () => {
    const registry = flavour.createRegistry({ clock: () => 5 });
    const first = registry.get("a");
    expect(evictIdle(registry)).toBe(1);
    const second = registry.get("a");
    expect(second).not.toBe(first);
    expect(first.tryAcquire()).toBeGreaterThan(0); // it is found again
    configure(second, { decayMs: 7, halfOpen: { probes: 3 } });
    expect(first.options).toMatchObject({ decayMs: 7, halfOpen: { probes: 3 } });
    expect(first.id).toBe(second.id);
    configure(first, { halfOpen: { probes: 2 } });
    expect(second.options.halfOpen.probes).toBe(2);
    expect(second.id).toBe(first.id);
    expect(registry.size).toBe(1);
  });

  it("refuses after it was deleted, also if it is configured or switched", () => {
    const registry = flavour.createRegistry();
    const [one, two] = [registry.get("one"), registry.get("two")];
    for (const name of ["one", "two"]) registry.delete(name);
    one.enable();
    configure(one, { mode: "disabled", decayMs: 3 });
    expect([one, two].map((breaker) => breaker.tryAcquire(1))).toEqual([0, 0]);
  });
});

describe("a breaker of no registry", () => {
  it("is configured by itself, and keeps its listeners and why it opened", () => {
    const [one, two] = ["same name", "same name"].map((name) => new CircuitBreaker(name, { detector: ROW }));
    const received: string[] = [];
    const off = one!.on("half_opened", ({ to }) => received.push(to));
    const now = one!._clock();
    fail(one!, now, 3);
    configure(
      one!,
      { halfOpen: { probes: 5 }, backoff: { kind: "constant", delayMs: 60_000 } },
      { nowMs: now },
    );
    expect([one!.options.halfOpen.probes, two!.options.halfOpen.probes]).toEqual([5, 1]);
    expect(one!.state).toBe("open");
    expect(() => one!.executeSync(() => 1)).toThrow(/consecutive_failures/);
    const ticket = one!.tryAcquire(now + 600_000);
    expect([ticket > 0, received, two!.state]).toEqual([true, ["half_open"], "closed"]);
    off();
    one!.reset();
    fail(one!, one!._clock(), 3);
    one!.tryAcquire(now + 9_000_000);
    expect(one!.state).toBe("half_open");
    expect(received).toHaveLength(1);
  });
});

function caught(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
