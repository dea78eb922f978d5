import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { counts, graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";
import { circuitBreaker } from "../operators/guarded.ts";

describe("delivery", () => {
  it("takes events from the input to the sink in their order, numbered from 1 by their source", async () => {
    const sink = new HandSink();
    const graph = await started(graphOf({ a: new Passthrough() }, "in > a", "a > out/out"), { out: sink });
    graph.push(0, { data: "a", meta: { k: 1 } }, 5);
    graph.push(1, { data: "b" }, 6);
    graph.push(0, { data: "c" }, 7);
    const seen = sink.events.map(({ source, id, ingestMs, data, meta }) => ({
      source,
      id,
      ingestMs,
      data,
      meta,
    }));
    expect(seen).toEqual([
      { source: 0, id: 1, ingestMs: 5, data: "a", meta: { k: 1 } },
      { source: 1, id: 1, ingestMs: 6, data: "b", meta: undefined },
      { source: 0, id: 2, ingestMs: 7, data: "c", meta: undefined },
    ]);
  });

  it("gives every link of a fork the event, in the order of the links", async () => {
    const log: string[] = [];
    const note = (name: string) => {
      const sink = new HandSink("ack", name);
      const take = sink.onEvent.bind(sink);
      sink.onEvent = (event) => {
        log.push(`${name} ${event.data}`);
        take(event);
      };
      return sink;
    };
    const graph = graphOf({ a: new Passthrough() }, "in > out/x", "in > a", "in > out/z", "a > out/y");
    await started(graph, { x: note("x"), y: note("y"), z: note("z") });
    pushAll(graph, ["one", "two"]);
    expect(log).toEqual(["x one", "y one", "z one", "x two", "y two", "z two"]);
    expect(counts(graph.accounting)).toEqual({ read: 2, delivered: 2 });
  });

  it("lets no branch of a fork see what another one did to the event", async () => {
    const change = new Witness();
    change.onEvent = (event) => {
      event.data = "changed";
      event.meta = { changed: true };
      change.context.output("out").emit(event);
    };
    const [first, last] = [new HandSink(), new HandSink()];
    const graph = graphOf({ change }, "in > change", "change > out/first", "in > out/last");
    await started(graph, { first, last });
    pushAll(graph, ["original"]);
    expect(first.data).toEqual(["changed"]);
    expect(last.data).toEqual(["original"]);
    expect(last.events[0]?.meta).toBeUndefined();
  });

  it("delivers an event once for each path where paths meet again", async () => {
    const sink = new HandSink();
    const operators = { a: new Passthrough(), b: new Passthrough() };
    const graph = graphOf(operators, "in > a", "in > b", "a > out/out", "b > out/out");
    await started(graph, { out: sink });
    pushAll(graph, ["x"]);
    expect(sink.data).toEqual(["x", "x"]);
    expect(counts(graph.accounting)).toEqual({ read: 1, delivered: 1 });
  });

  it("gives each of several sinks at one port a copy", async () => {
    const [one, two] = [new HandSink(), new HandSink("hold")];
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", one);
    graph.attach("out", two);
    await graph.start(0);
    pushAll(graph, ["x"]);
    expect([one.data, two.data]).toEqual([["x"], ["x"]]);
    expect(counts(graph.accounting)).toEqual({ read: 1, inFlight: 1 });
    two.ack(0);
    expect(counts(graph.accounting)).toEqual({ read: 1, delivered: 1 });
  });
});

describe("the accounting", () => {
  it("counts an event by the port of the sink that took it", async () => {
    const a = new Witness([], ["out", "overflow", "err", "other"]);
    a.route = (event) => String(event.data);
    const links = ["out", "overflow", "err", "other"].map((port) => `a/${port} > out/${port}`);
    const graph = graphOf({ a }, "in > a", ...links);
    await started(graph, {
      out: new HandSink(),
      overflow: new HandSink(),
      err: new HandSink(),
      other: new HandSink(),
    });
    pushAll(graph, ["out", "overflow", "overflow", "err", "other"]);
    expect(counts(graph.accounting)).toEqual({ read: 5, delivered: 2, overflow: 2, err: 1 });
  });

  it("counts an event at a port of an operator that nobody reads by the name of that port", async () => {
    const a = new Witness([], ["out", "overflow", "err", "other"]);
    a.route = (event) => String(event.data);
    const graph = await started(graphOf({ a }, "in > a"), {});
    pushAll(graph, ["out", "overflow", "overflow", "err", "other"]);
    expect(counts(graph.accounting)).toEqual({ read: 5, dropped: 2, overflow: 2, err: 1 });
  });

  it("counts an event at an output without a sink by the name of that output", async () => {
    const a = new Witness([], ["out", "overflow", "err"]);
    a.route = (event) => String(event.data);
    const graph = graphOf({ a }, "in > a", "a > out/out", "a/overflow > out/overflow", "a/err > out/err");
    await started(graph, {});
    pushAll(graph, ["out", "overflow", "err", "err"]);
    expect(counts(graph.accounting)).toEqual({ read: 4, dropped: 1, overflow: 1, err: 2 });
  });

  it("counts what a sink could not deliver as failed, at whatever port", async () => {
    const a = new Witness([], ["out", "overflow"]);
    a.route = (event) => String(event.data);
    const graph = graphOf({ a }, "in > a", "a > out/out", "a/overflow > out/overflow");
    await started(graph, { out: new HandSink("fail"), overflow: new HandSink("fail") });
    pushAll(graph, ["out", "overflow"]);
    expect(counts(graph.accounting)).toEqual({ read: 2, failed: 2 });
  });

  it("takes malformed items to out/err, past every operator, whether the pipeline names it or not", async () => {
    const [out, err] = [new HandSink(), new HandSink()];
    const graph = await started(graphOf({}, "in > out/out"), { out, err });
    graph.push(0, { malformed: { line: 7 } }, 0);
    expect(err.data).toEqual([{ line: 7 }]);
    const bare = await started(graphOf({}, "in > out/out"), { out: new HandSink() });
    bare.push(0, { malformed: { line: 7 } }, 0);
    expect(counts(graph.accounting)).toEqual({ read: 1, err: 1 });
    expect(counts(bare.accounting)).toEqual({ read: 1, err: 1 });
    expect(out.data).toEqual([]);
  });

  it.each([
    ["filtered", "dropped", "dropped"],
    ["dropped", "delivered", "delivered"],
    ["delivered", "overflow", "overflow"],
    ["overflow", "err", "err"],
    ["err", "failed", "failed"],
    ["failed", "filtered", "failed"],
  ])("counts an event with one copy %s and one %s as %s, once", async (one, other, disposition) => {
    const ends = {
      delivered: new HandSink(),
      overflow: new HandSink(),
      err: new HandSink(),
      failed: new HandSink("fail"),
    };
    const split = new Witness([], ["filtered", "dropped", "delivered", "overflow", "err", "failed"]);
    split.onEvent = (event) => {
      const copy = event.copy();
      for (const [port, it] of [[one, copy] as const, [other, event] as const]) {
        if (port === "filtered") split.context.filter(it);
        else split.context.output(port).emit(it);
      }
    };
    const links = Object.keys(ends).map((port) => `split/${port} > out/${port}`);
    const graph = await started(graphOf({ split }, "in > split", ...links), ends);
    pushAll(graph, ["x"]);
    expect(counts(graph.accounting)).toEqual({ read: 1, [disposition]: 1 });
  });

  it("shows an event in flight until its last copy is answered", async () => {
    const [x, y] = [new HandSink("hold"), new HandSink("hold")];
    const graph = await started(graphOf({}, "in > out/x", "in > out/y"), { x, y });
    pushAll(graph, ["e"]);
    x.ack(0);
    expect(counts(graph.accounting)).toEqual({ read: 1, inFlight: 1 });
    y.ack(0);
    expect(counts(graph.accounting)).toEqual({ read: 1, delivered: 1 });
  });

  it("ignores a second answer to one event and counts it as the sink's fault", async () => {
    const sink = new HandSink("hold");
    const graph = await started(graphOf({}, "in > out/out"), { out: sink });
    pushAll(graph, ["x", "y"]);
    sink.ack(0);
    sink.ack(0);
    sink.fail(0);
    expect(counts(graph.accounting)).toEqual({ read: 2, delivered: 1, inFlight: 1, answeredTwice: 2 });
  });

  it("ignores a second answer to a copy while another copy is still out", async () => {
    const [x, y] = [new HandSink("hold"), new HandSink("hold")];
    const graph = await started(graphOf({}, "in > out/x", "in > out/y"), { x, y });
    pushAll(graph, ["e"]);
    x.ack(0);
    x.ack(0);
    expect(counts(graph.accounting)).toEqual({ read: 1, inFlight: 1, answeredTwice: 1 });
  });

  it("counts events that operators made apart from those that were read", async () => {
    const cb = new HandSink();
    const a = new Witness([], ["out", "cb", "lost"]);
    a.onEvent = (event) => {
      a.context.output("cb").emit(a.context.event(event.ingestMs, "made"));
      a.context.output("lost").emit(a.context.event(event.ingestMs, "made"));
      a.context.output("out").emit(event);
    };
    const graph = graphOf({ a }, "in > a", "a > out/out", "a/cb > out/cb");
    await started(graph, { out: new HandSink(), cb });
    pushAll(graph, ["x"]);
    cb.answer = "fail";
    pushAll(graph, ["y"]);
    expect(counts(graph.accounting)).toEqual({
      read: 2,
      delivered: 2,
      breakerEvents: 4,
      breakerEventsFailed: 1,
    });
  });
});

describe("an output of the user's own", () => {
  it("counts what it takes as delivered, also what a breaker refused; what shall count as refused goes to overflow", async () => {
    const dispositions: unknown[] = [];
    for (const output of ["spill", "overflow"]) {
      const registry = new CircuitBreakerRegistry();
      const cb = circuitBreaker({ mode: "forced_open" }, registry);
      const graph = graphOf({ cb }, "in > cb", "cb > out/out", `cb/overflow > out/${output}`);
      await started(graph, { out: new HandSink(), [output]: new HandSink() });
      pushAll(graph, [1]);
      dispositions.push(counts(graph.accounting));
    }
    expect(dispositions).toEqual([
      { read: 1, delivered: 1 },
      { read: 1, overflow: 1 },
    ]);
  });
});

describe("an event that a sink drops", () => {
  it("ends as dropped, and is no call of the breaker that admitted it", async () => {
    const registry = new CircuitBreakerRegistry();
    const graph = graphOf({ cb: circuitBreaker({}, registry) }, "in > cb", "cb > out/out");
    const out = new HandSink("hold");
    await started(graph, { out });
    pushAll(graph, [1]);
    out.context.drop(out.events[0] as FlowEvent);
    expect(counts(graph.accounting)).toEqual({ read: 1, dropped: 1 });
    expect(registry.get("cb").snapshot(0)).toMatchObject({ calls: 0, late: 0 });
  });
});
