import { describe, expect, it } from "vitest";
import type { FlowEvent } from "../../../src/flow/protocol/event.ts";
import type { Insight } from "../../../src/flow/protocol/insight.ts";
import { nextTurn } from "../../../src/flow/runtime/event-loop-turn.ts";
import { ReplaySource } from "../../../src/flow/runtime/replay.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import { counts, graphOf, HandSink, ListSource, pushAll, started, Witness } from "../graph-fixture.ts";

const still = () => 0;

/** Writes down what it hears: kind and, for answers, the id. */
class Ear extends ListSource {
  readonly heard: string[] = [];
  readonly transactional: boolean;

  constructor(transactional: boolean, chunks: readonly (readonly unknown[])[] = []) {
    super(chunks);
    this.transactional = transactional;
  }

  onInsight({ kind, id }: Insight): void {
    this.heard.push(id > 0 ? `${kind} ${id}` : kind);
  }
}

/** `in → out` with a source that hears and a sink that waits to be told. */
async function listening(transactional = true) {
  const [ear, sink] = [new Ear(transactional), new HandSink("hold")];
  const graph = graphOf({}, "in > out/out");
  graph.addSource(ear);
  await started(graph, { out: sink });
  ear.heard.length = 0;
  return { ear, sink, graph };
}

describe("a source", () => {
  it("hears sink_start, restore, trigger and drained of every sink, whether it is transactional or not", async () => {
    const [plain, careful, x, y] = [new Ear(false), new Ear(true), new HandSink(), new HandSink()];
    const graph = graphOf({}, "in > out/x", "in > out/y");
    for (const ear of [plain, careful]) graph.addSource(ear);
    await started(graph, { x, y });
    x.context.contraflow("trigger");
    x.context.contraflow("restore");
    await graph.drain();
    const all = [
      "sink_start",
      "restore",
      "sink_start",
      "restore",
      "trigger",
      "restore",
      "drained",
      "drained",
    ];
    expect([plain.heard, careful.heard]).toEqual([all, all]);
  });

  it("hears sink_start, the first restore and drained of a sink that none of its events can come to", async () => {
    const [ear, out, side] = [new Ear(false), new HandSink(), new HandSink()];
    const graph = graphOf({ apart: new Witness() }, "in > out/out", "apart > out/side");
    graph.addSource(ear);
    await started(graph, { out, side });
    side.context.contraflow("trigger");
    side.context.contraflow("restore");
    await graph.drain();
    expect(ear.heard).toEqual(["sink_start", "restore", "sink_start", "restore", "drained", "drained"]);
  });

  it("hears no ack and no fail unless it is transactional", async () => {
    const { ear, sink, graph } = await listening(false);
    pushAll(graph, ["a", "b"]);
    sink.ack(0);
    sink.fail(1);
    expect(ear.heard).toEqual([]);
  });

  it("hears only of its own events", async () => {
    const [first, second, sink] = [new Ear(true), new Ear(true), new HandSink()];
    const graph = graphOf({}, "in > out/out");
    const numbers = [first, second].map((ear) => graph.addSource(ear).number);
    await started(graph, { out: sink });
    graph.push(1, { data: "x" }, 0);
    expect(numbers).toEqual([0, 1]);
    expect([first.heard.includes("ack 1"), second.heard.includes("ack 1")]).toEqual([false, true]);
  });

  it("does not hear the trigger that an operator stops", async () => {
    const [ear, sink, guard] = [new Ear(true), new HandSink(), new Witness()];
    guard.stops = ["trigger", "restore"];
    const graph = graphOf({ guard }, "in > guard", "guard > out/out");
    graph.addSource(ear);
    await started(graph, { out: sink });
    sink.context.contraflow("trigger");
    sink.context.contraflow("restore");
    expect(ear.heard).toEqual(["sink_start", "restore"]);
  });
});

