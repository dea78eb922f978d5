import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { Graph } from "../../../src/flow/graph/graph.ts";
import { counts, graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";
import { circuitBreaker, guarded, opened, operatorOf, TWO_FAILURES } from "./guarded.ts";

describe("trigger and restore at a circuit breaker operator", () => {
  it("force it open and let it go, closed with an empty window, and travel no further", async () => {
    const { graph, breaker, out, overflow, push, at } = await guarded();
    push("a", 10);
    at(10).fail(0);
    out.context.contraflow("trigger");
    expect(breaker?.mode).toBe("forced_open");
    expect(graph.congested).toBe(false);
    push("b", 1e9);
    expect(overflow.events[0]?.meta).toEqual({
      circuit_breaker: { endpoint: "cb", reason: "forced_open", retry_after_ms: null, retry_at_ms: null },
    });
    at(2e9).context.contraflow("restore");
    expect(breaker?.snapshot(2e9)).toMatchObject({
      mode: "enabled",
      state: "closed",
      consecutiveFailures: 0,
    });
    push("c", 2e9);
    expect(out.data).toEqual(["a", "c"]);
  });

  it("keep it open while any of two sinks is broken", async () => {
    const registry = new CircuitBreakerRegistry();
    const [x, y] = [new HandSink(), new HandSink()];
    const graph = graphOf({ cb: circuitBreaker({}, registry) }, "in > cb", "cb > out/x", "cb > out/y");
    await started(graph, { x, y });
    const breaker = registry.get("cb");
    x.context.contraflow("trigger");
    y.context.contraflow("trigger");
    x.context.contraflow("trigger");
    y.context.contraflow("restore");
    expect(breaker.mode).toBe("forced_open");
    x.context.contraflow("restore");
    expect(breaker.mode).toBe("enabled");
  });

  it("change nothing when a sink restores that never triggered", async () => {
    const { breaker, out } = await opened();
    const before = breaker?.snapshot(30);
    out.context.contraflow("restore");
    expect(breaker?.snapshot(30)).toEqual(before);
    breaker?.forceOpen(40);
    out.context.contraflow("restore");
    expect(breaker?.mode).toBe("forced_open");
  });

  it("are separate from the answers of the same sink", async () => {
    const { graph, breaker, out, push, at } = await guarded();
    push("a", 10);
    out.context.contraflow("trigger");
    at(20).fail(0);
    expect(counts(graph.accounting)).toMatchObject({ read: 1, failed: 1 });
    expect(breaker?.snapshot(20)).toMatchObject({ mode: "forced_open", late: 1 });
  });

  it("keep a breaker open that two operators share until the sinks of both are well", async () => {
    const registry = new CircuitBreakerRegistry();
    const shared = () => operatorOf("qos::circuit_breaker", {}, { registry, endpoint: "api" });
    const [x, y] = [new HandSink(), new HandSink()];
    const graph = graphOf({ a: shared(), b: shared() }, "in > a", "in > b", "a > out/x", "b > out/y");
    await started(graph, { x, y });
    x.context.contraflow("trigger");
    y.context.contraflow("trigger");
    y.context.contraflow("restore");
    expect(registry.get("api").mode).toBe("forced_open");
    x.context.contraflow("restore");
    expect(registry.get("api").mode).toBe("enabled");
  });
});

describe("the signals circuit_breaker_disabled and circuit_breaker_enabled", () => {
  it("make it pass everything and count nothing, and start over closed with an empty window", async () => {
    const { graph, breaker, out, overflow, push, at, cb } = await opened();
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 30 });
    for (let i = 0; i < 3; i++) push(i, 40);
    for (let i = 2; i < 5; i++) at(50).fail(i);
    expect(out.events.length).toBe(5);
    expect(overflow.data).toEqual([]);
    expect(breaker?.snapshot(50)).toMatchObject({ mode: "disabled", calls: 0, failures: 0 });
    graph.signal({ kind: "circuit_breaker_enabled", atMs: 60 });
    expect(breaker?.snapshot(60)).toMatchObject({ mode: "enabled", state: "closed", calls: 0, level: 0 });
    push("one", 70);
    at(80).fail(5);
    expect(breaker?.state).toBe("closed");
    expect(cb.data).toMatchObject([{ kind: "opened" }, { kind: "disabled" }, { kind: "enabled" }]);
  });

  it("are seen by every operator and sink after it", async () => {
    const log: string[] = [];
    const cb = circuitBreaker({}, new CircuitBreakerRegistry());
    const sink = new HandSink();
    const graph = await started(
      graphOf({ cb, after: new Witness(log) }, "in > cb", "cb > after", "after > out/out"),
      {
        out: sink,
      },
    );
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 1 });
    expect(log).toContain("after circuit_breaker_disabled");
    expect(sink.signals.at(-1)?.kind).toBe("circuit_breaker_disabled");
  });

  it("can be meant for one endpoint only", async () => {
    const registry = new CircuitBreakerRegistry();
    const operators = { a: circuitBreaker({}, registry), b: circuitBreaker({}, registry) };
    const graph = await started(graphOf(operators, "in > a", "a > b", "b > out/out"), {
      out: new HandSink(),
    });
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 1, endpoint: "b" });
    expect([registry.get("a").mode, registry.get("b").mode]).toEqual(["enabled", "disabled"]);
    graph.signal({ kind: "circuit_breaker_enabled", atMs: 2 });
    expect(registry.get("b").mode).toBe("enabled");
  });

  it("leave it disabled when a sink breaks and heals, but stop the source meanwhile", async () => {
    const { graph, breaker, out } = await guarded();
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 1 });
    out.context.contraflow("trigger");
    expect([breaker?.mode, graph.congested]).toEqual(["disabled", true]);
    out.context.contraflow("restore");
    expect([breaker?.mode, graph.congested]).toEqual(["disabled", false]);
  });

  it("take over from and hand over to the stopped source when they come while a sink is broken", async () => {
    const { graph, breaker, out } = await guarded();
    out.context.contraflow("trigger");
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 1 });
    expect([breaker?.mode, graph.congested]).toEqual(["disabled", true]);
    graph.signal({ kind: "circuit_breaker_enabled", atMs: 2 });
    expect([breaker?.mode, graph.congested]).toEqual(["forced_open", false]);
    out.context.contraflow("restore");
    expect([breaker?.mode, graph.congested]).toEqual(["enabled", false]);
  });

  it("lead a breaker in shadow mode back to shadow mode", async () => {
    const { graph, breaker } = await guarded({ mode: "shadow" });
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 1 });
    expect(breaker?.mode).toBe("disabled");
    graph.signal({ kind: "circuit_breaker_enabled", atMs: 2 });
    expect(breaker?.mode).toBe("shadow");
  });

  it("enable a breaker that was configured as disabled", async () => {
    const { graph, breaker } = await guarded({ mode: "disabled" });
    expect(breaker?.mode).toBe("disabled");
    graph.signal({ kind: "circuit_breaker_enabled", atMs: 2 });
    expect(breaker?.mode).toBe("enabled");
  });
});

