/** Rules of the protocol that hold for every operator alike; the others stand with the tests of their part. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { CATALOG } from "../../../src/flow/operators/catalog.ts";
import { graphOf, HandSink, pushAll, started, sum, Witness } from "../graph-fixture.ts";
import { operatorOf, unreadRegistry } from "./guarded.ts";

/** Options with which an operator judges one bad answer. */
const STRICT: Readonly<Record<string, Record<string, unknown>>> = {
  "qos::circuit_breaker": {
    detector: { kind: "consecutive_failures", failures: 1 },
    backoff: { kind: "constant", delay_ms: 1_000 },
  },
  "qos::backpressure": { timeout: 1_000_000, steps: [1_000] },
  "generic::backpressure": { timeout: 1_000_000, steps: [1_000] },
  "qos::percentile": { timeout: 1_000_000, step_down: 1 },
  "generic::batch": { count: 2, timeout: 1_000_000 },
};
const JUDGES = ["qos::circuit_breaker", "qos::backpressure", "qos::percentile"];

function strict(type: string) {
  const registry = unreadRegistry();
  return operatorOf(type, STRICT[type] ?? {}, { registry });
}

/** `in → op → out`, and past the operator, by one that correlations as well, to the same `out`: each event comes there twice. */
async function bypassed(type: string) {
  const out = new HandSink("hold");
  const overflow = new HandSink();
  const op = strict(type);
  const graph = graphOf(
    { op, by: new Witness() },
    "in > op",
    "op > out/out",
    "in > by",
    "by > out/out",
    "op/overflow > out/overflow",
  );
  await started(graph, { out, overflow });
  return { graph, out, overflow };
}

describe("an operator that judges by answers", () => {
  it.each(JUDGES)(
    "learns nothing of an event that did not pass it, though it lies before the sink: %s",
    async (type) => {
      const { graph, out, overflow } = await bypassed(type);
      pushAll(graph, ["a"], 1);
      out.fail(1);
      pushAll(graph, ["b"], 2);
      expect([out.data, overflow.data]).toEqual([["a", "a", "b", "b"], []]);
    },
  );

  it.each(JUDGES)("learns of the copy that passed it, whatever becomes of the other: %s", async (type) => {
    const { graph, out, overflow } = await bypassed(type);
    pushAll(graph, ["a"], 1);
    out.ack(1, 0);
    out.fail(0);
    pushAll(graph, ["b"], 2);
    expect([out.data, overflow.data]).toEqual([["a", "a", "b"], ["b"]]);
  });
});

describe("an operator", () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each([...CATALOG.keys()])("knows no time but that of events, signals and insights: %s", async (type) => {
    const op = strict(type);
    const sinks = Object.fromEntries(
      op.outputs.map((port) => [port, new HandSink(port === "out" ? "hold" : "ack")]),
    );
    const graph = graphOf({ op }, "in > op", ...op.outputs.map((port) => `op/${port} > out/${port}`));
    await started(graph, sinks);
    const clocks = [vi.spyOn(Date, "now"), vi.spyOn(performance, "now")];
    for (let atMs = 100; atMs <= 3_000; atMs += 100) {
      pushAll(graph, [atMs, -atMs], atMs);
      for (const event of sinks.out?.events.splice(0) ?? []) {
        if (atMs % 300 === 0) sinks.out?.context.fail(event, {});
        else sinks.out?.context.ack(event, 2);
      }
      if (atMs === 1_500) sinks.out?.context.contraflow("trigger");
      if (atMs === 2_000) sinks.out?.context.contraflow("restore");
      graph.signal({ kind: "tick", atMs });
    }
    for (const kind of ["circuit_breaker_disabled", "circuit_breaker_enabled", "shutdown"] as const) {
      graph.signal({ kind, atMs: 3_000 });
    }
    expect(clocks.map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    expect([graph.accounting.read, sum(graph.accounting)]).toEqual([60, 60]);
  });
});

describe("an insight that answers no event", () => {
  it("bears the time of its moment, the number of its sender and no id", async () => {
    const [before, sink, time] = [new Witness(), new HandSink(), { nowMs: 5 }];
    const graph = graphOf({ before }, "in > before", "before > out/out");
    graph.attach("out", sink);
    await graph.start(5, () => time.nowMs);
    const moments: [kind: string, atMs: number][] = [
      ["sink_start", 5],
      ["restore", 5],
    ];
    for (const kind of ["trigger", "restore"] as const) {
      moments.push([kind, ++time.nowMs]);
      sink.context.contraflow(kind);
    }
    moments.push(["drained", ++time.nowMs]);
    await graph.drain();
    const nothing = { source: -1, id: 0, correlations: undefined, meta: undefined };
    const sender = new Set(before.insights.map(({ from }) => from));
    expect([sender.size, sender.has(before.context.node)]).toEqual([1, false]);
    expect(before.insights).toMatchObject(
      moments.map(([kind, atMs]) => ({ ...nothing, kind, atMs, ingestMs: atMs })),
    );
    expect(before.insights).toHaveLength(moments.length);
  });
});

describe("what operators keep", () => {
  it("is given out at the end in the order of the graph, all of it before a sink is asked to drain", async () => {
    const sink = new HandSink();
    const before: number[] = [];
    sink.drain = async () => void before.push(sink.events.length);
    const [second, first] = [strict("generic::batch"), strict("generic::batch")];
    const graph = graphOf({ second, first }, "in > first", "first > second", "second > out/out");
    await started(graph, { out: sink });
    pushAll(graph, [1, 2, 3]);
    await graph.drain();
    expect(sink.data).toEqual([[[1, 2], [3]]]);
    expect(before).toEqual([1]);
  });
});

describe("the events of a breaker", () => {
  it("leave before the fail that opened it goes on upstream, and before anything is refused", async () => {
    const log: string[] = [];
    const [before, out] = [new Witness(log), new HandSink("fail")];
    const [cb, overflow] = [new HandSink("ack", "cb"), new HandSink("ack", "overflow")];
    for (const sink of [cb, overflow]) {
      const take = sink.onEvent.bind(sink);
      sink.onEvent = (event) => {
        log.push(`${sink.name} gets ${(event.data as { kind?: string }).kind ?? "an event"}`);
        take(event);
      };
    }
    const guard = strict("qos::circuit_breaker");
    const links = ["in > before", "before > guard", "guard > out/out", "guard/cb > out/cb"];
    const graph = graphOf({ before, guard }, ...links, "guard/overflow > out/overflow");
    await started(graph, { out, cb, overflow });
    log.length = 0;
    pushAll(graph, ["a", "b"], 1);
    expect(log).toEqual([
      "cb gets opened",
      "before ack",
      "before fail",
      "before release",
      "overflow gets an event",
      "before ack",
    ]);
  });
});
