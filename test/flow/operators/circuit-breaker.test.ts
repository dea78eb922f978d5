import { describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import { counts, graphOf, HandSink, pushAll, started, Witness } from "../graph-fixture.ts";
import { circuitBreaker, guarded, opened, TWO_FAILURES } from "./guarded.ts";

describe("a closed circuit breaker operator", () => {
  it("admits every event unchanged and counts an ack as a success, at the time of the ack", async () => {
    const { breaker, out, push, at } = await guarded({});
    push({ k: 1 }, 10);
    expect(out.data).toEqual([{ k: 1 }]);
    expect(out.events[0]?.meta).toBeUndefined();
    expect(breaker?.snapshot(10)).toMatchObject({ calls: 0 });
    at(30).ack(0, 20);
    expect(breaker?.snapshot(30)).toMatchObject({ calls: 1, failures: 0, slow: 0, late: 0 });
  });

  it("counts a fail as a failure of the endpoint", async () => {
    const { breaker, push, at } = await guarded({});
    push("x", 10);
    at(20).fail(0);
    expect(breaker?.snapshot(20)).toMatchObject({ calls: 1, failures: 1 });
  });

  it("counts an ack that took longer than slow_call_ms as slow", async () => {
    const detector = { kind: "success_rate_over_time_window", slow_call_ms: 50 };
    const { breaker, push, at } = await guarded({ detector });
    for (let i = 0; i < 3; i++) push("x", 10);
    at(200).ack(0, 51);
    at(200).ack(1, 50);
    at(200).ack(2);
    expect(breaker?.snapshot(200)).toMatchObject({ calls: 3, slow: 1 });
  });

  it("counts a success at once where the sink acks what it accepts", async () => {
    const { breaker, push } = await guarded({}, "ack");
    push("x", 10);
    expect(breaker?.snapshot(10)).toMatchObject({ calls: 1, failures: 0 });
  });

  it("counts nothing for an event that is filtered or dropped behind it", async () => {
    const registry = new CircuitBreakerRegistry();
    const picky = new Witness([], ["out", "nowhere"]);
    picky.onEvent = (event) => {
      if (event.data === "filter") picky.context.filter(event);
      else picky.context.output("nowhere").emit(event);
    };
    const graph = graphOf(
      { cb: circuitBreaker({}, registry), picky },
      "in > cb",
      "cb > picky",
      "picky > out/out",
    );
    await started(graph, { out: new HandSink() });
    pushAll(graph, ["filter", "drop"], 10);
    expect(registry.get("cb").snapshot(10)).toMatchObject({ calls: 0, late: 0 });
    expect(counts(graph.accounting)).toEqual({ read: 2, filtered: 1, dropped: 1 });
  });
});

describe("an open circuit breaker operator", () => {
  it("refuses to overflow: the data unchanged, with endpoint, reason and retry time in the metadata", async () => {
    const { graph, overflow, out, push } = await opened();
    push({ k: 1 }, 120);
    graph.push(0, { data: "with meta", meta: { tenant: 7 } }, 520);
    expect(out.events.length).toBe(2);
    expect(overflow.data).toEqual([{ k: 1 }, "with meta"]);
    const circuit_breaker = { endpoint: "cb", reason: "open", retry_after_ms: 900, retry_at_ms: 1_020 };
    expect(overflow.events[0]?.meta).toEqual({ circuit_breaker });
    expect(overflow.events[1]?.meta).toEqual({
      tenant: 7,
      circuit_breaker: { ...circuit_breaker, retry_after_ms: 500 },
    });
    expect(counts(graph.accounting)).toMatchObject({ read: 4, failed: 2, overflow: 2 });
  });

  it("drops the result of an event that it admitted before it opened", async () => {
    const { breaker, push, at } = await guarded();
    for (let i = 0; i < 4; i++) push(i, 10);
    at(20).fail(0);
    at(20).fail(1);
    at(30).ack(2);
    at(1_100).fail(3);
    expect(breaker?.snapshot(1_100)).toMatchObject({ state: "open", calls: 0, failures: 0, late: 2 });
  });

  it("lets one event through as the probe when its delay is over, and refuses the others meanwhile", async () => {
    const { out, overflow, push } = await opened();
    push("probe", 1_020);
    push("other", 1_020);
    expect(out.data).toEqual(["a", "b", "probe"]);
    expect(overflow.events[0]?.meta).toEqual({
      circuit_breaker: { endpoint: "cb", reason: "half_open", retry_after_ms: 0, retry_at_ms: null },
    });
  });

  it("closes when the probe is acked, and opens again when it fails", async () => {
    const good = await opened();
    good.push("probe", 1_020);
    good.at(1_030).ack(2);
    expect(good.breaker?.state).toBe("closed");
    const bad = await opened();
    bad.push("probe", 1_020);
    bad.at(1_030).fail(2);
    expect(bad.breaker?.snapshot(1_030)).toMatchObject({ state: "open", retryAfterMs: 1_000 });
  });

  it("gives the probe back when its event never reaches a sink, so that the next one can be it", async () => {
    const registry = new CircuitBreakerRegistry();
    const picky = new Witness();
    picky.onEvent = (event) => {
      if (event.data === "leave out") picky.context.filter(event);
      else picky.context.output("out").emit(event);
    };
    const out = new HandSink("fail");
    const graph = graphOf(
      { cb: circuitBreaker(TWO_FAILURES, registry), picky },
      "in > cb",
      "cb > picky",
      "picky > out/out",
    );
    await started(graph, { out });
    pushAll(graph, ["a", "b"], 10);
    pushAll(graph, ["leave out", "leave out", "probe"], 1_010);
    expect(out.data).toEqual(["a", "b", "probe"]);
  });

  it("stays open for as long as the endpoint asks, but not shorter than its own delay", async () => {
    const { breaker, cb, push, at } = await guarded();
    for (let i = 0; i < 3; i++) push(i, 10);
    at(20).fail(0, { error: "busy", retry_after_ms: 60_000 });
    expect(breaker?.state).toBe("closed");
    at(20).fail(1, { error: "busy", retry_after_ms: 5_000 });
    expect(breaker?.retryAfterMs(20)).toBe(5_000);
    at(30).fail(2, { error: "busy", retry_after_ms: 10 });
    expect(breaker?.retryAfterMs(30)).toBe(4_990);
    expect(cb.data).toMatchObject([{ kind: "opened", delay_ms: 5_000, retry_at_ms: 5_020 }]);
  });

  it("stays open for a day at most, however long the endpoint asks for", async () => {
    const { breaker, push, at } = await guarded();
    for (const data of ["a", "b"]) push(data, 10);
    at(20).fail(0);
    at(20).fail(1, { retry_after_ms: 1e12 });
    expect(breaker?.retryAfterMs(20)).toBe(86_400_000);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, "5000", null])(
    "takes no notice of %s as a time to wait",
    async (wait) => {
      const { breaker, push, at } = await guarded();
      push("a", 10);
      push("b", 10);
      at(20).fail(0);
      at(20).fail(1, { error: "busy", retry_after_ms: wait });
      expect(breaker?.retryAfterMs(20)).toBe(1_000);
    },
  );

  it("counts a probe as failed when a tick finds its lease over", async () => {
    const { graph, breaker, push, cb } = await opened({
      ...TWO_FAILURES,
      half_open: { probe_timeout_ms: 500 },
    });
    push("probe", 1_020);
    graph.signal({ kind: "tick", atMs: 1_519 });
    expect(breaker?.state).toBe("half_open");
    graph.signal({ kind: "tick", atMs: 1_520 });
    expect(breaker?.state).toBe("open");
    expect(cb.data.at(-1)).toMatchObject({ kind: "opened", cause: "probe_timed_out", at_ms: 1_520 });
  });
});

describe("breaker events at the port cb", () => {
  it("tell of opening, half-opening and closing, with everything that a query needs, as plain data", async () => {
    const { graph, cb, push, at } = await opened();
    push("probe", 1_100);
    at(1_150).ack(2);
    expect(cb.data).toEqual([
      {
        kind: "opened",
        endpoint: "cb",
        from: "closed",
        to: "open",
        cause: "consecutive_failures",
        mode: "enabled",
        at_ms: 20,
        generation: 2,
        calls: 2,
        failures: 2,
        slow: 0,
        success_rate: 0,
        level: 1,
        share: 0,
        delay_ms: 1_000,
        retry_at_ms: 1_020,
        last_error: { name: "Error", message: "told to", code: null },
      },
      expect.objectContaining({
        kind: "half_opened",
        from: "open",
        to: "half_open",
        cause: "delay_ended",
        at_ms: 1_100,
      }),
      expect.objectContaining({
        kind: "closed",
        from: "half_open",
        to: "closed",
        cause: "probes_succeeded",
        at_ms: 1_150,
      }),
    ]);
    expect(cb.events.map(({ source, ingestMs }) => [source, ingestMs])).toEqual([
      [-1, 20],
      [-1, 1_100],
      [-1, 1_150],
    ]);
    expect(counts(graph.accounting)).toMatchObject({ breakerEvents: 3 });
  });

  it("name the failure that opened the breaker, with its status", async () => {
    const { cb, push, at } = await guarded();
    for (let i = 0; i < 2; i++) push(i, 10);
    at(20).fail(0, { error: "503 Service Unavailable", status: 503 });
    at(20).fail(1, { error: "429 Too Many Requests", status: 429 });
    const last_error = { name: "Error", message: "429 Too Many Requests", code: 429 };
    expect(cb.data).toEqual([expect.objectContaining({ kind: "opened", last_error })]);
  });

  it("have no success rate where there were no calls, and no error where none is known", async () => {
    const { breaker, cb } = await guarded();
    breaker?.trip(10);
    const event = { kind: "opened", cause: "tripped", calls: 0, success_rate: null, last_error: null };
    expect(cb.data).toEqual([expect.objectContaining(event)]);
  });

  it("write what is endless as null, since JSON has no infinity", async () => {
    const { out, cb } = await guarded();
    out.context.contraflow("trigger");
    expect(cb.data).toEqual([expect.objectContaining({ kind: "opened", delay_ms: null, retry_at_ms: null })]);
  });

  it("are counted where nobody reads the port", async () => {
    const registry = new CircuitBreakerRegistry();
    const graph = graphOf({ cb: circuitBreaker(TWO_FAILURES, registry) }, "in > cb", "cb > out/out");
    await started(graph, { out: new HandSink("fail") });
    pushAll(graph, ["a", "b"]);
    expect(counts(graph.accounting)).toEqual({ read: 2, failed: 2, breakerEvents: 1 });
  });

  it("are counted, too, when the host causes them before the graph has started", () => {
    const registry = new CircuitBreakerRegistry();
    const graph = graphOf({ cb: circuitBreaker({}, registry) }, "in > cb", "cb > out/out", "cb/cb > out/cb");
    graph.attach("cb", new HandSink());
    registry.get("cb").forceOpen(1);
    expect(counts(graph.accounting)).toEqual({ breakerEvents: 1 });
  });

  it("end with the graph, also with one that could not start", async () => {
    const registry = new CircuitBreakerRegistry();
    const graph = graphOf({ cb: circuitBreaker({ method: "pause" }, registry) }, "in > cb", "cb/cb > out/cb");
    graph.attach("cb", new HandSink());
    await graph.close();
    registry.get("cb").forceOpen(2);
    expect(counts(graph.accounting)).toEqual({});
  });

  it("end with the signal shutdown: the breaker may live on without the graph", async () => {
    const { graph, breaker, cb } = await guarded();
    graph.signal({ kind: "shutdown", atMs: 1 });
    breaker?.forceOpen(2);
    expect(cb.data).toEqual([]);
  });
});

describe("the port err of a circuit breaker operator", () => {
  async function withErr(options: Record<string, unknown> = TWO_FAILURES) {
    const registry = new CircuitBreakerRegistry();
    const [out, err] = [new HandSink(), new HandSink()];
    const fork = new Witness([], ["out", "err"]);
    fork.route = (event) => (event.data === "down" ? "err" : "out");
    const cb = circuitBreaker(options, registry);
    const graph = graphOf(
      { fork, cb },
      "in > fork",
      "fork > cb",
      "fork/err > cb/err",
      "cb > out/out",
      "cb/err > out/err",
    );
    await started(graph, { out, err });
    return { graph, out, err, breaker: registry.get("cb") };
  }

  it("counts each event that comes in as a failure of the endpoint and passes it out by err", async () => {
    const { graph, err, breaker } = await withErr({});
    pushAll(graph, ["down", "fine"], 10);
    expect(breaker.snapshot(10)).toMatchObject({ calls: 2, failures: 1 });
    expect(err.data).toEqual(["down"]);
    expect(err.events[0]?.meta).toEqual({
      circuit_breaker: { endpoint: "cb", reason: "failure", retry_after_ms: 0, retry_at_ms: null },
    });
    expect(counts(graph.accounting)).toEqual({ read: 2, delivered: 1, err: 1 });
  });

  it("opens the breaker, and counts nothing more while it is open", async () => {
    const { graph, err, breaker } = await withErr();
    pushAll(graph, ["down", "down", "down", "down"], 10);
    expect(breaker.snapshot(10)).toMatchObject({ state: "open", level: 1 });
    expect(err.events.at(-1)?.meta).toMatchObject({ circuit_breaker: { retry_at_ms: 1_010 } });
    expect(counts(graph.accounting)).toMatchObject({ read: 4, err: 4 });
  });
});

describe("copies behind a circuit breaker operator", () => {
  async function forked() {
    const registry = new CircuitBreakerRegistry();
    const [x, y] = [new HandSink("hold"), new HandSink("hold")];
    const graph = graphOf({ cb: circuitBreaker({}, registry) }, "in > cb", "cb > out/x", "cb > out/y");
    await started(graph, { x, y });
    pushAll(graph, ["e"], 10);
    return { x, y, breaker: registry.get("cb") };
  }

  it("are one call: a success when the last one is acked", async () => {
    const { x, y, breaker } = await forked();
    x.ack(0);
    expect(breaker.snapshot(10)).toMatchObject({ calls: 0 });
    y.ack(0);
    expect(breaker.snapshot(10)).toMatchObject({ calls: 1, failures: 0, late: 0 });
  });

  it("are one failure as soon as one of them fails, whatever the others do", async () => {
    const { x, y, breaker } = await forked();
    x.fail(0);
    expect(breaker.snapshot(10)).toMatchObject({ calls: 1, failures: 1 });
    y.fail(0);
    expect(breaker.snapshot(10)).toMatchObject({ calls: 1, failures: 1, late: 0 });
  });
});

describe("two circuit breaker operators in a row", () => {
  it("leave the first one without a verdict on what the second one refuses, though a file takes it", async () => {
    const registry = new CircuitBreakerRegistry();
    const operators = { bulk: circuitBreaker({}, registry), end: circuitBreaker(TWO_FAILURES, registry) };
    const links = ["in > bulk", "bulk > end", "end > out/out", "end/overflow > out/overflow"];
    const graph = await started(graphOf(operators, ...links), {
      out: new HandSink("fail"),
      overflow: new HandSink(),
    });
    pushAll(graph, ["a", "b", "refused", "refused"], 10);
    expect(counts(graph.accounting)).toMatchObject({ failed: 2, overflow: 2 });
    expect(registry.get("bulk").snapshot(10)).toMatchObject({ calls: 2, failures: 2, late: 0 });
  });
});