describe("the method pause", () => {
  const PAUSE = { ...TWO_FAILURES, method: "pause" };

  it("stops the source when the breaker opens, and lets one event out when its delay is over", async () => {
    const { graph, breaker, out, push } = await opened(PAUSE);
    expect(graph.congested).toBe(true);
    graph.signal({ kind: "tick", atMs: 1_019 });
    expect(graph.congested).toBe(true);
    graph.signal({ kind: "tick", atMs: 1_020 });
    expect(graph.congested).toBe(false);
    push("probe", 1_021);
    expect([out.data.at(-1), breaker?.state, graph.congested]).toEqual(["probe", "half_open", true]);
  });

  it("goes on with the ack of the probe, and stays stopped when it fails", async () => {
    const good = await opened(PAUSE);
    good.graph.signal({ kind: "tick", atMs: 1_020 });
    good.push("probe", 1_021);
    good.at(1_030).ack(2);
    expect([good.breaker?.state, good.graph.congested]).toEqual(["closed", false]);
    const bad = await opened(PAUSE);
    bad.graph.signal({ kind: "tick", atMs: 1_020 });
    bad.push("probe", 1_021);
    bad.at(1_030).fail(2);
    expect([bad.breaker?.state, bad.graph.congested]).toEqual(["open", true]);
    bad.graph.signal({ kind: "tick", atMs: 2_030 });
    expect(bad.graph.congested).toBe(false);
  });

  it("lets the next probe out where the one before was never answered", async () => {
    const options = { ...PAUSE, half_open: { probe_timeout_ms: 500 } };
    const { graph, breaker, out, push } = await opened(options);
    const tick = (atMs: number) => graph.signal({ kind: "tick", atMs });
    tick(1_020);
    push("lost", 1_021);
    tick(1_600);
    expect([breaker?.state, graph.congested]).toEqual(["open", true]);
    tick(2_600);
    expect([breaker?.state, graph.congested]).toEqual(["half_open", false]);
    push("next", 2_610);
    expect([out.data.at(-1), graph.congested]).toEqual(["next", true]);
  });

  it("sends out one probe after the other where several successes are needed", async () => {
    const { graph, breaker, push, at } = await opened({ ...PAUSE, half_open: { successes_to_close: 2 } });
    graph.signal({ kind: "tick", atMs: 1_020 });
    push("first", 1_020);
    at(1_030).ack(2);
    expect([breaker?.state, graph.congested]).toEqual(["half_open", false]);
    push("second", 1_040);
    expect(graph.congested).toBe(true);
    at(1_050).ack(3);
    expect([breaker?.state, graph.congested]).toEqual(["closed", false]);
  });

  it("stops the source for a broken sink, too, and refuses to overflow what comes nevertheless", async () => {
    const { graph, out, overflow, push } = await guarded(PAUSE);
    out.context.contraflow("trigger");
    expect(graph.congested).toBe(true);
    push("late", 10);
    expect(overflow.data).toEqual(["late"]);
    out.context.contraflow("restore");
    expect(graph.congested).toBe(false);
  });
});

