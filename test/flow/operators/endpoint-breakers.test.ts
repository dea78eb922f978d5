import { describe, expect, it } from "vitest";
import type { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { graphOf, HandSink, pushAll, started } from "../graph-fixture.ts";
import { circuitBreaker, unreadRegistry } from "./guarded.ts";

const BY_NAME = {
  detector: { kind: "success_rate_over_time_window", window_ms: 1_000, minimum_calls: 2 },
  backoff: { kind: "constant", delay_ms: 60_000 },
  decay_ms: 0,
  endpoint: ({ data }: FlowEvent) => data,
};

/** `in → cb → out` with a breaker for each value and all ports at hand. */
async function byName(options: Record<string, unknown> = {}, registry = unreadRegistry()) {
  const links = ["cb > out/out", "cb/overflow > out/overflow", "cb/cb > out/cb", "cb/err > out/err"];
  const graph = graphOf({ cb: circuitBreaker({ ...BY_NAME, ...options }, registry) }, "in > cb", ...links);
  const sinks = {
    out: new HandSink("hold"),
    overflow: new HandSink(),
    cb: new HandSink(),
    err: new HandSink(),
  };
  await started(graph, sinks);
  const tick = (atMs: number) => graph.signal({ kind: "tick", atMs });
  return { graph, registry, ...sinks, tick };
}

function namesIn(registry: CircuitBreakerRegistry): string[] {
  return [...registry].map(({ name }) => name).sort();
}

describe("maximum_breakers", () => {
  it("lets the idle breaker leave that was asked the longest ago", async () => {
    const { graph, registry, out } = await byName({ maximum_breakers: 3 });
    out.answer = "ack";
    pushAll(graph, ["a"], 0);
    pushAll(graph, ["b"], 1);
    pushAll(graph, ["c"], 2);
    pushAll(graph, ["a"], 3);
    pushAll(graph, ["d"], 5_000);
    expect(namesIn(registry)).toEqual(["a", "c", "d"]);
    pushAll(graph, ["e"], 5_001);
    expect(namesIn(registry)).toEqual(["a", "d", "e"]);
    expect(graph.accounting).toMatchObject({ read: 6, delivered: 6 });
  });

  it("sends an event to err, and says why, where no breaker is idle", async () => {
    const { graph, registry, out, err } = await byName({ maximum_breakers: 2 });
    out.answer = "ack";
    pushAll(graph, ["a", "b", "c"], 0);
    expect(err.data).toEqual(["c"]);
    expect(err.events[0]?.meta?.error).toBe(
      'no breaker for "c": there are maximum_breakers (2), and too few are idle',
    );
    expect(namesIn(registry)).toEqual(["a", "b"]);
  });

  it("keeps breakers that are open, and those of calls in their window", async () => {
    const { graph, registry, out } = await byName({ maximum_breakers: 3 });
    pushAll(graph, ["open", "open"], 0);
    out.fail(0);
    out.fail(1);
    pushAll(graph, ["idle"], 10);
    out.ack(2);
    pushAll(graph, ["busy"], 4_900);
    out.ack(3);
    pushAll(graph, ["new"], 5_000);
    expect(namesIn(registry)).toEqual(["busy", "new", "open"]);
  });

  it("is 1 to 10,000,000, as a whole number", async () => {
    for (const maximum_breakers of [0, 1.5, 10_000_001]) {
      await expect(byName({ maximum_breakers })).rejects.toThrow("maximum_breakers must be");
    }
  });
});

describe("a tick", () => {
  /** Counts how often the core is asked to look at a breaker. */
  function countChecks(registry: CircuitBreakerRegistry): { count: number } {
    const { exports } = registry._core;
    const { check } = exports;
    const checks = { count: 0 };
    exports.check = (...args) => {
      checks.count++;
      return check(...args);
    };
    return checks;
  }

  const NAMES = Array.from({ length: 3_000 }, (_, number) => `endpoint ${number}`);

  it("looks at each breaker that is not closed, and at 1,024 others in turns", async () => {
    const { graph, registry, out, tick } = await byName();
    pushAll(graph, ["down", "down", ...NAMES], 0);
    out.fail(0);
    out.fail(1);
    const checks = countChecks(registry);
    tick(100);
    expect(checks.count).toBeGreaterThanOrEqual(1_024);
    expect(checks.count).toBeLessThanOrEqual(1_025);
  });

  it("makes every breaker half-open whose delay has ended, however many endpoints there are", async () => {
    const { graph, registry, out, tick } = await byName();
    pushAll(graph, [...NAMES, "down", "down"], 0);
    out.fail(3_000);
    out.fail(3_001);
    tick(59_999);
    expect(registry.peek("down")?.state).toBe("open");
    tick(60_000);
    expect(registry.peek("down")?.state).toBe("half_open");
  });

  it("leaves no more than 1,024 idle breakers, and all of them in the ticks after", async () => {
    const { graph, registry, tick } = await byName({ idle_ms: 1_000 });
    pushAll(graph, NAMES, 0);
    tick(2_000);
    expect(registry.size).toBe(3_000 - 1_024);
    pushAll(graph, NAMES.slice(0, 10), 2_000);
    tick(2_100);
    tick(2_200);
    expect(namesIn(registry)).toEqual(NAMES.slice(0, 10).sort());
  });

  it("judges closed breakers, too: what expires can open one", async () => {
    const { graph, registry, out, tick } = await byName({
      detector: { kind: "success_rate_over_time_window", window_ms: 1_000, minimum_calls: 2, buckets: 10 },
    });
    pushAll(graph, Array(20).fill("x"), 0);
    for (let index = 0; index < 20; index++) out.ack(index);
    pushAll(graph, ["x", "x"], 500);
    out.fail(20);
    out.fail(21);
    expect(registry.peek("x")?.state).toBe("closed");
    tick(1_050);
    expect(registry.peek("x")?.state).toBe("open");
  });
});

describe("the breakers of a registry with several users", () => {
  it("stay where the host has created them, also where they are idle", async () => {
    const registry = unreadRegistry();
    const options = { decayMs: 0, ...camel };
    registry.get("of host", options);
    const { graph, tick, out } = await byName({ idle_ms: 1_000 }, registry);
    out.answer = "ack";
    pushAll(graph, ["of host", "of operator"], 0);
    tick(5_000);
    expect(namesIn(registry)).toEqual(["of host"]);
  });

  it("leave the registry with the last operator that uses them", async () => {
    const registry = unreadRegistry();
    const [one, other] = [
      await byName({ idle_ms: 1_000 }, registry),
      await byName({ idle_ms: 9_000 }, registry),
    ];
    pushAll(one.graph, ["x"], 0);
    pushAll(other.graph, ["x"], 0);
    one.tick(5_000);
    expect(namesIn(registry)).toEqual(["x"]);
    other.tick(10_000);
    expect(namesIn(registry)).toEqual([]);
  });

  it("are taken over from an operator that has ended, and leave when they are idle then", async () => {
    const registry = unreadRegistry();
    const first = await byName({}, registry);
    pushAll(first.graph, ["x", "y"], 0);
    await first.graph.close();
    const next = await byName({ idle_ms: 1_000 }, registry);
    pushAll(next.graph, ["x"], 10);
    next.tick(5_000);
    expect(namesIn(registry)).toEqual(["y"]);
  });

  it("show their events at the operators that use them, and at no other", async () => {
    const registry = unreadRegistry();
    const [one, other] = [await byName({}, registry), await byName({}, registry)];
    pushAll(one.graph, ["x"], 0);
    pushAll(other.graph, ["y"], 0);
    registry.peek("x")?.trip(10);
    registry.peek("y")?.trip(10);
    const endpoints = ({ cb }: typeof one) => cb.data.map((data) => (data as { endpoint: string }).endpoint);
    expect([endpoints(one), endpoints(other)]).toEqual([["x"], ["y"]]);
    await one.graph.close();
    await other.graph.close();
  });
});

const camel = {
  detector: { kind: "success_rate_over_time_window", windowMs: 1_000, minimumCalls: 2 },
  backoff: { kind: "constant", delayMs: 60_000 },
} as const;
