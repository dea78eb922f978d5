import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../../src/breaker/breaker.ts";
import { isCallTimeoutError } from "../../src/breaker/errors.ts";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { closeByProbes, manualClock, openByFailures, recordEvents } from "../../src/entry/testing.ts";

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, seed: 1 });
  return { clock, registry, breaker: registry.get("api") };
}

describe("the manual clock", () => {
  it("stands still until it is advanced", () => {
    const clock = manualClock(5);
    expect([clock(), clock()]).toEqual([5, 5]);
    void clock.advance(2.5);
    expect(clock()).toBe(7.5);
  });

  it("runs timers that are due in the order of time, each at its time, and none that was undone", () => {
    const clock = manualClock(0);
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name} at ${clock()}`);
    clock.after(30, note("c"));
    clock.after(10, () => {
      note("a")();
      clock.after(10, note("b"));
    });
    clock.after(20, note("gone"))();
    clock.after(41, note("later"));
    void clock.advance(40);
    expect(seen).toEqual(["a at 10", "b at 20", "c at 30"]);
    expect(clock()).toBe(40);
  });

  it("never goes back when a timer advances it", () => {
    const clock = manualClock(0);
    clock.after(10, () => void clock.advance(100));
    void clock.advance(20);
    expect(clock()).toBe(110);
  });

  it("ends a call that takes longer than its timeoutMs", async () => {
    const { breaker, clock } = setUp();
    const call = breaker.execute(() => new Promise(() => {}), { timeoutMs: 50 });
    const ended = call.catch((error: unknown) => error);
    await clock.advance(49);
    expect(breaker.snapshot().failures).toBe(0);
    await clock.advance(1);
    expect(breaker.snapshot().failures).toBe(1);
    expect(isCallTimeoutError(await ended)).toBe(true);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "5"])("refuses %s as a time", (ms) => {
    expect(() => manualClock().advance(ms as number)).toThrow(/^ms must be 0 to \d+, got /);
    expect(() => manualClock(ms as number)).toThrow(/^startMs must be 0 to \d+, got /);
  });
});

describe("openByFailures and closeByProbes", () => {
  it("open a breaker as a failing endpoint does, and close it as one that came back", () => {
    const { breaker, clock, registry } = setUp();
    const { kinds, events, stop } = recordEvents(registry);
    openByFailures(breaker);
    expect(breaker.state).toBe("open");
    expect(events[0]).toMatchObject({ endpoint: "api", cause: "success_rate_over_time_window", level: 1 });
    closeByProbes(breaker, clock);
    expect(breaker.state).toBe("closed");
    stop();
    openByFailures(breaker);
    expect(kinds).toEqual(["opened", "half_opened", "closed"]);
  });

  it.each([
    ["consecutive_failures", { kind: "consecutive_failures", failures: 1_000_000 }],
    ["minimumCalls", { minimumCalls: 1_000_000 }],
  ] as const)("open a breaker with the largest %s", (_, detector) => {
    const breaker = new CircuitBreaker("large", { detector, clock: manualClock() });
    openByFailures(breaker);
    expect(breaker.state).toBe("open");
  });

  it("close a breaker that needs several probes, from half-open, too", () => {
    const { clock, registry } = setUp();
    const breaker = registry.get("several", { halfOpen: { probes: 2, successesToClose: 3 } });
    for (const before of [() => {}, () => breaker.release(breaker.tryAcquire(clock() + 2_000))]) {
      openByFailures(breaker);
      before();
      closeByProbes(breaker, clock);
      expect(breaker.state).toBe("closed");
    }
  });

  it("say what keeps a breaker from opening", () => {
    const { breaker, registry } = setUp();
    breaker.disable();
    expect(() => openByFailures(breaker)).toThrow(/^breaker "api" does not open: it is in mode "disabled"$/);
    breaker.shadow();
    expect(() => openByFailures(breaker)).toThrow(/^breaker "api" does not open: it is in mode "shadow"$/);
    const never = registry.get("never", { detector: { requiredSuccessRate: 0 } });
    expect(() => openByFailures(never)).toThrow(/^breaker "never" does not open: 1100000 calls failed$/);
  });

  it("say what keeps a breaker from closing", () => {
    const { breaker, clock } = setUp();
    breaker.forceOpen();
    const refuses = (state: string) =>
      new Error(`breaker "api" does not close: it refuses a probe in state "${state}"`);
    expect(() => closeByProbes(breaker, clock)).toThrow(refuses("open"));
    breaker.enable();
    openByFailures(breaker);
    expect(() => closeByProbes(breaker, manualClock())).toThrow(refuses("open"));
    void clock.advance(60_000);
    breaker.tryAcquire();
    expect(() => closeByProbes(breaker, clock)).toThrow(refuses("half_open"));
  });

  it("let a ramp pass to its end, also from its middle and over days", () => {
    const { clock, registry } = setUp();
    for (const stepMs of [5_000, 86_400_000]) {
      const breaker = registry.get(`ramp ${stepMs}`, {
        halfOpen: { successesToClose: 2, ramp: { shares: [0.1, 0.2, 0.5, 0.9], stepMs } },
      });
      openByFailures(breaker);
      const { events } = recordEvents(breaker);
      closeByProbes(breaker, clock);
      expect(breaker.state).toBe("closed");
      expect(events.map(({ cause }) => cause)).toEqual(["delay_ended", "probes_succeeded", "ramp_ended"]);
      openByFailures(breaker);
      void clock.advance(breaker.retryAfterMs());
      for (let probe = 0; probe < 2; probe++) breaker.onSuccess(breaker.tryAcquire());
      expect(breaker.snapshot().share).toBe(0.1);
      closeByProbes(breaker, clock);
      expect(breaker.state).toBe("closed");
    }
  });
});
