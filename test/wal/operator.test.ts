import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import type { Graph } from "../../src/flow/graph/graph.ts";
import { compile } from "../../src/trickle/compile.ts";
import { walOperator } from "../../src/wal/definition.ts";
import { HandSink, sum } from "../flow/graph-fixture.ts";

let folder: string;
let problems: string[];
let running: Graph[];
let nowMs: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bluesmoke-wal-"));
  problems = [];
  running = [];
  nowMs = 1_000;
});

afterEach(async () => {
  for (const graph of running) await graph.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

/** `in → log → out`, with a breaker behind the log if one is wanted. */
function pipelineOf(options: string, breaker = ""): string {
  const guard =
    breaker === "" ? "" : `define qos::circuit_breaker operator cb with ${breaker} end; create operator cb;`;
  const behind =
    breaker === ""
      ? "select event from log into out;"
      : "select event from log into cb; select event from cb into out; select event from cb/overflow into out/overflow;";
  return `define qos::wal operator log with dir = ${JSON.stringify(folder)}${options} end; create operator log;
    ${guard} select event from in into log; ${behind}
    select event from log/expired into out/expired; select event from log/err into out/err;`;
}

async function start(options = "", breaker = "") {
  const operators = [walOperator({ onProblem: (text) => problems.push(text), now: () => nowMs })];
  const registry = new CircuitBreakerRegistry({ seed: 1, clock: () => nowMs });
  const graph = compile(pipelineOf(options, breaker), { operators }).deploy({ registry });
  const out = new HandSink("hold", "out");
  const overflow = new HandSink("ack", "overflow");
  graph.attach("out", out);
  if (breaker !== "") graph.attach("overflow", overflow);
  await graph.start(nowMs, () => nowMs);
  running.push(graph);
  const push = (data: unknown, text?: string): void =>
    graph.push(0, text === undefined ? { data } : { data, text }, nowMs);
  return { graph, registry, out, overflow, push };
}

/** As much of what waits for files as can happen, and a tick. */
async function turn(graph: Graph, laterMs = 0): Promise<void> {
  nowMs += laterMs;
  for (let i = 0; i < 12; i++) {
    await stat(tmpdir()); // behind what the log has asked of the file system
    await new Promise((resolve) => setTimeout(resolve, 1));
    graph.signal({ kind: "tick", atMs: nowMs });
  }
}

async function stop(graph: Graph): Promise<void> {
  running.splice(running.indexOf(graph), 1);
  graph.stopRetrying();
  await graph.close();
}

/** See `Accounting`. */
function balance(graph: Graph): number {
  const { read, recovered, forked, waiting } = graph.accounting;
  return read + recovered + forked - sum(graph.accounting) - waiting;
}

describe("qos::wal", () => {
  it("sends on what it has written, with the text as it was read", async () => {
    const { graph, out, push } = await start();
    push({ id: 1 }, '{"id":1.0}');
    push({ id: 2 });
    expect(out.events).toEqual([]);
    expect(graph.accounting).toMatchObject({ read: 2, inFlight: 2, waiting: 0 });
    await turn(graph);
    expect(out.events.map(({ text }) => text)).toEqual(['{"id":1.0}', '{"id":2}']);
    out.ack(0);
    out.ack(1);
    expect(graph.accounting).toMatchObject({ delivered: 2, inFlight: 0, waiting: 0 });
  });

  it("keeps metadata", async () => {
    const { graph, out } = await start();
    graph.push(0, { data: 1, meta: { key: "k" } }, nowMs);
    await turn(graph);
    expect(out.events.map(({ meta }) => meta)).toEqual([{ key: "k" }]);
  });

  it("sends a failed event again, later each time, and forgets it when it is delivered", async () => {
    const { graph, out, push } = await start();
    push("a");
    await turn(graph);
    out.fail(0);
    expect(graph.accounting).toMatchObject({ failed: 0, waiting: 1, inFlight: 0 });
    await turn(graph, 90);
    expect(out.data).toEqual(["a"]);
    await turn(graph, 20);
    expect(out.data).toEqual(["a", "a"]);
    out.fail(1);
    await turn(graph, 110);
    expect(out.data).toHaveLength(2);
    await turn(graph, 100);
    out.ack(2);
    expect(graph.accounting).toMatchObject({ delivered: 1, waiting: 0 });
    expect(balance(graph)).toBe(0);
  });

  it("waits as long as the endpoint asks for", async () => {
    const { graph, out, push } = await start();
    push("a");
    await turn(graph);
    out.fail(0, { error: "HTTP 503", retry_after_ms: 5_000 });
    await turn(graph, 4_900);
    expect(out.data).toHaveLength(1);
    await turn(graph, 200);
    expect(out.data).toHaveLength(2);
  });

  it("does not send an event again that no try can help", async () => {
    const { graph, out, push } = await start();
    push("poison");
    await turn(graph);
    out.context.reject(out.events[0] as never, { error: "HTTP 400" });
    await turn(graph, 20_000);
    expect(out.data).toEqual(["poison"]);
    expect(graph.accounting).toMatchObject({ failed: 1, waiting: 0, inFlight: 0 });
    expect([...graph.failures]).toEqual([["HTTP 400", 1]]);
  });

  it("sends on after a restart what was not delivered, in its order", async () => {
    const before = await start();
    for (const data of ["a", "b", "c", "d"]) before.push(data);
    await turn(before.graph);
    before.out.ack(1);
    await turn(before.graph);
    await stop(before.graph);
    const after = await start();
    expect(after.graph.accounting).toMatchObject({ recovered: 3, waiting: 3 });
    after.push("e");
    await turn(after.graph);
    expect(after.out.data).toEqual(["a", "c", "d", "e"]);
    after.out.context.ackAll(after.out.events);
    await turn(after.graph);
    expect(after.graph.accounting).toMatchObject({
      read: 1,
      recovered: 3,
      delivered: 4,
      waiting: 0,
      inFlight: 0,
    });
    expect(balance(after.graph)).toBe(0);
  });

  it("waits for a breaker that refuses, and sends nothing to overflow", async () => {
    const options = 'detector = "consecutive_failures", backoff = {"kind": "constant", "delay_ms": 1000}';
    const { graph, out, overflow, push } = await start("", options);
    for (let i = 0; i < 8; i++) push(i);
    await turn(graph);
    for (let i = 0; i < 5; i++) out.fail(i);
    await turn(graph, 150);
    expect(overflow.events).toEqual([]);
    for (let i = 5; i < out.events.length; i++) out.ack(i);
    for (let second = 0; second < 4; second++) {
      const from = out.events.length;
      await turn(graph, 1_100);
      for (let i = from; i < out.events.length; i++) out.ack(i);
    }
    expect([...new Set(out.data)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(graph.accounting).toMatchObject({ read: 8, delivered: 8, overflow: 0, waiting: 0, inFlight: 0 });
  });

  it("holds back while a sink behind it is broken, and lets upstream go on", async () => {
    const { graph, out, push } = await start();
    out.context.contraflow("trigger");
    push("a");
    await turn(graph);
    expect([out.events.length, graph.triggered]).toEqual([0, false]);
    out.context.contraflow("restore");
    await turn(graph);
    expect(out.data).toEqual(["a"]);
  });

  it("has at most read_count events on their way", async () => {
    const { graph, out, push } = await start(", read_count = 3");
    for (let i = 0; i < 10; i++) push(i);
    await turn(graph);
    expect(out.data).toEqual([0, 1, 2]);
    out.ack(1);
    await turn(graph);
    expect(out.data).toEqual([0, 1, 2, 3]);
  });

  it("stops upstream while max_elements events wait", async () => {
    const { graph, out, push } = await start(", max_elements = 2");
    push("a");
    expect(graph.triggered).toBe(false);
    push("b");
    expect(graph.triggered).toBe(true);
    await turn(graph);
    out.ack(0);
    await turn(graph);
    expect(graph.triggered).toBe(false);
  });

  it("sends what waited for longer than max_age to the port expired", async () => {
    const { graph, out, push } = await start(", max_age = 60000000000");
    out.context.contraflow("trigger");
    push("old");
    await turn(graph, 60_001);
    push("new");
    out.context.contraflow("restore");
    await turn(graph);
    expect(out.data).toEqual(["new"]);
    expect(graph.accounting).toMatchObject({ dropped: 1, waiting: 0, inFlight: 1 });
  });

  it("sends to err what JSON cannot say", async () => {
    const { graph, out, push } = await start();
    push(10n);
    await turn(graph);
    expect(out.events).toEqual([]);
    expect(graph.accounting).toMatchObject({ err: 1, waiting: 0 });
  });

  it("counts an event that also went another way as forked", async () => {
    const operators = [walOperator()];
    const text = `define qos::wal operator log with dir = ${JSON.stringify(folder)} end; create operator log;
      select event from in into log; select event from in into out/copy; select event from log into out;`;
    const graph = compile(text, { operators }).deploy({ registry: new CircuitBreakerRegistry() });
    running.push(graph);
    graph.attach("out", new HandSink("ack", "out"));
    graph.attach("copy", new HandSink("ack", "copy"));
    await graph.start(nowMs, () => nowMs);
    graph.push(0, { data: 1 }, nowMs);
    await turn(graph);
    expect(graph.accounting).toMatchObject({ read: 1, forked: 1, delivered: 2, waiting: 0, inFlight: 0 });
  });

  it("lets a flow that ends wait for what can be delivered, and leaves the rest in the log", async () => {
    const { graph, out, push } = await start(", drain_timeout = 1000000000");
    push("a");
    push("b");
    await turn(graph);
    let isDrained = false;
    const drained = graph.drain().then(() => {
      isDrained = true;
    });
    out.fail(0);
    out.ack(1);
    await turn(graph, 200);
    expect([isDrained, out.data]).toEqual([false, ["a", "b", "a"]]);
    out.fail(2);
    await turn(graph, 1_100);
    out.fail(3);
    await turn(graph, 0);
    await drained;
    expect(graph.accounting).toMatchObject({ delivered: 1, waiting: 1, inFlight: 0 });
  });

  it("touches no folder before the flow starts", () => {
    rmSync(folder, { recursive: true });
    compile(pipelineOf(""), { operators: [walOperator()] }).deploy({
      registry: new CircuitBreakerRegistry(),
    });
    expect(() => readdirSync(folder)).toThrow("ENOENT");
  });

  it("says at the start that another process has the log", async () => {
    await start();
    await expect(start()).rejects.toThrow(
      `${folder}: the log cannot be opened: the log is in use by process ${process.pid}`,
    );
  });
});

describe("the options of qos::wal", () => {
  it.each([
    ["read_count = 1", "dir is required: the folder of the log"],
    ['dir = "", read_count = 1', 'dir must be the path of a folder, got ""'],
    ['dir = "x", read_count = 0', "read_count must be a whole number from 1 to 1000000, got 0"],
    ['dir = "x", max_bytes = 10', "max_bytes must be a whole number from 65536 to 9007199254740991, got 10"],
    ['dir = "x", sync = "often"', 'sync must be one of "always", "interval", "never", got "often"'],
    [
      'dir = "x", flush_on_evt = true, sync = "never"',
      'sync must be "always" where flush_on_evt is true, got "never"',
    ],
    ['dir = "x", maximum = 3', 'unknown option "maximum"'],
  ])("are checked: %s", (options, message) => {
    const text = `define qos::wal operator log with ${options} end; create operator log; select event from in into log; select event from log into out;`;
    expect(() => compile(text, { operators: [walOperator()] })).toThrow(message);
  });
});
