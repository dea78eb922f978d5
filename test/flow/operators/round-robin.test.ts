import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { counts, graphOf, HandSink, pushAll, started } from "../graph-fixture.ts";
import { behind } from "./behind.ts";
import { operatorOf } from "./guarded.ts";

const THREE = { outputs: ["a", "b", "c"] };

describe("qos::roundrobin", () => {
  it("gives each output its turn, in the order of the option", async () => {
    const { graph, sinkAt } = await behind("qos::roundrobin", THREE);
    pushAll(graph, [1, 2, 3, 4, 5]);
    expect(["a", "b", "c"].map((port) => sinkAt(port).data)).toEqual([[1, 4], [2, 5], [3]]);
  });

  it("passes over an output from the trigger of its sink to its restore", async () => {
    const { graph, sinkAt, told } = await behind("qos::roundrobin", THREE);
    sinkAt("b").context.contraflow("trigger");
    pushAll(graph, [1, 2, 3]);
    sinkAt("b").context.contraflow("restore");
    pushAll(graph, [4, 5]);
    expect(["a", "b", "c"].map((port) => sinkAt(port).data)).toEqual([[1, 3], [4], [2, 5]]);
    expect(told()).toEqual([]);
  });

  it("does not mind fails: only a trigger speaks for a whole output", async () => {
    const { graph, sinkAt } = await behind("qos::roundrobin", { outputs: ["a", "b"] });
    pushAll(graph, [1]);
    sinkAt("a").fail(0);
    pushAll(graph, [2, 3]);
    expect(sinkAt("a").data).toEqual([1, 3]);
  });

  it("tells upstream to stop when all are broken and to go on when one is not, and refuses to overflow meanwhile", async () => {
    const { graph, sinkAt, overflow, told } = await behind("qos::roundrobin", { outputs: ["a", "b"] });
    sinkAt("a").context.contraflow("trigger");
    expect(graph.congested).toBe(false);
    sinkAt("b").context.contraflow("trigger");
    expect(graph.congested).toBe(true);
    pushAll(graph, [1]);
    expect(overflow.data).toEqual([1]);
    sinkAt("b").context.contraflow("restore");
    expect(graph.congested).toBe(false);
    pushAll(graph, [2]);
    expect(sinkAt("b").data).toEqual([2]);
    expect(told().map(([kind]) => kind)).toEqual(["trigger", "restore"]);
  });

  it("keeps the broken sinks of an output as a set: one of two that restores does not speak for the other", async () => {
    const registry = new CircuitBreakerRegistry();
    const rr = operatorOf("qos::roundrobin", { outputs: ["a", "b"] }, { registry });
    const graph = graphOf({ rr }, "in > rr", "rr/a > out/x", "rr/a > out/y", "rr/b > out/z");
    const [x, y, z] = [new HandSink(), new HandSink(), new HandSink()];
    await started(graph, { x, y, z });
    x.context.contraflow("trigger");
    y.context.contraflow("trigger");
    x.context.contraflow("restore");
    pushAll(graph, [1, 2]);
    expect([x.data, z.data]).toEqual([[], [1, 2]]);
    y.context.contraflow("restore");
    pushAll(graph, [3]);
    expect([x.data, y.data]).toEqual([[3], [3]]);
  });

  it("passes over every output that leads to a broken sink", async () => {
    const registry = new CircuitBreakerRegistry();
    const rr = operatorOf("qos::roundrobin", { outputs: ["a", "b", "c"] }, { registry });
    const graph = graphOf({ rr }, "in > rr", "rr/a > out/x", "rr/b > out/x", "rr/c > out/z");
    const [x, z] = [new HandSink(), new HandSink()];
    await started(graph, { x, z });
    x.context.contraflow("trigger");
    pushAll(graph, [1, 2]);
    expect(z.data).toEqual([1, 2]);
    expect(counts(graph.accounting)).toEqual({ read: 2, delivered: 2 });
  });

  it("has one output named out where none is given", async () => {
    const { out, push } = await behind("qos::roundrobin", {});
    push(1, 0);
    push(2, 0);
    expect(out.data).toEqual([1, 2]);
  });

  it("leaves a trigger of the sink at overflow to upstream", async () => {
    const { graph, sinkAt, overflow, told } = await behind("qos::roundrobin", { outputs: ["a", "b"] });
    overflow.context.contraflow("trigger");
    expect(graph.congested).toBe(true);
    pushAll(graph, [1, 2]);
    expect([sinkAt("a").data, sinkAt("b").data]).toEqual([[1], [2]]);
    overflow.context.contraflow("restore");
    expect(graph.congested).toBe(false);
    expect(told().map(([kind]) => kind)).toEqual(["trigger", "restore"]);
  });

  it("does not pass over an output for a sink that only takes what was refused behind it", async () => {
    const registry = new CircuitBreakerRegistry();
    const rr = operatorOf("qos::roundrobin", { outputs: ["a", "b"] }, { registry });
    const cb = operatorOf("qos::circuit_breaker", {}, { registry });
    const links = ["in > rr", "rr/a > cb", "cb > out/x", "cb/overflow > out/spill", "rr/b > out/y"];
    const graph = graphOf({ rr, cb }, ...links);
    const [x, y, spill] = [new HandSink(), new HandSink(), new HandSink()];
    await started(graph, { x, y, spill });
    spill.context.contraflow("trigger");
    expect(graph.congested).toBe(true);
    pushAll(graph, [1, 2]);
    expect([x.data, y.data]).toEqual([[1], [2]]);
  });
});
