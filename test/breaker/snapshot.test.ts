import { describe, expect, it } from "vitest";
import {
  CircuitBreaker,
  CircuitBreakerRegistry,
  exportState,
  importState,
  type Snapshot,
  snapshots,
} from "../../src/entry/main.ts";
import { closeByProbes, manualClock, openByFailures } from "../../src/features/testing.ts";

const detector = { kind: "success_rate_over_time_window", minimumCalls: 4, windowMs: 1_000 } as const;

function setUp() {
  const clock = manualClock();
  const registry = new CircuitBreakerRegistry({ clock, defaults: { detector } });
  return { clock, registry, breaker: registry.get("api") };
}

describe("a snapshot of a breaker that is not closed", () => {
  it("says why it opened, since when, and what its window held: the window itself is empty by now", () => {
    const { clock, breaker } = setUp();
    breaker.onSuccess(breaker.tryAcquire());
    expect(breaker.snapshot().opened).toBeUndefined();
    openByFailures(breaker);
    const opened = {
      cause: "success_rate_over_time_window",
      atMs: clock(),
      calls: 4,
      failures: 3,
      slow: 0,
      successRate: 0.25,
      lastError: undefined,
    };
    expect(breaker.snapshot()).toMatchObject({ state: "open", calls: 0, successRate: undefined, opened });
    clock.advance(breaker.retryAfterMs());
    breaker.onFailure(breaker.tryAcquire());
    expect(breaker.snapshot()).toMatchObject({ state: "open", level: 2, opened }); // the first, not the probe's
    closeByProbes(breaker, clock);
    expect(breaker.snapshot().opened).toBeUndefined();
  });

  it("tells of the switch when it was forced open, and of no verdict before it", () => {
    const { clock, breaker } = setUp();
    openByFailures(breaker);
    clock.advance(5);
    breaker.forceOpen();
    expect(breaker.snapshot().opened).toMatchObject({ cause: "mode", atMs: clock(), calls: 0 });
  });

  it("tells what would have opened it in shadow mode, in which it shows itself closed", () => {
    const breaker = new CircuitBreaker("shadowed", { mode: "shadow", detector: "consecutive_failures" });
    for (let call = 0; call < 5; call++) breaker.onFailure(breaker.tryAcquire());
    const { state, opened } = breaker.snapshot();
    expect([state, opened?.cause, opened?.failures]).toEqual(["closed", "consecutive_failures", 5]);
  });

  it("knows nothing of an opening in another process", () => {
    const { breaker, registry } = setUp();
    openByFailures(breaker);
    importState(registry, exportState(registry));
    expect(breaker.snapshot()).toMatchObject({ state: "open", opened: undefined });
  });
});

describe("snapshots of a registry", () => {
  it("are those of its breakers, one after the other, at one time", () => {
    const { clock, registry, breaker } = setUp();
    openByFailures(breaker);
    registry.get("closed").onSuccess(registry.get("closed").tryAcquire());
    registry.get("disabled").disable();
    registry.get("count", { detector: "success_rate_over_count_window" }).onFailure(256);
    registry.get("shadow", { mode: "shadow" });
    clock.advance(100);
    const expected = [...registry].map((each) => each.snapshot());
    expect([...snapshots(registry)]).toEqual(expected);
    expect(expected).toHaveLength(5);
    const later = clock() + 1_000;
    expect([...snapshots(registry, later)]).toEqual([...registry].map((each) => each.snapshot(later)));
    expect(() => [...snapshots(registry, -1)]).toThrow(RangeError);
  });

  it("may be left, and pass over what is deleted meanwhile", () => {
    const { registry } = setUp();
    for (let n = 0; n < 10; n++) registry.get(`endpoint ${n}`);
    const seen: Snapshot[] = [];
    for (const snapshot of snapshots(registry)) {
      seen.push(snapshot);
      for (const { name } of registry) if (name !== snapshot.endpoint) registry.delete(name);
    }
    expect(seen.map(({ endpoint }) => endpoint)).toEqual(["api"]);
    for (const _ of snapshots(registry)) break;
    expect(registry.size).toBe(1);
  });

  it("make no object of a breaker: what is held is the same as before", () => {
    const { registry, breaker } = setUp();
    for (let n = 0; n < 20_000; n++) registry.get(`endpoint ${n}`);
    const held = registry.get("endpoint 19999");
    expect([...snapshots(registry)]).toHaveLength(20_001);
    expect(registry.get("endpoint 19999")).toBe(held);
    expect(registry.get("api")).toBe(breaker);
  });
});
