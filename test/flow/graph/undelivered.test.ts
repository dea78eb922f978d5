import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { RetryOptions } from "../../../src/flow/graph/retry-options.ts";
import { Select } from "../../../src/flow/operators/select.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import { counts, graphOf, HandSink, ListSource, pushAll, started, sum } from "../graph-fixture.ts";
import { circuitBreaker, operatorOf } from "../operators/guarded.ts";

const ONE_FAILURE = {
  detector: { kind: "consecutive_failures", failures: 1 },
  backoff: { kind: "constant", delay_ms: 1_000 },
};

/** `in → cb → out`, which opens at the first failure for a second, and a sink for failed events. */
async function guarded(options: RetryOptions = {}, overflow = false) {
  const registry = new CircuitBreakerRegistry({ clock: () => 0 });
  const links = ["in > cb", "cb > out/out", ...(overflow ? ["cb/overflow > out/overflow"] : [])];
  const graph = graphOf({ cb: circuitBreaker(ONE_FAILURE, registry) }, ...links);
  const [out, refused, keeper] = [new HandSink("fail"), new HandSink(), new HandSink()];
  graph.attachDeadLetter(keeper);
  graph.retry(options);
  await started(graph, overflow ? { out, overflow: refused } : { out });
  const tick = (atMs: number): void => graph.signal({ kind: "tick", atMs });
  return { graph, registry, out, refused, keeper, tick };
}

/** `in → out`. */
async function plain(options: RetryOptions = {}) {
  const graph = graphOf({}, "in > out/out");
  const [out, keeper] = [new HandSink("fail"), new HandSink()];
  graph.attachDeadLetter(keeper);
  graph.retry(options);
  await started(graph, { out });
  return { graph, out, keeper, tick: (atMs: number): void => graph.signal({ kind: "tick", atMs }) };
}

