import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import type { Item } from "../../../src/ndjson/item.ts";
import { LineReader } from "../../../src/ndjson/line-reader.ts";
import { counts, graphOf, HandSink, ListSource, pushAll, started } from "../graph-fixture.ts";
import { behind } from "./behind.ts";
import { circuitBreaker, operatorOf, TWO_FAILURES } from "./guarded.ts";

const MS = 1_000_000;
const host = { registry: new CircuitBreakerRegistry() };

describe("generic::batch", () => {
  it("makes one event of `count`, its data the list of theirs", async () => {
    const { graph, out } = await behind("generic::batch", { count: 3 });
    pushAll(graph, [1, 2, 3, 4]);
    expect(out.data).toEqual([[1, 2, 3]]);
    expect(counts(graph.accounting)).toEqual({ read: 4, inFlight: 4 });
  });

  it("keeps the text of events that were read: long numbers and every spelling", async () => {
    const { graph, out } = await behind("generic::batch", { count: 3 });
    const texts = ["9007199254740993", '{"a":1e400,"a":1.0}'];
    for (const text of texts) graph.push(0, { data: JSON.parse(text), text }, 0);
    graph.push(0, { data: { host: true } }, 0);
    expect(out.events[0]?.text).toBe('[9007199254740993,{"a":1e400,"a":1.0},{"host":true}]');
  });

  it("leaves out an event that cannot be read, and sends it to err with the reason", async () => {
    const [out, err] = [new HandSink(), new HandSink()];
    const graph = graphOf(
      { batch: operatorOf("generic::batch", { count: 2 }, host) },
      "in > batch",
      "batch > out/out",
      "batch/err > out/err",
    );
    await started(graph, { out, err });
    const items: Item[] = [];
    new LineReader({ validate: false }).feed(
      Buffer.from('{"a":1.0}\n{"a":\n{"b":2}\n\xff\n', "latin1"),
      items,
    );
    for (const item of items) graph.push(0, item, 0);
    await graph.drain();
    expect(out.events.map(({ text }) => text)).toEqual(['[{"a":1.0},{"b":2}]']);
    expect(err.events.map(({ raw, meta }) => [raw?.start, meta?.error])).toEqual([
      [10, expect.stringContaining("JSON")],
      [24, "not valid UTF-8"],
    ]);
    expect(counts(graph.accounting)).toEqual({ read: 4, delivered: 2, err: 2 });
  });

  it("does not parse events whose lines were validated", async () => {
    const { graph, out } = await behind("generic::batch", { count: 1 });
    const data = (): never => {
      throw new Error("was read");
    };
    graph.push(0, Object.defineProperty({ data: 0, text: "7" }, "data", { get: data }), 0);
    expect(out.events[0]?.text).toBe("[7]");
  });

  it("sends what is older than timeout with the next event, which is in it, or with the next signal", async () => {
    const { out, push, tick } = await behind("generic::batch", { count: 9, timeout: 100 * MS });
    push("a", 10);
    push("b", 110);
    expect(out.data).toEqual([]);
    push("c", 110.5);
    expect(out.data).toEqual([["a", "b", "c"]]);
    push("d", 200);
    tick(300);
    expect(out.data).toHaveLength(1);
    tick(301);
    expect(out.data[1]).toEqual(["d"]);
    expect(out.events.map(({ ingestMs }) => ingestMs)).toEqual([110.5, 301]);
  });

  it("sends the rest when the flow ends", async () => {
    const out = new HandSink();
    const graph = graphOf(
      { batch: operatorOf("generic::batch", { count: 2 }, host) },
      "in > batch",
      "batch > out/out",
    );
    graph.attach("out", out);
    const accounting = await runFlow({ graph, source: new ListSource([[1, 2, 3]]), clock: () => 0 });
    expect(out.data).toEqual([[1, 2], [3]]);
    expect(counts(accounting)).toEqual({ read: 3, delivered: 3 });
  });

  it("is answered for each of its events: a breaker before it hears of as many calls", async () => {
    const registry = new CircuitBreakerRegistry({ clock: () => 0 });
    const operators = {
      cb: circuitBreaker(TWO_FAILURES, registry),
      batch: operatorOf("generic::batch", { count: 2 }, host),
    };
    const out = new HandSink("hold");
    const graph = graphOf(operators, "in > cb", "cb > batch", "batch > out/out");
    await started(graph, { out });
    pushAll(graph, [1, 2, 3, 4]);
    out.ack(0, 7);
    expect(registry.get("cb").snapshot(0)).toMatchObject({ consecutiveFailures: 0 });
    out.fail(1);
    expect(registry.get("cb").state).toBe("open");
    expect(counts(graph.accounting)).toMatchObject({ read: 4, delivered: 2, failed: 2 });
  });

  it("gives what its events hold back without a verdict when a breaker behind it refuses it", async () => {
    const registry = new CircuitBreakerRegistry({ clock: () => 0 });
    const operators = {
      first: circuitBreaker({ endpoint: "first" }, registry),
      batch: operatorOf("generic::batch", { count: 2 }, host),
      second: circuitBreaker({ endpoint: "second", mode: "forced_open" }, registry),
    };
    const links = [
      "in > first",
      "first > batch",
      "batch > second",
      "second > out/out",
      "second/overflow > out/overflow",
    ];
    const [out, overflow] = [new HandSink(), new HandSink()];
    const graph = graphOf(operators, ...links);
    await started(graph, { out, overflow });
    pushAll(graph, [1, 2]);
    expect(overflow.data).toEqual([[1, 2]]);
    expect(registry.get("first").snapshot(0)).toMatchObject({ calls: 0, failures: 0 });
    expect(counts(graph.accounting)).toMatchObject({ read: 2, overflow: 2 });
  });

  it("is acked by a source's ids only when it is delivered as a whole, and fails with the first copy that fails", async () => {
    const heard: [string, number][] = [];
    const [x, y] = [new HandSink("hold"), new HandSink("hold")];
    const graph = graphOf(
      { b: operatorOf("generic::batch", { count: 2 }, host) },
      "in > b",
      "b > out/x",
      "b > out/y",
    );
    graph.addSource({
      transactional: true,
      onInsight: ({ kind, id }: Insight) => {
        if (id > 0) heard.push([kind, id]);
      },
    });
    await started(graph, { x, y });
    pushAll(graph, [1, 2, 3, 4]);
    x.ack(0);
    expect(heard).toEqual([]);
    y.ack(0);
    x.fail(1);
    y.ack(1);
    expect(heard).toEqual([
      ["ack", 1],
      ["ack", 2],
      ["fail", 3],
    ]);
  });

  it("passes on how long the last copy took and why the first one failed", async () => {
    const { graph, before, out } = await behind("generic::batch", { count: 2 });
    pushAll(graph, [1, 2, 3, 4]);
    out.ack(0, 12);
    out.fail(1, { error: "full" });
    expect(
      before.insights
        .filter(({ id }) => id > 0)
        .map(({ kind, id, durationMs, meta }) => [kind, id, durationMs, meta?.error]),
    ).toEqual([
      ["ack", 1, 12, undefined],
      ["ack", 2, 12, undefined],
      ["fail", 3, Number.NaN, "full"],
      ["fail", 4, Number.NaN, "full"],
    ]);
  });
});
