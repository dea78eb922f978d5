import { afterEach, describe, expect, it, vi } from "vitest";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import { type FlowEvent, NO_SOURCE } from "../../../src/flow/protocol/event.ts";
import type { SourceItem } from "../../../src/flow/protocol/source-and-sink.ts";
import { nextTurn } from "../../../src/flow/runtime/event-loop-turn.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import { counts, graphOf, HandSink, ListSource, Witness } from "../graph-fixture.ts";

const still = () => 0;

function plain(sink: HandSink) {
  const graph = graphOf({ a: new Passthrough() }, "in > a", "a > out/out");
  graph.attach("out", sink);
  return graph;
}

/** A source that hands out one item a pull and lets the test look in between. */
class WatchedSource extends ListSource {
  beforePull: (pulls: number) => void = () => {};

  override async pull(): Promise<readonly SourceItem[] | undefined> {
    this.beforePull(this.calls.filter((call) => call === "pull").length);
    return super.pull();
  }
}

describe("running a flow", () => {
  it("ships everything, drains, closes sink and source once, and returns the accounting", async () => {
    const [sink, source] = [new HandSink(), new ListSource([[1, 2], [], [3]])];
    const accounting = await runFlow({ graph: plain(sink), source, clock: still });
    expect(counts(accounting)).toEqual({ read: 3, delivered: 3 });
    expect(sink.data).toEqual([1, 2, 3]);
    expect(sink.calls).toEqual(["start", "drain", "close"]);
    expect(source.calls.filter((call) => call === "close")).toEqual(["close"]);
    const kinds = sink.signals.map((signal) => signal.kind);
    expect(kinds.slice(0, 2)).toEqual(["start", "tick"]);
    expect(kinds.slice(-2)).toEqual(["drain", "shutdown"]);
  });

  it("gives the events of one chunk one time, and the next chunk the time at which it came", async () => {
    let nowMs = 100;
    const [sink, source] = [new HandSink(), new WatchedSource([[1, 2], [3]])];
    source.beforePull = () => {
      nowMs += 10;
    };
    await runFlow({ graph: plain(sink), source, clock: () => nowMs });
    expect(sink.events.map((event) => event.ingestMs)).toEqual([110, 110, 120]);
  });

  it("ticks at once and then every `tickMs`, also while it drains, and never after the end", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const [sink, source] = [new HandSink(), new WatchedSource([[1]])];
    const ticksAt: number[] = [];
    const ticks = () => sink.signals.filter((signal) => signal.kind === "tick").length;
    source.beforePull = () => {
      ticksAt.push(ticks());
      vi.advanceTimersByTime(50);
    };
    sink.drain = async () => {
      vi.advanceTimersByTime(25);
    };
    await runFlow({ graph: plain(sink), source, clock: still, tickMs: 25 });
    expect([...ticksAt, ticks()]).toEqual([1, 3, 6]);
    vi.advanceTimersByTime(1000);
    expect(ticks()).toBe(6);
  });

  it("reads nothing more while a sink is congested, and goes on when it is relieved", async () => {
    const [sink, source] = [new HandSink("hold"), new ListSource([[1, 2, 3]])];
    const take = sink.onEvent.bind(sink);
    sink.onEvent = (event: FlowEvent) => {
      take(event);
      sink.congested = sink.events.length === 2;
    };
    const graph = plain(sink);
    const running = runFlow({ graph, source, clock: still });
    await vi.waitUntil(() => sink.events.length === 2, { interval: 1 });
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(sink.data).toEqual([1, 2]);
    sink.answer = "ack";
    sink.ack(0);
    sink.ack(1);
    sink.congested = false;
    sink.context.relieved();
    expect(counts(await running)).toEqual({ read: 3, delivered: 3 });
  });

  it("goes on with the next tick when a sink forgets to say that it is relieved", async () => {
    const [sink, source] = [new HandSink(), new ListSource([[1, 2]])];
    sink.congested = true;
    setImmediate(() => {
      sink.congested = false;
    });
    expect(counts(await runFlow({ graph: plain(sink), source, clock: still, tickMs: 1 }))).toMatchObject({
      read: 2,
    });
  });

  it("asks the source for nothing while a trigger holds it, from the first pull on", async () => {
    const [sink, source] = [new HandSink(), new ListSource([[1]])];
    const start = sink.start.bind(sink);
    sink.start = async (context) => {
      await start(context);
      context.contraflow("trigger");
    };
    const running = runFlow({ graph: plain(sink), source, clock: still });
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(source.calls).toEqual([]);
    sink.context.contraflow("restore");
    expect(counts(await running)).toEqual({ read: 1, delivered: 1 });
  });

  it("lets timers and sockets have their turn though the source never waits", async () => {
    let turns = 0;
    let pulls = 0;
    const sink = new HandSink();
    const graph = plain(sink);
    const source = new ListSource([]);
    const endless = Array.from({ length: 100 }, (_, data) => ({ data }));
    source.pull = async () => (++pulls > 1000 || turns >= 3 ? undefined : endless);
    const count = (): void => {
      if (++turns < 3) setImmediate(count);
    };
    setImmediate(count);
    await runFlow({ graph, source, clock: still });
    expect(turns).toBe(3);
    expect(pulls).toBeLessThan(1000);
  });

  it("drains again when the answers of one sink brought new events to another", async () => {
    const [out, cb] = [new HandSink("hold"), new HandSink("hold")];
    const made = new Witness([], ["out", "cb"]);
    made.onInsight = (insight) => {
      if (insight.kind === "ack" && insight.source !== NO_SOURCE)
        made.context.output("cb").emit(made.context.event(insight.atMs, "made"));
      return false;
    };
    const graph = graphOf({ made }, "in > made", "made > out/out", "made/cb > out/cb");
    graph.attach("cb", cb);
    graph.attach("out", out);
    out.drain = async () => {
      while (out.events.length > 0) out.context.ack(out.events.shift() as FlowEvent);
    };
    cb.drain = async () => {
      while (cb.events.length > 0) cb.context.ack(cb.events.shift() as FlowEvent);
    };
    const accounting = await runFlow({ graph, source: new ListSource([[1]]), clock: still });
    expect(counts(accounting)).toEqual({ read: 1, delivered: 1, breakerEvents: 1 });
  });

  it("lets operators pass on what they kept before the sinks are drained", async () => {
    const [sink, keeper] = [new HandSink(), new Witness()];
    const kept: FlowEvent[] = [];
    keeper.onEvent = (event) => kept.push(event);
    const draining = Object.assign(keeper, {
      onDrain: () => {
        for (const event of kept.splice(0)) keeper.context.output("out").emit(event);
      },
    });
    const graph = graphOf({ keeper: draining }, "in > keeper", "keeper > out/out");
    graph.attach("out", sink);
    const accounting = await runFlow({ graph, source: new ListSource([[1, 2]]), clock: still });
    expect(counts(accounting)).toEqual({ read: 2, delivered: 2 });
  });
});