describe("a transactional source", () => {
  it("hears an ack for all ids up to one: it waits for the lowest that has not ended", async () => {
    const { ear, sink, graph } = await listening();
    pushAll(graph, ["a", "b", "c", "d"]);
    sink.ack(1);
    sink.ack(2);
    expect(ear.heard).toEqual([]);
    sink.ack(0);
    sink.ack(3);
    expect(ear.heard).toEqual(["ack 3", "ack 4"]);
  });

  it.each([
    ["filtered", (made: Witness, event: FlowEvent) => made.context.filter(event)],
    ["dropped", (made: Witness, event: FlowEvent) => made.context.output("nowhere").emit(event)],
    ["turned away", (made: Witness, event: FlowEvent) => made.context.output("overflow").emit(event)],
  ])("hears an ack for an event that is %s: nobody else will ever answer it", async (_how, end) => {
    const [ear, made] = [new Ear(true), new Witness([], ["out", "nowhere", "overflow"])];
    made.onEvent = (event) => end(made, event);
    const graph = graphOf({ made }, "in > made", "made > out/out");
    graph.addSource(ear);
    await started(graph, { out: new HandSink() });
    pushAll(graph, ["x"]);
    graph.push(0, { malformed: { line: 2 } }, 0);
    expect(ear.heard.slice(2)).toEqual(["ack 1", "ack 2"]);
  });

  it("hears a fail once all copies are answered, and an ack only when every copy is well", async () => {
    const [ear, x, y] = [new Ear(true), new HandSink("hold"), new HandSink("hold")];
    const graph = graphOf({}, "in > out/x", "in > out/y");
    graph.addSource(ear);
    await started(graph, { x, y });
    ear.heard.length = 0;
    pushAll(graph, ["a", "b"]);
    x.ack(0);
    x.fail(1);
    expect(ear.heard).toEqual([]);
    y.ack(0);
    y.ack(1);
    expect(ear.heard).toEqual(["ack 1", "fail 2"]);
  });

  it("replays from the lowest id that failed, and what was read since is answered for nothing", async () => {
    const { ear, sink, graph } = await listening();
    pushAll(graph, ["a", "b", "c", "d"]);
    sink.fail(2);
    sink.fail(1);
    sink.ack(3);
    pushAll(graph, ["b again", "c again"]);
    expect(sink.events.slice(4).map((event) => event.id)).toEqual([2, 3]);
    sink.ack(4);
    sink.ack(5);
    sink.ack(0);
    expect(ear.heard).toEqual(["fail 3", "fail 2", "ack 3"]);
    expect(counts(graph.accounting)).toMatchObject({ read: 6, delivered: 4, failed: 2 });
  });
});

describe("a source that replays", () => {
  it("hands over again what failed and all after it, until everything is delivered in order", async () => {
    const sink = new HandSink();
    const take = sink.onEvent.bind(sink);
    let failing = 2;
    sink.onEvent = (event) => {
      sink.answer = event.data === 3 && failing-- > 0 ? "fail" : "ack";
      take(event);
    };
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const accounting = await runFlow({
      graph,
      source: new ReplaySource(new ListSource([[1, 2, 3, 4], [5]])),
      clock: still,
    });
    expect(sink.data).toEqual([1, 2, 3, 3, 3, 4, 5]);
    expect(counts(accounting)).toEqual({ read: 7, delivered: 5, failed: 2 });
  });

  it("hands over nothing from before the event that failed, though that is still on its way", async () => {
    const sink = new HandSink("hold");
    const take = sink.onEvent.bind(sink);
    sink.onEvent = (event) => {
      take(event);
      if (sink.events.length === 3) sink.fail(1);
    };
    sink.drain = async () => {
      for (const event of sink.events) if (!event.answered) sink.context.ack(event);
    };
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const source = new ReplaySource(new ListSource([[1, 2, 3]]));
    const accounting = await runFlow({ graph, source, clock: still });
    expect(sink.events.map(({ id, data }) => [id, data])).toEqual([1, 2, 3, 2, 3].map((n) => [n, n]));
    expect(counts(accounting)).toEqual({ read: 5, delivered: 4, failed: 1 });
  });

  it("replays after its end what fails while the sinks are drained", async () => {
    const sink = new HandSink("hold");
    const held: FlowEvent[] = [];
    const seen: unknown[] = [];
    sink.onEvent = (event) => held.push(event);
    let rounds = 0;
    sink.drain = async () => {
      rounds++;
      for (const event of held.splice(0)) {
        seen.push(event.data);
        if (rounds === 1 && event.data === 2) sink.context.fail(event, { error: "first time" });
        else sink.context.ack(event);
      }
    };
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const accounting = await runFlow({
      graph,
      source: new ReplaySource(new ListSource([[1, 2, 3]])),
      clock: still,
    });
    expect(seen).toEqual([1, 2, 3, 2, 3]);
    expect(accounting.inFlight).toBe(0);
  });

  it("throws away what it was waiting for when a fail comes meanwhile", async () => {
    const [sink, inner] = [new HandSink("hold"), new ListSource([])];
    const answers: ((items: { data: number }[] | undefined) => void)[] = [];
    inner.pull = () => new Promise((resolve) => answers.push(resolve));
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const running = runFlow({ graph, source: new ReplaySource(inner), clock: still });
    const next = async (items: { data: number }[] | undefined): Promise<void> => {
      while (answers.length === 0) await nextTurn();
      answers.shift()?.(items);
    };
    await next([{ data: 1 }]);
    while (sink.events.length < 1 || answers.length === 0) await nextTurn();
    sink.fail(0);
    sink.answer = "ack";
    await next([{ data: 2 }]);
    await next(undefined);
    await running;
    expect(sink.data).toEqual([1, 1, 2]);
  });

  it("need not throw it away itself: nothing is pushed that was asked for before a fail", async () => {
    const sink = new HandSink("hold");
    const source = Object.assign(new ListSource([]), { transactional: true });
    const answers: ((items: { data: unknown }[] | undefined) => void)[] = [];
    source.pull = () => new Promise((resolve) => answers.push(resolve));
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const running = runFlow({ graph, source, clock: still });
    const next = async (items: { data: unknown }[] | undefined): Promise<void> => {
      while (answers.length === 0) await nextTurn();
      answers.shift()?.(items);
    };
    await next([{ data: 1 }]);
    while (sink.events.length < 1 || answers.length === 0) await nextTurn();
    sink.fail(0);
    sink.answer = "ack";
    await next([{ data: "too early" }]);
    await next([{ data: 1 }]);
    await next(undefined);
    await running;
    expect(sink.events.map(({ id, data }) => [id, data])).toEqual([1, 1].map((n) => [n, n]));
  });

  it("keeps nothing that is acked, and gives up on what fails again and again", async () => {
    const sink = new HandSink("fail");
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const source = new ReplaySource(new ListSource([[1]]), { attempts: 3 });
    await expect(runFlow({ graph, source, clock: still })).rejects.toThrow(
      "list: event 1 has failed 3 times",
    );
    expect(sink.data).toEqual([1, 1, 1]);
    expect(() => new ReplaySource(new ListSource([]), { attempts: 0 })).toThrow("whole number from 1, got 0");
  });
});

