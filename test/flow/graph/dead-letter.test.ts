import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { Select } from "../../../src/flow/operators/select.ts";
import { counts, graphOf, HandSink, pushAll, started } from "../graph-fixture.ts";
import { operatorOf } from "../operators/guarded.ts";

const NO_HOST = { registry: new CircuitBreakerRegistry() };

/** `in → out/x, out/y`, and a sink for what they fail. */
async function pipeline(keeperDoes: HandSink["answer"] = "hold") {
  const graph = graphOf({}, "in > out/x", "in > out/y");
  const [x, y, keeper] = [new HandSink("hold"), new HandSink("hold"), new HandSink(keeperDoes)];
  graph.attachDeadLetter(keeper);
  await started(graph, { x, y });
  return { graph, x, y, keeper };
}

describe("a sink for failed events", () => {
  it("gets each event that another sink failed, with the reason, and the event ends when it has answered", async () => {
    const { graph, x, y, keeper } = await pipeline();
    graph.push(0, { data: "a", meta: { tenant: 7 } }, 1);
    y.ack(0);
    x.fail(0, { error: "down", retry_after_ms: 5 });
    expect(keeper.data).toEqual(["a"]);
    expect(keeper.events[0]?.meta).toEqual({
      tenant: 7,
      failed: { error: "down", retry_after_ms: 5, tries: 1 },
    });
    expect(graph.accounting.inFlight).toBe(1);
    keeper.ack(0);
    expect(counts(graph.accounting)).toEqual({ read: 1, failed: 1, deadLettered: 1 });
  });

  it("gets an event once that several sinks failed, when all have answered", async () => {
    const { graph, x, y, keeper } = await pipeline("ack");
    pushAll(graph, ["a"]);
    x.fail(0);
    expect(keeper.data).toEqual([]);
    y.fail(0);
    expect(keeper.data).toEqual(["a"]);
    expect(counts(graph.accounting)).toEqual({ read: 1, failed: 1, deadLettered: 1 });
  });

  it("is not asked again for what it fails itself: that is counted, and not kept", async () => {
    const { graph, x, y, keeper } = await pipeline("fail");
    pushAll(graph, ["a"]);
    y.ack(0);
    x.fail(0);
    expect(keeper.events.length).toBe(1);
    expect(counts(graph.accounting)).toEqual({ read: 1, failed: 1 });
  });

  it("gets the event as the source read it, data, metadata and text, whatever a select made of it", async () => {
    const select = new Select({ project: ({ data }) => [data] });
    const graph = graphOf({ select }, "in > select", "select > out/out");
    const [out, keeper] = [new HandSink("fail"), new HandSink()];
    graph.attachDeadLetter(keeper);
    await started(graph, { out });
    graph.push(0, { data: { n: 1 }, text: '{"n":1.0}', meta: { tenant: 7 } }, 1);
    expect(out.data).toEqual([[{ n: 1 }]]);
    expect(keeper.events[0]?.text).toBe('{"n":1.0}');
    expect(keeper.events[0]?.meta).toEqual({ tenant: 7, failed: { error: "told to", tries: 1 } });
  });

  it("gets the single events of a batch that failed", async () => {
    const batch = operatorOf("generic::batch", { count: 2 }, NO_HOST);
    const graph = graphOf({ batch }, "in > batch", "batch > out/out");
    const keeper = new HandSink();
    graph.attachDeadLetter(keeper);
    await started(graph, { out: new HandSink("fail") });
    pushAll(graph, ["a", "b"]);
    expect(keeper.data).toEqual(["a", "b"]);
    expect(counts(graph.accounting)).toEqual({ read: 2, failed: 2, deadLettered: 2 });
  });

  it("says nothing about the endpoint: its answers are no calls of the breaker", async () => {
    const registry = new CircuitBreakerRegistry();
    const cb = operatorOf("qos::circuit_breaker", {}, { registry });
    const graph = graphOf({ cb }, "in > cb", "cb > out/out");
    const keeper = new HandSink("hold");
    graph.attachDeadLetter(keeper);
    await started(graph, { out: new HandSink("fail") });
    pushAll(graph, ["a", "b"]);
    keeper.ack(0);
    keeper.fail(1);
    expect(registry.get("cb").snapshot(0)).toMatchObject({ calls: 2, failures: 2 });
  });

  it("gets no breaker events, which no source waits for", async () => {
    const graph = graphOf(
      { cb: operatorOf("qos::circuit_breaker", {}, { registry: new CircuitBreakerRegistry() }) },
      "in > cb",
      "cb > out/out",
      "cb/cb > out/cb",
    );
    const keeper = new HandSink();
    graph.attachDeadLetter(keeper);
    await started(graph, { out: new HandSink(), cb: new HandSink("fail") });
    graph.signal({ kind: "circuit_breaker_disabled", atMs: 1 });
    expect(keeper.events).toEqual([]);
    expect(counts(graph.accounting)).toEqual({ breakerEvents: 1, breakerEventsFailed: 1 });
  });

  it("leaves the port err without a sink, and can be given once only", async () => {
    const graph = graphOf({}, "in > out/out");
    graph.attachDeadLetter(new HandSink());
    expect(graph.unattached).toEqual(["out", "err"]);
    expect(() => graph.attachDeadLetter(new HandSink())).toThrow("failed events have a sink already");
    const again = new HandSink();
    graph.attach("out", again);
    expect(() => graph.attach("err", again)).toThrow("is attached already");
  });

  it("is told to drain and to close like the others, and holds the source while it is full or broken", async () => {
    const { graph, keeper } = await pipeline("ack");
    keeper.context.contraflow("trigger");
    expect(graph.congested).toBe(true);
    keeper.context.contraflow("restore");
    expect(graph.congested).toBe(false);
    await graph.drain();
    await graph.close();
    expect(keeper.calls).toEqual(["start", "drain", "close"]);
  });
});
