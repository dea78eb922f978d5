import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { requestForcedOpen, withdrawForcedOpen } from "../../../src/flow/operators/forced-open.ts";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { counts, graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";
import { circuitBreaker, guarded, operatorOf, TWO_FAILURES, unreadRegistry } from "./guarded.ts";

const BY_NAME = { ...TWO_FAILURES, endpoint: ({ data }: FlowEvent) => data };

/** A breaker for each value; events go to the sink that their first letter names. */
async function forked() {
  const registry = unreadRegistry();
  const sorter = new Witness([], ["x", "y"]);
  sorter.route = ({ data }) => String(data).slice(0, 1);
  const links = [
    "in > cb",
    "cb > sorter",
    "sorter/x > out/x",
    "sorter/y > out/y",
    "cb/overflow > out/overflow",
  ];
  const graph = graphOf({ cb: circuitBreaker(BY_NAME, registry), sorter }, ...links);
  const [x, y, overflow] = [new HandSink(), new HandSink(), new HandSink()];
  await started(graph, { x, y, overflow });
  const modes = (...names: string[]) => names.map((name) => registry.peek(name)?.mode);
  return { graph, registry, x, y, overflow, modes };
}

describe("a sink that breaks behind a breaker for each value", () => {
  it("forces open the breakers of the endpoints that it has answered for, and no others", async () => {
    const { graph, x, y, overflow, modes } = await forked();
    pushAll(graph, ["x1", "y1", "x2"], 10);
    x.context.contraflow("trigger");
    expect(modes("x1", "x2", "y1")).toEqual(["forced_open", "forced_open", "enabled"]);
    pushAll(graph, ["x1", "y1"], 20);
    expect([y.data, overflow.data]).toEqual([["y1", "y1"], ["x1"]]);
    x.context.contraflow("restore");
    expect(modes("x1", "x2", "y1")).toEqual(["enabled", "enabled", "enabled"]);
    expect(counts(graph.accounting)).toEqual({ read: 5, delivered: 4, overflow: 1, breakerEvents: 4 });
  });

  it("lets an endpoint that nobody has answered for pass until an answer shows that it goes there", async () => {
    const { graph, x, overflow, modes } = await forked();
    x.answer = "hold";
    x.context.contraflow("trigger");
    pushAll(graph, ["x1", "y1"], 10);
    expect(modes("x1", "y1")).toEqual(["enabled", "enabled"]);
    x.fail(0);
    expect(modes("x1", "y1")).toEqual(["forced_open", "enabled"]);
    pushAll(graph, ["x1"], 20);
    expect(overflow.data).toEqual(["x1"]);
  });

  it("refuses an endpoint that nobody has answered for while every sink is broken", async () => {
    const { graph, x, y, overflow, modes } = await forked();
    x.context.contraflow("trigger");
    y.context.contraflow("trigger");
    pushAll(graph, ["x1"], 10);
    expect([modes("x1"), overflow.data]).toEqual([["forced_open"], ["x1"]]);
    y.context.contraflow("restore");
    expect(modes("x1")).toEqual(["enabled"]);
  });

  it("leaves alone a breaker of another sink that the host has forced open", async () => {
    const { graph, registry, x, modes } = await forked();
    pushAll(graph, ["x1", "y1"], 10);
    registry.get("y1").forceOpen(20);
    x.context.contraflow("trigger");
    x.context.contraflow("restore");
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 30, endpoint: "x1" });
    expect(modes("x1", "y1")).toEqual(["disabled", "forced_open"]);
  });

  it("stops the source for a breaker that refuses nothing only if that sink is on its way", async () => {
    const { graph, x, y } = await forked();
    pushAll(graph, ["x1", "y1"], 10);
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 20, endpoint: "x1" });
    y.context.contraflow("trigger");
    expect(graph.congested).toBe(false);
    x.context.contraflow("trigger");
    expect(graph.congested).toBe(true);
    x.context.contraflow("restore");
    expect(graph.congested).toBe(false);
  });

  it("is known for the endpoints of a batch, too, which answers for its events", async () => {
    const registry = unreadRegistry();
    const batch = operatorOf("generic::batch", { count: 2 }, { registry });
    const direct = new Witness([], ["batch", "y"]);
    direct.route = ({ data }) => (data === "y1" ? "y" : "batch");
    const operators = { cb: circuitBreaker(BY_NAME, registry), direct, batch };
    const links = ["in > cb", "cb > direct", "direct/batch > batch", "batch > out/x", "direct/y > out/y"];
    const graph = graphOf(operators, ...links);
    const [x, y] = [new HandSink(), new HandSink()];
    await started(graph, { x, y });
    pushAll(graph, ["x1", "y1", "x2"], 10);
    x.context.contraflow("trigger");
    expect(["x1", "x2", "y1"].map((name) => registry.peek(name)?.mode)).toEqual([
      "forced_open",
      "forced_open",
      "enabled",
    ]);
  });
});