describe("several sources", () => {
  it("are read side by side, each with ids of its own, and all are closed", async () => {
    const [a, b, sink] = [new ListSource([["a1"], ["a2"]]), new ListSource([["b1", "b2"]]), new HandSink()];
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    const accounting = await runFlow({ graph, source: [a, b], clock: still });
    const seen = sink.events.map(({ source, id, data }) => [source, id, data]);
    expect(seen.filter(([source]) => source === 0)).toEqual([
      [0, 1, "a1"],
      [0, 2, "a2"],
    ]);
    expect(seen.filter(([source]) => source === 1)).toEqual([
      [1, 1, "b1"],
      [1, 2, "b2"],
    ]);
    expect(counts(accounting)).toEqual({ read: 4, delivered: 4 });
    expect([a, b].map((source) => source.calls.at(-1))).toEqual(["close", "close"]);
  });

  it("are all stopped by the error of one, and what was read ends", async () => {
    const [bad, endless, sink] = [new ListSource([]), new ListSource([]), new HandSink()];
    bad.pull = async () => {
      await nextTurn();
      throw new Error("cable cut");
    };
    endless.pull = async () => {
      await nextTurn();
      return [{ data: "more" }];
    };
    const graph = graphOf({}, "in > out/out");
    graph.attach("out", sink);
    await expect(runFlow({ graph, source: [endless, bad], clock: still })).rejects.toThrow("cable cut");
    expect(graph.accounting.inFlight).toBe(0);
    expect(sink.calls.at(-1)).toBe("close");
  });
});

describe("a source starts stopped", () => {
  /** Starts, and is connected only when the test says so. */
  class SlowSink extends HandSink {
    override async start(context: Parameters<HandSink["start"]>[0]): Promise<void> {
      await super.start(context);
      context.contraflow("trigger");
    }
  }

  it("until every started sink has restored, even where an operator stops trigger and restore", async () => {
    const [x, y, guard] = [new SlowSink(), new SlowSink(), new Witness()];
    guard.stops = ["trigger", "restore"];
    const graph = graphOf({ guard }, "in > guard", "guard > out/x", "guard > out/y");
    await started(graph, { x, y });
    expect([graph.congested, graph.triggered]).toEqual([true, false]);
    x.context.contraflow("restore");
    expect(graph.congested).toBe(true);
    y.context.contraflow("restore");
    expect(graph.congested).toBe(false);
    x.context.contraflow("trigger");
    expect(graph.congested).toBe(false);
  });

  it("and runs at once where every sink is connected when it has started", async () => {
    const graph = await started(graphOf({}, "in > out/out"), { out: new HandSink() });
    expect(graph.congested).toBe(false);
  });
});