describe("an event that a sink has failed", () => {
  it("is sent again after a delay that doubles, and counts once when it is delivered", async () => {
    const { graph, out, keeper, tick } = await plain();
    pushAll(graph, ["a"]);
    for (let ms = 0; ms < 700; ms += 10) tick(ms);
    // At 0, 100, 300; the next one is due at 700.
    expect(out.data).toEqual(["a", "a", "a"]);
    expect(counts(graph.accounting)).toEqual({ read: 1, inFlight: 1 });
    out.answer = "ack";
    tick(700);
    expect(out.data).toHaveLength(4);
    expect(counts(graph.accounting)).toEqual({ read: 1, delivered: 1 });
    expect([graph.resent, keeper.data, graph.failures.size]).toEqual([3, [], 0]);
  });

  it("waits as long as the endpoint asks for", async () => {
    const { graph, out, tick } = await plain();
    out.answer = "hold";
    pushAll(graph, ["a"]);
    out.fail(0, { error: "HTTP 503", retry_after_ms: 5_000 });
    tick(4_999);
    expect(out.data).toHaveLength(1);
    tick(5_010);
    expect(out.data).toHaveLength(2);
  });

  it("goes to the sink for failed events after its last try, with the reason and the tries", async () => {
    const { graph, keeper, tick } = await plain({ retries: 2 });
    pushAll(graph, ["a"]);
    for (let ms = 0; ms <= 1_000; ms += 50) tick(ms);
    expect(keeper.data).toEqual(["a"]);
    expect(keeper.events[0]?.meta).toEqual({ failed: { error: "told to", tries: 3 } });
    expect(counts(graph.accounting)).toEqual({ read: 1, failed: 1, deadLettered: 1 });
    expect([...graph.failures]).toEqual([["told to", 1]]);
  });

  it("is not sent again where no try can help", async () => {
    const { graph, out, keeper, tick } = await plain();
    out.answer = "hold";
    pushAll(graph, ["a", "b"]);
    out.fail(0, { error: "gone", final: true });
    out.context.reject(out.events[1]!, { error: "HTTP 400", status: 400 });
    tick(10_000);
    expect(out.data).toHaveLength(2);
    expect(keeper.events.map(({ meta }) => meta?.failed)).toEqual([
      { error: "gone", final: true, tries: 1 },
      { error: "HTTP 400", status: 400, final: true, tries: 1 },
    ]);
  });

  it("enters anew as it was read, so that nothing is done to it twice", async () => {
    const select = new Select({ project: ({ data }) => [data] });
    const graph = graphOf({ select }, "in > select", "select > out/out");
    const out = new HandSink("fail");
    graph.retry();
    await started(graph, { out });
    graph.push(0, { data: 1, meta: { tenant: 7 } }, 0);
    out.answer = "ack";
    graph.signal({ kind: "tick", atMs: 100 });
    expect(out.data).toEqual([[1], [1]]);
    expect(out.events[1]?.meta).toEqual({ tenant: 7 });
    expect(out.events[1]?.ingestMs).toBe(100);
  });

  it("waits for the breaker that refuses it, without using up a try, although overflow has a sink", async () => {
    const { graph, out, refused, tick } = await guarded({ retries: 1 }, true);
    pushAll(graph, ["a"]);
    for (let ms = 0; ms < 1_000; ms += 50) tick(ms);
    graph.push(0, { data: "b" }, 990);
    expect([out.data, refused.data]).toEqual([["a"], ["b"]]);
    out.answer = "ack";
    for (let ms = 1_000; ms < 3_000; ms += 50) tick(ms);
    expect(out.data).toEqual(["a", "a"]);
    expect(counts(graph.accounting)).toMatchObject({ read: 2, delivered: 1, overflow: 1 });
  });

  it("waits with what was refused and has no sink, and all are delivered when the endpoint is back", async () => {
    const { graph, out, tick } = await guarded();
    pushAll(graph, ["a", "b", "c"]);
    tick(500);
    expect(out.data).toEqual(["a"]);
    expect(graph.accounting.inFlight).toBe(3);
    out.answer = "ack";
    for (let ms = 550; ms < 4_000; ms += 50) tick(ms);
    expect(counts(graph.accounting)).toMatchObject({ read: 3, delivered: 3 });
  });

  it("is given up when nothing was delivered for long; what was only refused ends as refused", async () => {
    const { graph, keeper, tick } = await guarded({ forMs: 2_500 });
    pushAll(graph, ["a", "b"]);
    for (let ms = 0; ms <= 8_000; ms += 100) tick(ms);
    expect(keeper.data).toEqual(["a"]);
    expect(counts(graph.accounting)).toMatchObject({ read: 2, failed: 1, deadLettered: 1, overflow: 1 });
    pushAll(graph, ["c"], 8_100);
    expect(graph.accounting.inFlight).toBe(0);
  });

  it("is sent again after a long time in which the flow had nothing to deliver", async () => {
    const { graph, out, tick } = await plain({ forMs: 60_000 });
    out.answer = "ack";
    pushAll(graph, ["a"]);
    out.answer = "fail";
    pushAll(graph, ["b"], 10);
    out.answer = "ack";
    tick(200);
    out.answer = "fail";
    pushAll(graph, ["c"], 3_600_000);
    expect(counts(graph.accounting)).toEqual({ read: 3, delivered: 2, inFlight: 1 });
  });

  it("holds the sources while too many wait, and goes before what they read", async () => {
    const { graph, out, tick } = await plain({ maximumWaiting: 2 });
    pushAll(graph, ["a"]);
    expect(graph.congested).toBe(false);
    pushAll(graph, ["b"]);
    expect(graph.congested).toBe(true);
    out.answer = "ack";
    const relieved = graph.whenRelieved();
    tick(100);
    await relieved;
    expect(graph.congested).toBe(false);
    expect(counts(graph.accounting)).toEqual({ read: 2, delivered: 2 });
  });

  it("stays where it is while a sink is full, and holds the sources until it has gone", async () => {
    const { graph, out, tick } = await plain();
    pushAll(graph, ["a", "b"]);
    out.answer = "ack";
    out.congested = true;
    out.context.relieved();
    tick(100);
    expect(out.data).toEqual(["a", "b"]);
    expect(graph.congested).toBe(true);
    out.congested = false;
    out.context.relieved();
    await graph.whenRelieved();
    expect(out.data).toEqual(["a", "b", "a", "b"]);
  });

  it("is not sent again after a stop: it ends, and is kept", async () => {
    const { graph, out, keeper, tick } = await plain();
    pushAll(graph, ["a"]);
    graph.stopRetrying();
    expect(keeper.data).toEqual(["a"]);
    pushAll(graph, ["b"]);
    tick(1_000);
    expect([out.data, keeper.data]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(counts(graph.accounting)).toEqual({ read: 2, failed: 2, deadLettered: 2 });
  });

  it("is sent again with its batch-mates, each by itself", async () => {
    const registry = new CircuitBreakerRegistry();
    const batch = operatorOf("generic::batch", { count: 2 }, { registry });
    const graph = graphOf({ batch }, "in > batch", "batch > out/out");
    const out = new HandSink("fail");
    graph.retry();
    await started(graph, { out });
    pushAll(graph, ["a", "b"]);
    out.answer = "ack";
    graph.signal({ kind: "tick", atMs: 100 });
    expect(out.data).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(counts(graph.accounting)).toEqual({ read: 2, delivered: 2 });
  });

  it("tells a breaker nothing when it is rejected: the ticket is given back", async () => {
    const { graph, registry, out } = await guarded();
    out.answer = "hold";
    pushAll(graph, ["a"]);
    out.context.reject(out.events[0]!, { error: "HTTP 422" });
    expect(registry.get("cb").snapshot(0)).toMatchObject({ state: "closed", calls: 0, failures: 0 });
  });

  it("is a malformed one that the sink at err has failed as well", async () => {
    const graph = graphOf({}, "in > out/out");
    const err = new HandSink("fail");
    graph.retry();
    await started(graph, { out: new HandSink(), err });
    graph.push(0, { malformed: { line: 1 } }, 0);
    err.answer = "ack";
    graph.signal({ kind: "tick", atMs: 100 });
    expect(err.data).toEqual([{ line: 1 }, { line: 1 }]);
    expect(counts(graph.accounting)).toEqual({ read: 1, err: 1 });
  });
});

describe("a run that sends again", () => {
  it("ends when everything is delivered or given up, and its books balance", async () => {
    const graph = graphOf({}, "in > out/out");
    const out = new HandSink("hold");
    let nowMs = 0;
    const clock = (): number => {
      nowMs += 20;
      return nowMs;
    };
    // Every second try of an event fails, and the third event always does.
    const tries = new Map<unknown, number>();
    out.onEvent = (event) => {
      const count = (tries.get(event.data) ?? 0) + 1;
      tries.set(event.data, count);
      if (event.data === 3 || count % 2 === 1) out.context.fail(event, { error: "odd" });
      else out.context.ack(event);
    };
    graph.attach("out", out);
    graph.retry({ retries: 3 });
    const accounting = await runFlow({ graph, source: new ListSource([[1, 2], [3]]), clock, tickMs: 1 });
    expect(counts(accounting)).toEqual({ read: 3, delivered: 2, failed: 1 });
    expect(sum(accounting)).toBe(3);
    expect(graph.resent).toBe(5);
  });

  it("does not wait for an endpoint when it is stopped", async () => {
    const graph = graphOf({}, "in > out/out");
    const stop = new AbortController();
    const out = new HandSink("fail");
    graph.attach("out", out);
    graph.retry();
    const run = runFlow({ graph, source: new ListSource([[1, 2]]), signal: stop.signal });
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    const accounting = await run;
    expect([accounting.inFlight, accounting.failed]).toEqual([0, accounting.read]);
  });
});