describe("an endpoint for each event", () => {
  const BY_HOST = {
    ...TWO_FAILURES,
    endpoint: (event: { data: unknown }) => (event.data as { host: string }).host,
  };

  it("has a breaker of its own: one host down does not refuse another", async () => {
    const { registry, out, overflow, push, at } = await guarded(BY_HOST);
    for (const host of ["a", "a", "b"]) push({ host }, 10);
    at(20).fail(0);
    at(20).fail(1);
    push({ host: "a" }, 30);
    push({ host: "b" }, 30);
    expect(overflow.data).toEqual([{ host: "a" }]);
    expect(out.data.at(-1)).toEqual({ host: "b" });
    expect([registry.get("a").state, registry.get("b").state]).toEqual(["open", "closed"]);
  });

  it("sends an event that names none, or breaks the function, to err", async () => {
    const { graph, err, push } = await guarded(BY_HOST);
    push({ host: "" }, 10);
    push({ host: 7 }, 10);
    push(null, 10);
    expect(err.events.map((event) => event.meta?.error)).toEqual([
      "the event names no endpoint",
      "the event names no endpoint",
      expect.stringContaining("null"),
    ]);
    expect(counts(graph.accounting)).toEqual({ read: 3, err: 3 });
  });

  it("is forced open or disabled like the others when its first event comes later", async () => {
    const { graph, registry, out, push } = await guarded(BY_HOST);
    out.context.contraflow("trigger");
    push({ host: "a" }, 10);
    expect(registry.get("a").mode).toBe("forced_open");
    out.context.contraflow("restore");
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 20, endpoint: "b" });
    push({ host: "b" }, 30);
    expect([registry.get("a").mode, registry.get("b").mode]).toEqual(["enabled", "disabled"]);
  });
});

describe("the breaker of an endpoint that no event has asked for longer than idle_ms", () => {
  const IDLE = {
    ...TWO_FAILURES,
    decay_ms: 500,
    endpoint: ({ data }: { data: unknown }) => data,
    idle_ms: 1_000,
  };
  const namesIn = (registry: Iterable<{ name: string }>): string[] => [...registry].map(({ name }) => name);
  const tickAt = (graph: Graph, atMs: number): void => graph.signal({ kind: "tick", atMs });

  it("is forgotten, and starts over closed and heard when its endpoint comes again", async () => {
    const { graph, registry, cb, push, at } = await guarded(IDLE);
    push("a", 10);
    at(20).ack(0);
    push("b", 500);
    at(510).fail(1);
    tickAt(graph, 1_400);
    expect(namesIn(registry)).toEqual(["b"]);
    for (const time of [1_450, 1_460]) push("a", time);
    at(1_470).fail(2);
    at(1_480).fail(3);
    expect(cb.data).toMatchObject([{ kind: "opened", endpoint: "a", failures: 2 }]);
  });

  it("stays while it is open and while its opening is remembered; the answer to an old event is late", async () => {
    const { graph, registry, push, at } = await guarded(IDLE);
    for (const name of ["down", "down", "up"]) push(name, 10);
    at(20).fail(0);
    at(20).fail(1);
    tickAt(graph, 5_000);
    expect(namesIn(registry)).toEqual(["down"]);
    push("down", 6_000);
    at(6_010).ack(3);
    at(6_010).ack(2);
    tickAt(graph, 6_400);
    expect(namesIn(registry)).toEqual(["down"]);
    tickAt(graph, 8_000);
    expect(namesIn(registry)).toEqual([]);
  });

  it("stays for the host that has made it, and for another operator that uses it", async () => {
    const registry = new CircuitBreakerRegistry({ clock: () => 0 });
    const options = { detector: { kind: "consecutive_failures", failures: 2 } } as const;
    registry.get("host's", options);
    const make = (idle: number) =>
      circuitBreaker({ ...options, endpoint: IDLE.endpoint, idle_ms: idle }, registry);
    const graph = graphOf({ x: make(1_000), y: make(3_000) }, "in > x", "x > y", "y > out/out");
    await started(graph, { out: new HandSink() });
    pushAll(graph, ["host's", "shared"], 10);
    tickAt(graph, 2_000);
    expect(namesIn(registry)).toEqual(["host's", "shared"]);
    tickAt(graph, 4_000);
    expect(namesIn(registry)).toEqual(["host's"]);
  });

  it("keeps memory flat over endpoints that come and go", async () => {
    const { graph, registry, out, push } = await guarded(IDLE, "ack");
    for (let i = 0; i < 20_000; i++) {
      push(`user ${i}`, i);
      out.events.length = 0;
      if (i % 100 === 0) tickAt(graph, i);
    }
    expect(registry.size).toBeLessThan(1_500);
  });
});
