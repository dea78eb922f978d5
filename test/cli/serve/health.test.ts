import { describe, expect, it } from "vitest";
import { Health, STUCK_MS, UNREADY_MS } from "../../../src/cli/serve/health.ts";
import { RunState } from "../../../src/cli/serve/run-state.ts";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { snapshotWith } from "../support/snapshot.ts";

/** A run whose counts and clock are set by the test. */
function makeRun() {
  const time = { ms: 1_000 };
  const registry = new CircuitBreakerRegistry({ clock: () => time.ms });
  const state = new RunState();
  const health = new Health(registry, state, () => time.ms);
  const run = { counts: snapshotWith({}) };
  state.start(() => run.counts);
  return { time, registry, state, health, run };
}

describe("the health of a run", () => {
  it("is well while events move", () => {
    const { health } = makeRun();
    expect(health.report()).toEqual({ alive: [], ready: [] });
  });

  it("is alive but not ready before it begins and while it stops", () => {
    const state = new RunState();
    const health = new Health(new CircuitBreakerRegistry(), state);
    expect(health.report()).toEqual({ alive: [], ready: ["the run is starting"] });
    state.start(() => snapshotWith({}));
    state.stop();
    expect(health.report()).toEqual({ alive: [], ready: ["the run is stopping"] });
    state.start(() => snapshotWith({}));
    expect(state.phase).toBe("stopping");
  });

  it("is not ready once a breaker has been open for too long, half-open or not, and is when it closes", () => {
    const { health, registry, time } = makeRun();
    const breaker = registry.get("pay\u001bments", {
      detector: { kind: "consecutive_failures", failures: 1 },
      backoff: { kind: "constant", delayMs: 1_000 },
    });
    breaker.onFailure(breaker.tryAcquire());
    time.ms += UNREADY_MS;
    expect(health.report().ready).toEqual([]);
    breaker.onFailure(breaker.tryAcquire());
    time.ms += 2_000;
    expect(health.report()).toEqual({ alive: [], ready: ["breaker pay ments has been open for 32.0 s"] });
    breaker.onSuccess(breaker.tryAcquire());
    expect(breaker.state).toBe("closed");
    expect(health.report().ready).toEqual([]);
  });

  it("names the breaker that is open for the longest, and counts the others", () => {
    const { health, registry, time } = makeRun();
    for (const name of ["a", "b"]) {
      registry.get(name).trip();
      time.ms += 10;
    }
    time.ms += UNREADY_MS;
    expect(health.report().ready).toEqual(["breaker a has been open for 30.0 s, and 1 more"]);
  });

  it("is not ready while the sources are stopped for too long", () => {
    const { health, run, time } = makeRun();
    run.counts = snapshotWith({}, { triggered: true });
    expect(health.report().ready).toEqual([]);
    time.ms += UNREADY_MS + 1_000;
    expect(health.report()).toEqual({
      alive: [],
      ready: ["a sink or a breaker has stopped the sources for 31.0 s"],
    });
    run.counts = snapshotWith({});
    expect(health.report().ready).toEqual([]);
  });

  it("is not alive where events are in flight and none ends, without a breaker that explains it", () => {
    const { health, run, time } = makeRun();
    run.counts = snapshotWith({ read: 12, delivered: 5, inFlight: 7 });
    health.report();
    time.ms += STUCK_MS + 1;
    const reason = "7 events are in flight, and none has ended for 600.0 s";
    expect(health.report()).toEqual({ alive: [reason], ready: [reason] });
    run.counts = snapshotWith({ read: 12, delivered: 6, inFlight: 6 });
    expect(health.report().alive).toEqual([]);
  });

  it.each([
    ["no event is in flight", { read: 5, delivered: 5 }, {}],
    ["a sink has stopped the sources", { read: 6, delivered: 5, inFlight: 1 }, { triggered: true }],
  ])("is alive where %s", (_, counts, more) => {
    const { health, run, time } = makeRun();
    run.counts = snapshotWith(counts, more);
    health.report();
    time.ms += 2 * STUCK_MS;
    expect(health.report().alive).toEqual([]);
  });
});
