import { describe, expect, it } from "vitest";
import { findCorrelation, outcomeOf } from "../../../src/flow/protocol/correlation.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";
import { counts, graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";

const CONNECTED = ["sink_start", "restore"];
const ACKS = [...CONNECTED, "ack"];

describe("answers against the flow", () => {
  it("reach every operator before the sink, the nearest first, then the event ends", async () => {
    const log: string[] = [];
    const sink = new HandSink("hold");
    const graph = graphOf({ a: new Witness(log), b: new Witness(log) }, "in > a", "a > b", "b > out/out");
    await started(graph, { out: sink });
    pushAll(graph, ["x", "y"]);
    log.length = 0;
    sink.fail(1);
    sink.ack(0);
    expect(log).toEqual(["b fail", "a fail", "b ack", "a ack"]);
    expect(counts(graph.accounting)).toEqual({ read: 2, delivered: 1, failed: 1 });
  });

  it("follow the links and not the order in which operators were made", async () => {
    const log: string[] = [];
    const graph = graphOf(
      { late: new Witness(log), early: new Witness(log) },
      "in > early",
      "early > late",
      "late > out/out",
    );
    await started(graph, { out: new HandSink() });
    log.length = 0;
    pushAll(graph, ["x"]);
    expect(log).toEqual(["late ack", "early ack"]);
  });

  it("never reach an operator that does not lie before the sink", async () => {
    const [a, b] = [new Witness(), new Witness()];
    const graph = graphOf({ a, b }, "in > a", "in > b", "a > out/a", "b > out/b");
    await started(graph, { a: new HandSink(), b: new HandSink("hold") });
    pushAll(graph, ["x"]);
    expect(a.insights.map((insight) => insight.kind)).toEqual(ACKS);
    expect(b.insights.map((insight) => insight.kind)).toEqual(CONNECTED);
  });

  it("bear source, id, ingest time and correlations of the event, the time of the answer and its duration", async () => {
    const [a, sink] = [new Witness(), new HandSink("hold")];
    let nowMs = 0;
    const graph = await started(graphOf({ a }, "in > a", "a > out/out"), { out: sink }, () => nowMs);
    graph.push(0, { data: "x" }, 10);
    graph.push(3, { data: "y" }, 20);
    nowMs = 33.5;
    sink.ack(1, 7);
    const insight = a.insights.at(-1);
    expect(insight).toMatchObject({ kind: "ack", atMs: 33.5, source: 3, id: 1, ingestMs: 20, durationMs: 7 });
    expect(findCorrelation(insight?.correlations, a.context.node)?.value).toBe(1);
    sink.fail(0, { error: "no", retry_after_ms: 5 });
    expect(a.insights.at(-1)).toMatchObject({ kind: "fail", durationMs: Number.NaN });
    expect(a.insights.at(-1)?.meta).toEqual({ error: "no", retry_after_ms: 5 });
  });

  it("bear the time of the event that they come with when they are given at once", async () => {
    const a = new Witness();
    let nowMs = 0;
    const graph = graphOf({ a }, "in > a", "a > out/out");
    await started(graph, { out: new HandSink() }, () => nowMs);
    nowMs = 1e6;
    graph.push(0, { data: "x" }, 10);
    expect(a.insights.at(-1)?.atMs).toBe(10);
  });
});

describe("time in a graph", () => {
  it("never goes back, whatever the clock says", async () => {
    const sink = new HandSink("hold");
    let nowMs = 50;
    const graph = await started(graphOf({}, "in > out/out"), { out: sink }, () => nowMs);
    expect(sink.context.now()).toBe(50);
    nowMs = 40;
    expect(sink.context.now()).toBe(50);
    graph.signal({ kind: "tick", atMs: 70 });
    expect(sink.context.now()).toBe(70);
  });

  it("moves with events and signals only where there is no clock", async () => {
    const sink = new HandSink("hold");
    const graph = await started(graphOf({}, "in > out/out"), { out: sink });
    graph.push(0, { data: "x" }, 10);
    expect(sink.context.now()).toBe(10);
    graph.signal({ kind: "tick", atMs: 30 });
    expect(sink.context.now()).toBe(30);
  });
});

describe("an event that ends before a sink", () => {
  it("gives back what its correlations stand for when it is filtered behind them", async () => {
    const [a, b] = [new Witness(), new Witness()];
    b.onEvent = (event) => b.context.filter(event);
    const graph = await started(graphOf({ a, b }, "in > a", "a > b", "b > out/out"), { out: new HandSink() });
    pushAll(graph, ["x"]);
    expect(a.insights.map((insight) => insight.kind)).toEqual([...CONNECTED, "release"]);
    expect(counts(graph.accounting)).toEqual({ read: 1, filtered: 1 });
  });

  it("does so at a port that leads nowhere, and at an output without a sink", async () => {
    const [a, b] = [new Witness(), new Witness()];
    pushAll(await started(graphOf({ a }, "in > a"), {}), ["x"]);
    pushAll(await started(graphOf({ b }, "in > b", "b > out/out"), {}), ["x"]);
    expect(a.insights.map((insight) => insight.kind)).toEqual(["release"]);
    expect(b.insights.map((insight) => insight.kind)).toEqual(["release"]);
  });

  it.each(["overflow", "err"])(
    "does so when it is turned away at the port %s, and the sink there vouches for nobody",
    async (port) => {
      const [a, b] = [new Witness(), new Witness([], ["out", port])];
      b.onEvent = (event) => b.context.output(port).emit(event);
      const graph = graphOf({ a, b }, "in > a", "a > b", "b > out/out", `b/${port} > out/${port}`);
      const sink = new HandSink();
      await started(graph, { out: new HandSink(), [port]: sink });
      pushAll(graph, ["x"]);
      const answers = a.insights.filter((insight) => !CONNECTED.includes(insight.kind));
      expect(answers.map(({ kind, correlations }) => [kind, correlations === undefined])).toEqual([
        ["release", false],
        ["ack", true],
      ]);
      expect(sink.events[0]?.correlations).toBeUndefined();
    },
  );
});

describe("one correlation and several copies behind it", () => {
  /** Writes down the kind of each insight about a marked event and what it means for the correlation. */
  class Learner extends Witness {
    readonly learned: unknown[] = [];

    override onInsight(insight: Insight): boolean {
      const correlation = findCorrelation(insight.correlations, this.context.node);
      if (correlation !== undefined) this.learned.push([insight.kind, outcomeOf(correlation, insight)]);
      return false;
    }
  }

  async function forked() {
    const a = new Learner();
    const [x, y, z] = [new HandSink("hold"), new HandSink("hold"), new HandSink("hold")];
    const graph = graphOf({ a }, "in > a", "a > out/x", "a > out/y", "a > out/z");
    await started(graph, { x, y, z });
    pushAll(graph, ["e"]);
    return { a, x, y, z };
  }

  it("are an ack with the last copy that is acked", async () => {
    const { a, x, y, z } = await forked();
    for (const sink of [z, x, y]) sink.ack(0);
    expect(a.learned).toEqual([
      ["ack", undefined],
      ["ack", undefined],
      ["ack", "ack"],
    ]);
  });

  it("are a failure with the first copy that fails, and nothing after it", async () => {
    const { a, x, y, z } = await forked();
    x.ack(0);
    y.fail(0);
    z.fail(0);
    expect(a.learned).toEqual([
      ["ack", undefined],
      ["fail", "fail"],
      ["fail", undefined],
    ]);
  });

  it("are an ack when one copy is acked and the others end before a sink", async () => {
    const a = new Learner();
    const drop = new Witness();
    drop.onEvent = (event) => drop.context.filter(event);
    const graph = graphOf({ a, drop }, "in > a", "a > out/out", "a > drop", "drop > out/out");
    await started(graph, { out: new HandSink() });
    pushAll(graph, ["e"]);
    expect(a.learned).toEqual([
      ["ack", undefined],
      ["release", "ack"],
    ]);
  });

  it("are released when every copy ends before a sink", async () => {
    const a = new Learner();
    const graph = await started(graphOf({ a }, "in > a", "a > out/x", "a > out/y"), {});
    pushAll(graph, ["e"]);
    expect(a.learned).toEqual([
      ["release", undefined],
      ["release", "release"],
    ]);
  });
});

describe("trigger and restore", () => {
  it("hold the source from the trigger of a sink to its restore", async () => {
    const sink = new HandSink();
    const graph = await started(graphOf({}, "in > out/out"), { out: sink });
    expect([graph.congested, graph.triggered]).toEqual([false, false]);
    sink.context.contraflow("trigger");
    expect([graph.congested, graph.triggered]).toEqual([true, true]);
    sink.context.contraflow("restore");
    expect([graph.congested, graph.triggered]).toEqual([false, false]);
  });

  it("hold the source while any sink is broken: the restore of one does not speak for another", async () => {
    const [x, y] = [new HandSink(), new HandSink()];
    const graph = await started(graphOf({}, "in > out/x", "in > out/y"), { x, y });
    x.context.contraflow("trigger");
    y.context.contraflow("trigger");
    y.context.contraflow("restore");
    expect(graph.congested).toBe(true);
    x.context.contraflow("restore");
    expect(graph.congested).toBe(false);
  });

  it("are matched by their sender: a second trigger needs no second restore, a lone restore frees nobody", async () => {
    const [x, y] = [new HandSink(), new HandSink()];
    const graph = await started(graphOf({}, "in > out/x", "in > out/y"), { x, y });
    x.context.contraflow("trigger");
    x.context.contraflow("trigger");
    y.context.contraflow("restore");
    expect(graph.congested).toBe(true);
    x.context.contraflow("restore");
    expect(graph.congested).toBe(false);
  });

  it("stop at an operator that says so, and the source and operators before it see nothing", async () => {
    const log: string[] = [];
    const [a, b] = [new Witness(log), new Witness(log)];
    b.stops = ["trigger", "restore"];
    const sink = new HandSink();
    const graph = await started(graphOf({ a, b }, "in > a", "a > b", "b > out/out"), { out: sink });
    log.length = 0;
    sink.context.contraflow("trigger");
    expect(graph.congested).toBe(false);
    sink.context.contraflow("restore");
    expect(log).toEqual(["b trigger", "b restore"]);
  });

  it("reach the source on the path past an operator that stops them on another path", async () => {
    const guard = new Witness();
    guard.stops = ["trigger", "restore"];
    const sink = new HandSink();
    const graph = graphOf({ guard }, "in > guard", "guard > out/out", "in > out/out");
    await started(graph, { out: sink });
    sink.context.contraflow("trigger");
    expect(graph.congested).toBe(true);
  });

  it("reach the source from the sink of malformed items, which come past every operator", async () => {
    const guard = new Witness([], ["out", "err"]);
    guard.stops = ["trigger", "restore"];
    const sink = new HandSink();
    const graph = graphOf({ guard }, "in > guard", "guard > out/out", "guard/err > out/err");
    await started(graph, { err: sink });
    sink.context.contraflow("trigger");
    expect(graph.congested).toBe(true);
    sink.context.contraflow("restore");
    expect(graph.congested).toBe(false);
  });

  it("can be sent by an operator and pass those before it only", async () => {
    const log: string[] = [];
    const [a, b, c] = [new Witness(log), new Witness(log), new Witness(log)];
    const graph = graphOf({ a, b, c }, "in > a", "a > b", "b > c", "c > out/out");
    await started(graph, { out: new HandSink() });
    log.length = 0;
    b.context.contraflow("trigger", 0);
    expect(log).toEqual(["a trigger"]);
    expect(graph.congested).toBe(true);
  });

  it("are separate from answers: neither takes the place of the other", async () => {
    const a = new Witness();
    const sink = new HandSink("hold");
    const graph = await started(graphOf({ a }, "in > a", "a > out/out"), { out: sink });
    pushAll(graph, ["x"]);
    sink.context.contraflow("trigger");
    sink.fail(0);
    expect(a.insights.map((insight) => insight.kind)).toEqual([...CONNECTED, "trigger", "fail"]);
    expect(counts(graph.accounting)).toEqual({ read: 1, failed: 1 });
  });

  it("never stop an ack: an operator that says so is not heard", async () => {
    const log: string[] = [];
    const [a, b] = [new Witness(log), new Witness(log)];
    b.stops = ["ack", "sink_start"];
    const graph = await started(graphOf({ a, b }, "in > a", "a > b", "b > out/out"), { out: new HandSink() });
    pushAll(graph, ["x"]);
    expect(log.filter((line) => line.startsWith("a"))).toEqual([
      "a sink_start",
      "a restore",
      "a start",
      "a ack",
    ]);
  });
});

describe("signals", () => {
  it("go to every operator after those before it, then to every sink", async () => {
    const log: string[] = [];
    const operators = { last: new Witness(log), mid: new Witness(log), first: new Witness(log) };
    const sink = new HandSink();
    sink.onSignal = (signal) => log.push(`sink ${signal.kind}`);
    const graph = graphOf(
      operators,
      "in > first",
      "first > mid",
      "mid > last",
      "first > last",
      "last > out/out",
    );
    await started(graph, { out: sink });
    log.length = 0;
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 1 });
    expect(log).toEqual(["first", "mid", "last", "sink"].map((name) => `${name} circuit_breaker_disabled`));
  });

  it("begin with start, once every sink has started, and end with drain", async () => {
    const log: string[] = [];
    const [a, sink] = [new Witness(log), new HandSink()];
    const graph = await started(graphOf({ a }, "in > a", "a > out/out"), { out: sink });
    await graph.drain();
    expect(log).toEqual(["a sink_start", "a restore", "a start", "a drain", "a drained"]);
    expect(sink.signals.map((signal) => signal.kind)).toEqual(["start", "drain"]);
  });
});
