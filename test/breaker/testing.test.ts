import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { heal, manualClock, record, trip } from "../../src/entry/testing.ts";

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, seed: 1 });
  return { clock, registry, breaker: registry.get("api") };
}

describe("the manual clock", () => {
  it("stands still until it is told to advance", () => {
    const clock = manualClock(5);
    expect([clock(), clock()]).toEqual([5, 5]);
    clock.advance(2.5);
    expect(clock()).toBe(7.5);
  });

  it("runs what is due in the order of time, each at its time, and nothing that was undone", () => {
    const clock = manualClock(0);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} at ${clock()}`);
    clock.after(30, note("c"));
    clock.after(10, () => {
      note("a")();
      clock.after(10, note("b"));
    });
    clock.after(20, note("gone"))();
    clock.after(41, note("later"));
    clock.advance(40);
    expect(seen).toEqual(["a at 10", "b at 20", "c at 30"]);
    expect(clock()).toBe(40);
  });

  it.each([-1, Number.NaN, Infinity, "5"])("refuses %s as a time to pass", (ms) => {
    expect(() => manualClock().advance(ms as number)).toThrow(
      /^ms must be a number from 0 to \d+ \(ms\), got /,
    );
    expect(() => manualClock(ms as number)).toThrow(/^startMs must be/);
  });
});

describe("the helpers", () => {
  it("trip a breaker as a failing endpoint does, and heal it as one that came back", () => {
    const { breaker, clock, registry } = setUp();
    const { kinds, events, stop } = record(registry);
    trip(breaker);
    expect(breaker.state).toBe("open");
    expect(events[0]).toMatchObject({ endpoint: "api", cause: "success_rate_over_time_window", level: 1 });
    heal(breaker, clock);
    expect(breaker.state).toBe("closed");
    stop();
    trip(breaker);
    expect(kinds).toEqual(["opened", "half_opened", "closed"]);
  });

  it("say so when they cannot", () => {
    const { breaker, clock } = setUp();
    breaker.disable();
    expect(() => trip(breaker)).toThrow(/^breaker "api" does not open: 100000 calls failed$/);
    breaker.forceOpen();
    expect(() => heal(breaker, clock)).toThrow(/^breaker "api" does not close/);
  });

  it("heals through a gradual return, to its end", () => {
    const { clock, registry } = setUp();
    const breaker = registry.get("slow start", {
      halfOpen: { successesToClose: 2, ramp: { shares: [0.1, 0.5] } },
    });
    trip(breaker);
    const { events } = record(breaker);
    heal(breaker, clock);
    expect(breaker.state).toBe("closed");
    expect(events.map(({ cause }) => cause)).toEqual(["delay_ended", "probes_succeeded", "ramp_ended"]);
  });
});
