import { describe, expect, it } from "vitest";
import { type CircuitBreakerEvent, CircuitBreakerRegistry, type EventKind } from "../../src/entry/main.ts";

const KINDS: readonly EventKind[] = [
  "opened",
  "closed",
  "half_opened",
  "enabled",
  "disabled",
  "shadowed",
  "reset",
];

function setUp() {
  const registry = new CircuitBreakerRegistry({ seed: 1 });
  const breaker = registry.get("payments", {
    detector: { kind: "success_rate_over_time_window", minimumCalls: 4, requiredSuccessRate: 0.5 },
    backoff: { kind: "constant", delayMs: 100 },
  });
  const trip = (at: number) => {
    for (let call = 0; call < 4; call++) breaker.onFailure(breaker.tryAcquire(at), at);
  };
  return { registry, breaker, trip };
}

describe("events", () => {
  it("say what changed, why, when, and for how long", () => {
    const { breaker } = setUp();
    const events: CircuitBreakerEvent[] = [];
    for (const kind of KINDS) breaker.on(kind, (event) => events.push(event));
    const first = breaker.tryAcquire(1_000);
    breaker.onSuccess(first, 1_000);
    for (let call = 0; call < 3; call++) breaker.onFailure(breaker.tryAcquire(1_001), 1_001);
    breaker.onSuccess(breaker.tryAcquire(1_101), 1_105);
    expect(events).toEqual([
      {
        kind: "opened",
        endpoint: "payments",
        from: "closed",
        to: "open",
        cause: "success_rate_over_time_window",
        mode: "enabled",
        atMs: 1_001,
        generation: 2,
        calls: 4,
        failures: 3,
        slow: 0,
        successRate: 0.25,
        level: 1,
        share: 0,
        delayMs: 100,
        retryAtMs: 1_101,
      },
      expect.objectContaining({
        kind: "half_opened",
        from: "open",
        to: "half_open",
        cause: "delay_ended",
        atMs: 1_101,
      }),
      expect.objectContaining({
        kind: "closed",
        to: "closed",
        cause: "probes_succeeded",
        atMs: 1_105,
        calls: 0,
      }),
    ]);
  });

  it("reach the listeners of the breaker, then those of the registry, until they are taken off", () => {
    const { registry, breaker, trip } = setUp();
    const heard: string[] = [];
    registry.on("opened", ({ endpoint }) => heard.push(`registry ${endpoint}`));
    const off = breaker.on("opened", ({ endpoint }) => heard.push(`breaker ${endpoint}`));
    trip(1);
    off();
    off();
    breaker.reset(2);
    trip(3);
    expect(heard).toEqual(["breaker payments", "registry payments", "registry payments"]);
  });

  it("that came before anybody listened are not told", () => {
    const { breaker, trip } = setUp();
    trip(1);
    const heard: string[] = [];
    for (const kind of KINDS) breaker.on(kind, (event) => heard.push(event.kind));
    breaker.release(breaker.tryAcquire(101), 101);
    expect(heard).toEqual(["half_opened"]);
  });

  it("caused by a listener come after the one that it was told of, each once", () => {
    const { breaker, trip } = setUp();
    const heard: string[] = [];
    breaker.on("opened", () => {
      breaker.reset(5);
      heard.push(`opened, now ${breaker.state}`);
    });
    breaker.on("opened", () => heard.push("opened, second listener"));
    breaker.on("reset", () => heard.push("reset"));
    trip(1);
    expect(heard).toEqual(["opened, now closed", "opened, second listener", "reset"]);
  });

  it("of modes are enabled, disabled, shadowed, and opened and closed for a forced one", () => {
    const { breaker } = setUp();
    const heard: string[] = [];
    for (const kind of KINDS) breaker.on(kind, ({ cause, mode }) => heard.push(`${kind} ${cause} ${mode}`));
    breaker.disable(1);
    breaker.disable(2);
    breaker.enable(3);
    breaker.shadow(4);
    breaker.forceOpen(5);
    breaker.enable(6);
    breaker.reset(7);
    expect(heard).toEqual([
      "disabled mode disabled",
      "enabled mode enabled",
      "shadowed mode shadow",
      "opened mode forced_open",
      "closed mode enabled",
      "reset reset enabled",
    ]);
  });
});

describe("modes", () => {
  it("forced open refuses for ever: no time heals it", () => {
    const { breaker } = setUp();
    breaker.forceOpen(1);
    expect(breaker.tryAcquire(3e12)).toBe(0);
    expect(breaker.retryAfterMs(3e12)).toBe(Number.POSITIVE_INFINITY);
    breaker.enable(3e12);
    expect(breaker.tryAcquire(3e12)).toBeGreaterThan(0);
  });

  it("given as an option hold from the start", () => {
    const registry = new CircuitBreakerRegistry({ defaults: { mode: "forced_open" } });
    const breaker = registry.get("a");
    expect([breaker.state, breaker.mode, breaker.tryAcquire(5)]).toEqual(["open", "forced_open", 0]);
    const off = registry.get("b", { mode: "disabled" });
    for (let call = 0; call < 100; call++) off.onFailure(off.tryAcquire(5), 5);
    expect(off.snapshot(5)).toMatchObject({ state: "closed", mode: "disabled", calls: 0 });
  });

  it("shadow refuses nothing, stays closed to the eye, and tells what it would have done", () => {
    const { breaker, trip } = setUp();
    const heard: string[] = [];
    for (const kind of KINDS) breaker.on(kind, (event) => heard.push(`${event.kind} ${event.mode}`));
    breaker.shadow(0);
    trip(1);
    expect(breaker.state).toBe("closed");
    expect(breaker.tryAcquire(2)).toBeGreaterThan(0);
    breaker.onSuccess(breaker.tryAcquire(101), 101);
    expect(heard).toEqual(["shadowed shadow", "opened shadow", "half_opened shadow", "closed shadow"]);
    expect(breaker.snapshot(101).refused).toBe(1);
  });
});