describe("draining", () => {
  it("passes on what an operator keeps because of an answer that came while the sinks were drained", async () => {
    const [out, cb, keeper] = [new HandSink("hold"), new HandSink(), new Witness()];
    const made = new Witness([], ["out", "cb"]);
    made.onInsight = ({ kind, atMs, source }) => {
      if (kind === "ack" && source !== NO_SOURCE)
        made.context.output("cb").emit(made.context.event(atMs, "made"));
      return false;
    };
    const kept: FlowEvent[] = [];
    keeper.onEvent = (event) => kept.push(event);
    const draining = Object.assign(keeper, {
      onDrain: () => {
        for (const event of kept.splice(0)) keeper.context.output("out").emit(event);
      },
    });
    out.drain = async () => {
      for (const event of out.events.splice(0)) out.context.ack(event);
    };
    const links = ["in > made", "made > out/out", "made/cb > keeper", "keeper > out/cb"];
    const graph = graphOf({ made, keeper: draining }, ...links);
    graph.attach("out", out);
    graph.attach("cb", cb);
    await runFlow({ graph, source: new ListSource([[1]]), clock: still });
    expect(cb.data).toEqual(["made"]);
  });
});

describe("the end of a flow", () => {
  it("comes with an abort: what was read ends, what was not pushed counts as not read", async () => {
    const [sink, source, abort] = [new HandSink(), new ListSource([[1, 2, 3], [4]]), new AbortController()];
    const take = sink.onEvent.bind(sink);
    sink.onEvent = (event: FlowEvent) => {
      take(event);
      if (event.data === 2) {
        sink.congested = true;
        abort.abort();
      }
    };
    const accounting = await runFlow({ graph: plain(sink), source, clock: still, signal: abort.signal });
    expect(counts(accounting)).toEqual({ read: 2, delivered: 2 });
    expect(sink.calls).toEqual(["start", "drain", "close"]);
    expect(source.calls).toEqual(["pull", "close"]);
  });

  it("does not wait for a pull that may never come, once it is aborted", async () => {
    const [sink, source, abort] = [new HandSink(), new ListSource([]), new AbortController()];
    source.pull = () => new Promise(() => {});
    setImmediate(() => abort.abort());
    const accounting = await runFlow({ graph: plain(sink), source, clock: still, signal: abort.signal });
    expect(counts(accounting)).toEqual({});
    expect(source.calls).toEqual(["close"]);
  });

  it("reads nothing when it is aborted before it begins", async () => {
    const [sink, source] = [new HandSink(), new ListSource([[1]])];
    await runFlow({ graph: plain(sink), source, clock: still, signal: AbortSignal.abort() });
    expect(source.calls).toEqual(["close"]);
    expect(sink.calls.at(-1)).toBe("close");
  });

  it("takes its listener off the signal", async () => {
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    await runFlow({ graph: plain(new HandSink()), source: new ListSource([[1]]), clock: still, signal });
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove.mock.calls[0]?.slice(0, 2)).toEqual(add.mock.calls[0]?.slice(0, 2));
  });

  it("drains and closes before it passes on the error of a source", async () => {
    const [sink, source] = [new HandSink(), new ListSource([[1]])];
    const pull = source.pull.bind(source);
    source.pull = async () => {
      const items = await pull();
      if (items === undefined) throw new Error("disk on fire");
      return items;
    };
    const graph = plain(sink);
    await expect(runFlow({ graph, source, clock: still })).rejects.toThrow("disk on fire");
    expect(counts(graph.accounting)).toEqual({ read: 1, delivered: 1 });
    expect(sink.calls).toEqual(["start", "drain", "close"]);
    expect(source.calls.at(-1)).toBe("close");
  });

  it("closes everything and reads nothing when a sink cannot start", async () => {
    const [sink, source] = [new HandSink(), new ListSource([[1]])];
    sink.start = async () => {
      throw new Error("no such host");
    };
    await expect(runFlow({ graph: plain(sink), source, clock: still })).rejects.toThrow("no such host");
    expect(sink.calls).toEqual(["close"]);
    expect(source.calls).toEqual(["close"]);
  });

  it("closes the other sinks and the source when one sink cannot be drained or closed", async () => {
    const [bad, good, source] = [new HandSink(), new HandSink(), new ListSource([[1]])];
    bad.drain = async () => {
      throw new Error("drain");
    };
    bad.close = async () => {
      throw new Error("close");
    };
    const graph = graphOf({}, "in > out/bad", "in > out/good");
    graph.attach("bad", bad);
    graph.attach("good", good);
    await expect(runFlow({ graph, source, clock: still })).rejects.toThrow("drain");
    expect(good.calls).toEqual(["start", "drain", "close"]);
    expect(source.calls.at(-1)).toBe("close");
  });
});

describe("a turn of the event loop", () => {
  it.each([
    ["setImmediate", []],
    ["a message", ["setImmediate"]],
    ["a timeout", ["setImmediate", "MessageChannel"]],
  ])("comes by %s where nothing better is there", async (_by, missing) => {
    let polled = false;
    setTimeout(() => {
      polled = true;
    }, 0);
    for (const name of missing) vi.stubGlobal(name, undefined);
    while (!polled) await nextTurn();
    expect(polled).toBe(true);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