describe("a sink that is no matter of the breaker", () => {
  it.each(["overflow", "cb", "err"])(
    "stops the source when it breaks at %s, and opens nothing",
    async (port) => {
      const { graph, breaker, ...sinks } = await guarded();
      const broken = sinks[port as "overflow" | "cb" | "err"];
      broken.context.contraflow("trigger");
      expect([breaker?.mode, graph.congested]).toEqual(["enabled", true]);
      broken.context.contraflow("restore");
      expect([breaker?.mode, graph.congested]).toEqual(["enabled", false]);
    },
  );

  it("opens no breaker further back when it takes what a second breaker refuses", async () => {
    const registry = new CircuitBreakerRegistry();
    const operators = { front: circuitBreaker({}, registry), bulk: circuitBreaker({}, registry) };
    const links = ["in > front", "front > bulk", "bulk > out/out", "bulk/overflow > out/spill"];
    const graph = graphOf(operators, ...links);
    const [out, spill] = [new HandSink(), new HandSink()];
    await started(graph, { out, spill });
    const modes = () => ["front", "bulk"].map((name) => registry.peek(name)?.mode);
    spill.context.contraflow("trigger");
    expect([modes(), graph.congested]).toEqual([["enabled", "enabled"], true]);
    out.context.contraflow("trigger");
    expect(modes()).toEqual(["enabled", "forced_open"]);
  });

  it("is one of the breaker's all the same when it is at out, too", async () => {
    const registry = new CircuitBreakerRegistry();
    const graph = graphOf(
      { cb: circuitBreaker({}, registry) },
      "in > cb",
      "cb > out/x",
      "cb/overflow > out/x",
    );
    const x = new HandSink();
    await started(graph, { x });
    x.context.contraflow("trigger");
    expect([registry.peek("cb")?.mode, graph.congested]).toEqual(["forced_open", false]);
  });
});

describe("a breaker that is held open for a broken sink", () => {
  it("is counted by its name, by whatever object it is reached, and in its own registry", () => {
    const [one, other] = [new CircuitBreakerRegistry(), new CircuitBreakerRegistry()];
    const [a, b] = [{}, {}];
    requestForcedOpen(one, "api", a);
    requestForcedOpen(one, "api", b);
    expect(withdrawForcedOpen(one, "api", a)).toBe(false);
    expect(withdrawForcedOpen(other, "api", a)).toBe(true);
    expect(withdrawForcedOpen(one, "api", b)).toBe(true);
  });

  it("starts over with the next graph when the graph that held it has ended", async () => {
    const registry = new CircuitBreakerRegistry();
    const deploy = () => graphOf({ cb: circuitBreaker({}, registry) }, "in > cb", "cb > out/out");
    const out = new HandSink();
    const graph = await started(deploy(), { out });
    out.context.contraflow("trigger");
    await graph.close();
    expect(registry.get("cb").mode).toBe("forced_open");
    deploy();
    expect(registry.get("cb").mode).toBe("enabled");
  });

  it("stays as the host wants it when no graph held it", () => {
    const registry = new CircuitBreakerRegistry();
    registry.get("cb").forceOpen();
    graphOf({ cb: circuitBreaker({}, registry) }, "in > cb", "cb > out/out");
    expect(registry.get("cb").mode).toBe("forced_open");
  });
});
