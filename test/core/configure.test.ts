import { describe, expect, it } from "vitest";
import { CircuitBreaker, isOptionError } from "../../src/entry/main.ts";
import { FLAVOURS } from "../flavours.ts";
import { fail, stage, stageOpen, succeed } from "./scene.ts";

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

describe.each(FLAVOURS)("a breaker that is configured while it lives ($name)", (flavour) => {
  it("keeps its window and the tickets that are out where the window's shape stays", () => {
    const { breaker } = stage(flavour, { detector: TIME });
    succeed(breaker, 1_000, 2);
    const ticket = breaker.tryAcquire(1_000);
    breaker.configure({ detector: { ...TIME, minimumCalls: 3 }, decayMs: 5, backoff: "steps" }, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 2, generation: 1, late: 0 });
    breaker.onFailure(ticket, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 3, failures: 1, late: 0 });
    expect(breaker.options).toMatchObject({ decayMs: 5, detectors: [{ minimumCalls: 3, windowMs: 1_000 }] });
    expect(Object.isFrozen(breaker.options)).toBe(true);
  });

  it("draws the verdict on what it holds at once", () => {
    const { breaker, events } = stage(flavour, { detector: TIME });
    succeed(breaker, 1_000, 3);
    fail(breaker, 1_000);
    expect(breaker.state).toBe("closed");
    breaker.configure({ detector: { ...TIME, requiredSuccessRate: 0.9 } }, 1_200);
    expect(events).toMatchObject([
      { kind: "opened", cause: "success_rate_over_time_window", calls: 4, failures: 1, atMs: 1_200 },
    ]);
  });

  it("keeps the windows that stay, and starts those empty that get another shape", () => {
    const { breaker } = stage(flavour, { detector: [TIME, COUNT, ROW] });
    succeed(breaker, 1_000, 3);
    fail(breaker, 1_000, 2);
    const ticket = breaker.tryAcquire(1_000);
    breaker.configure({ detector: [TIME, { ...COUNT, calls: 30 }, ROW] }, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 5, failures: 2, consecutiveFailures: 2, late: 0 });
    breaker.onFailure(ticket, 1_000); // of an earlier generation
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 5, consecutiveFailures: 2, late: 1 });
    breaker.configure({ detector: [{ ...COUNT, calls: 30 }, ROW] }, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 0, consecutiveFailures: 2 });
    fail(breaker, 1_000);
    expect(breaker.state).toBe("open");
  });

  it("counts a row from when somebody looks at rows", () => {
    const { breaker } = stage(flavour, { detector: [TIME, ROW] });
    fail(breaker, 1_000, 2);
    breaker.configure({ detector: TIME }, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ calls: 2, consecutiveFailures: 0 });
    breaker.configure({ detector: [TIME, ROW] }, 1_000);
    fail(breaker, 1_000);
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "closed", calls: 3, consecutiveFailures: 1 });
  });

  it("lets a success end a row also where no success was worth a look before", () => {
    const { breaker } = stage(flavour, { detector: { ...TIME, requiredSuccessRate: 0 } });
    succeed(breaker, 1_000, 9);
    breaker.configure({ detector: [{ ...TIME, requiredSuccessRate: 0 }, ROW] }, 1_000);
    for (let round = 0; round < 3; round++) {
      fail(breaker, 1_000, 2);
      succeed(breaker, 1_000);
    }
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "closed", consecutiveFailures: 0, calls: 18 });
  });

  it("does not judge slow calls any more when no call is slow any more", () => {
    const { breaker } = stage(flavour, { detector: { ...TIME, slowCallMs: 10, maximumSlowRate: 0.9 } });
    for (let call = 0; call < 3; call++) succeed(breaker, 1_000, 1, 11);
    breaker.configure({ detector: TIME }, 1_000);
    succeed(breaker, 1_000, 2, 11);
    expect(breaker.snapshot(1_000)).toMatchObject({ state: "closed", calls: 5, slow: 3 });
  });

  it("stays open until the time that was set when it opened; the next delay is one of the new", () => {
    const { breaker, events } = stageOpen(flavour);
    breaker.configure({ backoff: { kind: "steps", delaysMs: [7, 9] } }, 1);
    expect(breaker.retryAfterMs(1)).toBe(99);
    fail(breaker, 100);
    expect(events.at(-1)).toMatchObject({ kind: "opened", level: 2, delayMs: 9 });
  });

  it("keeps what a half-open one has seen, and closes when that is enough by now", () => {
    const { breaker, events } = stageOpen(flavour, { halfOpen: { probes: 2, successesToClose: 3 } });
    succeed(breaker, 100, 2);
    expect(breaker.state).toBe("half_open");
    breaker.configure({ halfOpen: { successesToClose: 2 } }, 101);
    expect(events.at(-1)).toMatchObject({ kind: "closed", cause: "probes_succeeded", atMs: 101 });
    expect(breaker.options.halfOpen).toEqual({ probes: 2, successesToClose: 2, probeTimeoutMs: 30_000 });
  });

  it("takes more probes while half-open; those that are out count as given back", () => {
    const { breaker } = stageOpen(flavour);
    const probe = breaker.tryAcquire(100);
    expect(breaker.tryAcquire(100)).toBe(0);
    breaker.configure({ halfOpen: { probes: 2, successesToClose: 2 } }, 100);
    breaker.onFailure(probe, 100);
    expect(breaker.snapshot(100)).toMatchObject({ state: "half_open", level: 1, late: 1 });
    const tickets = [breaker.tryAcquire(100), breaker.tryAcquire(100), breaker.tryAcquire(100)];
    expect(tickets.map((ticket) => ticket > 0)).toEqual([true, true, false]);
    for (const ticket of tickets.slice(0, 2)) breaker.onSuccess(ticket, 100);
    expect(breaker.state).toBe("closed");
  });

  it("switches to a mode that is named, and leaves the mode alone otherwise", () => {
    const { breaker, events } = stage(flavour);
    breaker.forceOpen(1);
    breaker.configure({ decayMs: 1 }, 2);
    expect([breaker.mode, breaker.options.mode]).toEqual(["forced_open", "enabled"]);
    breaker.configure({ mode: "disabled" }, 3);
    expect([breaker.mode, breaker.options.mode, breaker.options.decayMs]).toEqual([
      "disabled",
      "disabled",
      1,
    ]);
    expect(events.map(({ kind }) => kind)).toEqual(["opened", "disabled"]);
  });

  it("changes nothing when an option is bad", () => {
    const { breaker } = stage(flavour, { detector: TIME });
    fail(breaker, 1_000, 2);
    const before = [breaker.options, breaker.snapshot(1_000)];
    for (const bad of [{ decayMs: -1 }, { mode: "off" }, { halfOpen: { probes: 0 } }, { detectors: [] }]) {
      const error = caught(() => breaker.configure({ decayMs: 3, ...bad } as never, 1_000));
      expect(isOptionError(error)).toBe(true);
    }
    expect(() => breaker.configure({ decayMs: 3 }, -1)).toThrow(/nowMs must be/);
    expect([breaker.options, breaker.snapshot(1_000)]).toEqual(before);
  });

  it("is still heard by its listeners, and found by its name, when it had to move", () => {
    const { breaker } = stage(flavour);
    const heard: string[] = [];
    breaker.on("opened", ({ endpoint }) => heard.push(endpoint));
    const id = breaker.id;
    breaker.configure({ detector: TIME }, 1);
    expect(breaker.id).not.toBe(id);
    fail(breaker, 1, 4);
    expect(heard).toEqual(["endpoint"]);
  });

  it("is one for all of its objects", () => {
    const registry = flavour.createRegistry({ clock: () => 5 });
    const first = registry.get("a");
    for (let n = 0; n < 10_000; n++) registry.get(`other ${n}`); // so that the registry forgets the object
    const second = registry.get("a");
    expect(second).not.toBe(first);
    second.configure({ decayMs: 7, halfOpen: { probes: 3 } });
    expect(first.options).toMatchObject({ decayMs: 7, halfOpen: { probes: 3 } });
    expect(first.id).toBe(second.id);
    expect(registry.size).toBe(10_001);
  });

  it("is not configured, nor switched, any more when it was deleted", () => {
    const registry = flavour.createRegistry();
    const [one, two] = [registry.get("one"), registry.get("two")];
    for (const name of ["one", "two"]) registry.delete(name);
    one.enable();
    one.configure({ mode: "disabled", decayMs: 3 });
    expect([one, two].map((breaker) => breaker.tryAcquire(1))).toEqual([0, 0]);
  });
});

describe("a breaker of no registry", () => {
  it("is configured without a word to the others, keeps its listeners and why it opened", () => {
    const [one, two] = ["same name", "same name"].map((name) => new CircuitBreaker(name, { detector: ROW }));
    const heard: string[] = [];
    const off = one!.on("half_opened", ({ to }) => heard.push(to));
    const now = one!.now();
    fail(one!, now, 3);
    one!.configure({ halfOpen: { probes: 5 }, backoff: { kind: "constant", delayMs: 60_000 } }, now);
    expect([one!.options.halfOpen.probes, two!.options.halfOpen.probes]).toEqual([5, 1]);
    expect(one!.state).toBe("open");
    expect(() => one!.executeSync(() => 1)).toThrow(/consecutive_failures/);
    const ticket = one!.tryAcquire(now + 600_000);
    expect([ticket > 0, heard, two!.state]).toEqual([true, ["half_open"], "closed"]);
    off();
    one!.reset();
    fail(one!, one!.now(), 3);
    one!.tryAcquire(now + 9_000_000);
    expect(one!.state).toBe("half_open");
    expect(heard).toHaveLength(1);
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
