import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { Select } from "../../../src/flow/operators/select.ts";
import { counts, graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";
import { behind } from "./behind.ts";
import { operatorOf } from "./guarded.ts";

const MS = 1_000_000;
const DISCARD = { timeout: 100 * MS, steps: [1, 10, 100] };
const PAUSE = { ...DISCARD, method: "pause" };

describe("qos::backpressure", () => {
  it("passes every event while all is well", async () => {
    const { out, push, at } = await behind("qos::backpressure", DISCARD);
    push("a", 1);
    at(2).ack(0, 1);
    push("b", 2);
    expect(out.data).toEqual(["a", "b"]);
  });

  it("counts the delay from the event that failed: up to there to overflow, from there on to out", async () => {
    const { out, overflow, push, at } = await behind("qos::backpressure", DISCARD);
    push("a", 1);
    at(1).fail(0);
    push("b", 1.999);
    push("c", 2);
    expect([out.data, overflow.data]).toEqual([["a", "c"], ["b"]]);
  });

  it("counts the delay from when the event came in that failed, however late the answer", async () => {
    const { out, overflow, push, at } = await behind("qos::backpressure", { timeout: MS, steps: [50] });
    push("a", 0);
    at(30).fail(0);
    push("b", 49);
    push("c", 50);
    expect([out.data, overflow.data]).toEqual([["a", "c"], ["b"]]);
  });

  it("lets one event through for each delay while it backs off: the next counts from the one that passed", async () => {
    const { out, overflow, push, at } = await behind("qos::backpressure", { timeout: MS, steps: [10] });
    push("a", 0);
    at(0).fail(0);
    for (let ms = 1; ms <= 35; ms++) push(ms, ms);
    expect(out.data).toEqual(["a", 10, 20, 30]);
    expect(overflow.data).toHaveLength(32);
  });

  it("climbs one step with every error, stays on the last, and goes back to none with one good answer", async () => {
    const { out, push, at } = await behind("qos::backpressure", DISCARD);
    for (const [ms, next] of [
      [1_000, 1_001],
      [2_000, 2_010],
      [3_000, 3_100],
      [4_000, 4_100],
    ] as const) {
      push("probe", ms);
      at(ms).fail(out.events.length - 1);
      const before = out.events.length;
      push("early", next - 0.5);
      expect(out.events.length).toBe(before);
    }
    push("probe", 5_000);
    at(5_001).ack(out.events.length - 1, 1);
    push("x", 5_001);
    push("y", 5_001);
    expect(out.data.slice(-2)).toEqual(["x", "y"]);
  });

  it("has tremor's steps where none are given", async () => {
    const { out, push, at } = await behind("qos::backpressure", { timeout: MS });
    const delays = [50, 100, 250, 500, 1_000, 5_000, 10_000, 10_000];
    let ms = 0;
    for (const delay of delays) {
      push("probe", ms);
      at(ms).fail(out.events.length - 1);
      push("early", ms + delay - 1);
      ms += delay;
    }
    expect(out.data).toEqual(delays.map(() => "probe"));
  });

  it("takes the first step that is longer than the delay before, whatever the order of the steps", async () => {
    const { out, push, at } = await behind("qos::backpressure", { timeout: MS, steps: [5, 5, 20, 10] });
    push("a", 0);
    at(0).fail(0);
    push("b", 5);
    at(5).fail(1);
    push("early", 24);
    push("c", 25);
    at(25).fail(2);
    push("d", 35);
    expect(out.data).toEqual(["a", "b", "c", "d"]);
  });

  it("takes an answer for an error that took longer than timeout, not one that took as long", async () => {
    const { out, overflow, push, at } = await behind("qos::backpressure", DISCARD);
    push("a", 0);
    at(100).ack(0, 100);
    push("b", 100);
    at(200.5).ack(1, 100.5);
    push("c", 100.5);
    expect([out.data, overflow.data]).toEqual([["a", "b"], ["c"]]);
  });

  it("takes an ack that comes with an error for an error", async () => {
    const registry = new CircuitBreakerRegistry();
    const bp = operatorOf("qos::backpressure", DISCARD, { registry });
    const [out, overflow] = [new HandSink("hold"), new HandSink()];
    const graph = graphOf({ bp }, "in > bp", "bp > out/out", "bp/overflow > out/overflow");
    await started(graph, { out, overflow });
    pushAll(graph, ["a"], 1);
    const answered = { from: 2, source: 0, id: 1, correlations: out.events[0]?.correlations, durationMs: 0 };
    bp.onInsight?.({ kind: "ack", atMs: 1, ingestMs: 1, ...answered, meta: { error: "half of it" } });
    pushAll(graph, ["b"], 1);
    expect([out.data, overflow.data]).toEqual([["a"], ["b"]]);
  });

  it("takes an answer of unknown duration for a good one", async () => {
    const { overflow, push, at } = await behind("qos::backpressure", { timeout: 0 });
    push("a", 0);
    at(100).ack(0);
    push("b", 0);
    expect(overflow.data).toEqual([]);
  });

  it("is reset by any signal that comes when the delay is over, and not by one before", async () => {
    const { graph, out, overflow, push, at, tick } = await behind("qos::backpressure", {
      timeout: MS,
      steps: [100],
    });
    push("a", 0);
    at(0).fail(0);
    tick(99);
    push("b", 99);
    graph.signal({ kind: "circuit_breaker_enabled", atMs: 100 });
    push("c", 100);
    push("d", 100);
    expect([out.data, overflow.data]).toEqual([["a", "c", "d"], ["b"]]);
  });

  it("is neither reset nor climbs for an event that no sink ever saw", async () => {
    const registry = new CircuitBreakerRegistry();
    const bp = operatorOf("qos::backpressure", { timeout: MS, steps: [10, 100] }, { registry });
    const picky = new Select({ where: ({ data }) => data !== "filtered" });
    const [out, overflow] = [new HandSink("fail"), new HandSink()];
    const graph = graphOf(
      { bp, picky },
      "in > bp",
      "bp > picky",
      "picky > out/out",
      "bp/overflow > out/overflow",
    );
    await started(graph, { out, overflow });
    pushAll(graph, ["fails"], 0);
    pushAll(graph, ["filtered", "too early"], 10);
    pushAll(graph, ["passes"], 20);
    expect([out.data, overflow.data]).toEqual([["fails", "passes"], ["too early"]]);
  });

  it.each([DISCARD, PAUSE])("stops a trigger from behind it and backs off itself (%j)", async (options) => {
    const { out, graph, told, push, at } = await behind("qos::backpressure", options);
    at(5);
    out.context.contraflow("trigger");
    push("a", 5);
    const pauses = "method" in options;
    expect(told()).toEqual(pauses ? [["trigger", 5]] : []);
    expect(counts(graph.accounting)).toEqual({ read: 1, inFlight: 1 });
    expect(out.data).toEqual(pauses ? ["a"] : []);
  });
});

describe("qos::backpressure with the method pause", () => {
  it("answers the first error upstream by a trigger, and recovery by a restore, beside ack and fail", async () => {
    const { before, out, overflow, push, at } = await behind("qos::backpressure", PAUSE);
    for (const name of ["a", "b", "c"]) push(name, 0);
    at(1).fail(0);
    at(2).fail(1);
    at(3).ack(2, 1);
    expect(before.insights.map(({ kind, id }) => [kind, id])).toEqual([
      ["trigger", 0],
      ["fail", 1],
      ["fail", 2],
      ["restore", 0],
      ["ack", 3],
    ]);
    expect([out.data.length, overflow.data.length]).toEqual([3, 0]);
  });

  it("refuses nothing: what comes although it was told to stop goes to out", async () => {
    const { out, overflow, push, at } = await behind("qos::backpressure", PAUSE);
    push("a", 0);
    at(0).fail(0);
    push("b", 0.5);
    expect([out.data, overflow.data]).toEqual([["a", "b"], []]);
  });

  it("holds the source until a signal comes when the delay is over", async () => {
    const { graph, told, push, at, tick } = await behind("qos::backpressure", { ...PAUSE, steps: [150] });
    push("a", 0);
    at(0).fail(0);
    tick(100);
    expect(graph.congested).toBe(true);
    tick(200);
    expect(graph.congested).toBe(false);
    expect(told()).toEqual([
      ["trigger", 0],
      ["restore", 200],
    ]);
  });

  it("holds the source while any sink behind it is broken, also when its own delay is over", async () => {
    const registry = new CircuitBreakerRegistry();
    const before = new Witness();
    const op = operatorOf("qos::backpressure", PAUSE, { registry });
    const graph = graphOf({ before, op }, "in > before", "before > op", "op > out/x", "op > out/y");
    const [x, y] = [new HandSink(), new HandSink()];
    await started(graph, { x, y });
    before.insights.length = 0;
    for (const sink of [x, y]) sink.context.contraflow("trigger");
    graph.signal({ kind: "tick", atMs: 1_000 });
    x.context.contraflow("restore");
    expect(graph.congested).toBe(true);
    y.context.contraflow("restore");
    expect(graph.congested).toBe(false);
    expect(before.insights.map(({ kind }) => kind)).toEqual(["trigger", "restore"]);
  });

  it.each([DISCARD, PAUSE])(
    "leaves a trigger of the sink at overflow to upstream, with %j",
    async (options) => {
      const { graph, out, overflow, push, told } = await behind("qos::backpressure", options);
      overflow.context.contraflow("trigger");
      expect(graph.congested).toBe(true);
      for (let ms = 1; ms <= 40; ms++) push(ms, ms);
      expect([out.data.length, overflow.data.length]).toEqual([40, 0]);
      overflow.context.contraflow("restore");
      expect(graph.congested).toBe(false);
      expect(told().map(([kind]) => kind)).toEqual(["trigger", "restore"]);
    },
  );
});
