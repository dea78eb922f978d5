/** Rules of the protocol that concern several parts at once; those of one part stand with the tests of that part. */
import { describe, expect, it, vi } from "vitest";
import { CircuitBreakerRegistry } from "../../../src/entry/main.ts";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import { TICK_MS } from "../../../src/flow/protocol/signal.ts";
import { nextTurn } from "../../../src/flow/runtime/event-loop-turn.ts";
import { ReplaySource } from "../../../src/flow/runtime/replay.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import { graphOf, HandSink, ListSource, pushAll, started, sum, Witness } from "../graph-fixture.ts";
import { circuitBreaker, operatorOf, TWO_FAILURES } from "../operators/guarded.ts";

const still = () => 0;

describe("ticks", () => {
  it("come at once and then every 100 ms where nobody says otherwise", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const [sink, source] = [new HandSink(), new ListSource([])];
    const ticks = (): number => sink.signals.filter(({ kind }) => kind === "tick").length;
    const seen: number[] = [];
    source.pull = async () => {
      for (const ms of [0, 99, 1, 100]) {
        vi.advanceTimersByTime(ms);
        seen.push(ticks());
      }
      return undefined;
    };
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    await runFlow({ graph, source, clock: still });
    vi.useRealTimers();
    expect([TICK_MS, seen]).toEqual([100, [1, 1, 2, 3]]);
  });
});

describe("what a sink says", () => {
  it("arrives in the order in which it is said: a trigger, then the fail that it belongs to", async () => {
    const [before, sink] = [new Witness(), new HandSink("hold")];
    const graph = graphOf({ before }, "in > before", "before > out/out");
    await started(graph, { out: sink });
    before.insights.length = 0;
    pushAll(graph, ["x", "y"]);
    sink.context.contraflow("trigger");
    sink.fail(0);
    sink.context.contraflow("restore");
    sink.ack(1);
    expect(before.insights.map(({ kind }) => kind)).toEqual(["trigger", "fail", "restore", "ack"]);
  });

  it("does not end the pause that an operator has asked for: a restore speaks for its sink only", async () => {
    const registry = new CircuitBreakerRegistry({ clock: still });
    const pausing = circuitBreaker({ ...TWO_FAILURES, method: "pause" }, registry);
    const [out, side] = [new HandSink("fail"), new HandSink()];
    const graph = graphOf({ pausing }, "in > pausing", "pausing > out/out", "in > out/side");
    await started(graph, { out, side });
    side.context.contraflow("trigger");
    pushAll(graph, [1, 2], 10);
    side.context.contraflow("restore");
    expect([registry.get("pausing").state, graph.congested]).toEqual(["open", true]);
    graph.signal({ kind: "tick", atMs: 1_010 });
    expect(graph.congested).toBe(false);
  });
});

describe("a trigger", () => {
  it("holds every source, and its restore lets all go on", async () => {
    const [a, b, sink] = [new ListSource([["a1"], ["a2"]]), new ListSource([["b1"], ["b2"]]), new HandSink()];
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const start = sink.start.bind(sink);
    sink.start = async (context) => {
      await start(context);
      context.contraflow("trigger");
    };
    const running = runFlow({ graph, source: [a, b], clock: still });
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect([a.calls, b.calls]).toEqual([[], []]);
    sink.context.contraflow("restore");
    expect((await running).delivered).toBe(4);
  });
});

describe("a stop", () => {
  it("takes the signal drain through the graph in its order, and what operators keep with it, before the sinks end", async () => {
    const log: string[] = [];
    const batch = operatorOf("generic::batch", { count: 9 }, { registry: new CircuitBreakerRegistry() });
    const [first, last, sink] = [new Witness(log), new Witness(log), new HandSink()];
    const take = last.onEvent.bind(last);
    last.onEvent = (event: FlowEvent) => {
      log.push(`last gets ${JSON.stringify(event.data)}`);
      take(event);
    };
    sink.drain = async () => {
      log.push("sink drains");
    };
    const graph = graphOf(
      { first, batch, last },
      "in > first",
      "first > batch",
      "batch > last",
      "last > out/out",
    );
    await started(graph, { out: sink });
    pushAll(graph, [1, 2]);
    log.length = 0;
    await graph.drain();
    const moments = log.filter((line) => /drain|gets/.test(line));
    expect(moments).toEqual([
      "first drain",
      "last drain",
      "last gets [1,2]",
      "sink drains",
      "last drained",
      "first drained",
    ]);
  });

  it("loses nothing: what was read has ended, though it was kept, held, refused, joined or replayed", async () => {
    const abort = new AbortController();
    const registry = new CircuitBreakerRegistry({ clock: still, seed: 1 });
    const operators = {
      cb: circuitBreaker(TWO_FAILURES, registry),
      batch: operatorOf("generic::batch", { count: 7 }, { registry }),
      alerts: operatorOf("generic::batch", { count: 7 }, { registry }),
    };
    const links = [
      "in > cb",
      "cb > batch",
      "batch > out/out",
      "cb/overflow > out/overflow",
      "cb/cb > alerts",
    ];
    const graph = graphOf(operators, ...links, "alerts > out/cb");
    const [out, overflow, cb] = [new HandSink("hold"), new HandSink(), new HandSink()];
    out.drain = async () => {
      out.events.splice(0).forEach((event, index) => {
        if (index % 2 === 0) out.context.ack(event);
        else out.context.fail(event, { error: "down" });
      });
    };
    for (const [port, sink] of Object.entries({ out, overflow, cb })) graph.attach(port, sink);
    const source = new ListSource(Array.from({ length: 50 }, (_, n) => [n, n + 0.5, n + 0.7]));
    const pull = source.pull.bind(source);
    source.pull = async () => {
      if (source.calls.length === 20) abort.abort();
      return pull();
    };
    const accounting = await runFlow({
      graph,
      source: new ReplaySource(source),
      clock: still,
      signal: abort.signal,
    });
    expect(accounting.read).toBeGreaterThan(50);
    expect([sum(accounting), accounting.inFlight]).toEqual([accounting.read, 0]);
    expect(cb.data).toHaveLength(1);
  });
});
