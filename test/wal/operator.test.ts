import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { compile } from "../../src/trickle/compile.ts";
import { walOperator } from "../../src/wal/definition.ts";
import { HandSink } from "../flow/graph-fixture.ts";
import { LoggedFlow, pipelineOf, temporaryFolder } from "./support/flow.ts";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

const start = (options = "", breaker?: string): Promise<LoggedFlow> =>
  LoggedFlow.start({ folder, options, ...(breaker !== undefined && { breaker }) });

describe("qos::wal", () => {
  it("sends on what it has written, with the text as it was read", async () => {
    const flow = await start();
    flow.push({ id: 1 }, '{"id":1.0}');
    flow.push({ id: 2 });
    expect(flow.out.events).toEqual([]);
    expect(flow.graph.accounting).toMatchObject({ read: 2, inFlight: 2, waiting: 0 });
    await flow.turn();
    expect(flow.out.events.map(({ text }) => text)).toEqual(['{"id":1.0}', '{"id":2}']);
    flow.out.ack(0);
    flow.out.ack(1);
    expect(flow.graph.accounting).toMatchObject({ delivered: 2, inFlight: 0, waiting: 0 });
  });

  it("keeps metadata", async () => {
    const flow = await start();
    flow.graph.push(0, { data: 1, meta: { key: "k" } }, flow.nowMs);
    await flow.turn();
    expect(flow.out.events.map(({ meta }) => meta)).toEqual([{ key: "k" }]);
  });

  it("sends a failed event again, later each time, and forgets it when it is delivered", async () => {
    const flow = await start();
    flow.push("a");
    await flow.turn();
    flow.out.fail(0);
    expect(flow.graph.accounting).toMatchObject({ failed: 0, waiting: 1, inFlight: 0 });
    await flow.turn(90);
    expect(flow.out.data).toEqual(["a"]);
    await flow.turn(20);
    expect(flow.out.data).toEqual(["a", "a"]);
    flow.out.fail(1);
    await flow.turn(110);
    expect(flow.out.data).toHaveLength(2);
    await flow.turn(100);
    flow.out.ack(2);
    expect(flow.graph.accounting).toMatchObject({ delivered: 1, waiting: 0 });
    expect(flow.balance).toBe(0);
  });

  it("waits as long as the endpoint asks for", async () => {
    const flow = await start();
    flow.push("a");
    await flow.turn();
    flow.out.fail(0, { error: "HTTP 503", retry_after_ms: 5_000 });
    await flow.turn(4_900);
    expect(flow.out.data).toHaveLength(1);
    await flow.turn(200);
    expect(flow.out.data).toHaveLength(2);
  });

  it("does not send an event again that no try can help", async () => {
    const flow = await start();
    flow.push("poison");
    await flow.turn();
    flow.out.context.reject(flow.out.events[0] as never, { error: "HTTP 400" });
    await flow.turn(20_000);
    expect(flow.out.data).toEqual(["poison"]);
    expect(flow.graph.accounting).toMatchObject({ failed: 1, waiting: 0, inFlight: 0 });
    expect([...flow.graph.failures]).toEqual([["HTTP 400", 1]]);
  });

  it("sends on after a restart what was not delivered, in its order", async () => {
    const before = await start();
    for (const data of ["a", "b", "c", "d"]) before.push(data);
    await before.turn();
    before.out.ack(1);
    await before.turn();
    await before.stop();
    const after = await start();
    expect(after.graph.accounting).toMatchObject({ recovered: 3, waiting: 3 });
    after.push("e");
    await after.turn();
    expect(after.out.data).toEqual(["a", "c", "d", "e"]);
    after.out.context.ackAll(after.out.events);
    await after.turn();
    expect(after.graph.accounting).toMatchObject({
      read: 1,
      recovered: 3,
      delivered: 4,
      waiting: 0,
      inFlight: 0,
    });
    expect(after.balance).toBe(0);
  });

  it("waits for a breaker that refuses, and sends nothing to overflow", async () => {
    const options = 'detector = "consecutive_failures", backoff = {"kind": "constant", "delay_ms": 1000}';
    const flow = await start("", options);
    for (let i = 0; i < 8; i++) flow.push(i);
    await flow.turn();
    for (let i = 0; i < 5; i++) flow.out.fail(i);
    await flow.turn(150);
    expect(flow.overflow.events).toEqual([]);
    for (let i = 5; i < flow.out.events.length; i++) flow.out.ack(i);
    for (let second = 0; second < 4; second++) {
      const from = flow.out.events.length;
      await flow.turn(1_100);
      for (let i = from; i < flow.out.events.length; i++) flow.out.ack(i);
    }
    expect([...new Set(flow.out.data)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(flow.graph.accounting).toMatchObject({
      read: 8,
      delivered: 8,
      overflow: 0,
      waiting: 0,
      inFlight: 0,
    });
  });

  it("holds back while a sink behind it is broken, and lets upstream go on", async () => {
    const flow = await start();
    flow.out.context.contraflow("trigger");
    flow.push("a");
    await flow.turn();
    expect([flow.out.events.length, flow.graph.triggered]).toEqual([0, false]);
    flow.out.context.contraflow("restore");
    await flow.turn();
    expect(flow.out.data).toEqual(["a"]);
  });

  it("has at most read_count events on their way", async () => {
    const flow = await start(", read_count = 3");
    for (let i = 0; i < 10; i++) flow.push(i);
    await flow.turn();
    expect(flow.out.data).toEqual([0, 1, 2]);
    flow.out.ack(1);
    await flow.turn();
    expect(flow.out.data).toEqual([0, 1, 2, 3]);
  });

  it("stops upstream while max_elements events wait", async () => {
    const flow = await start(", max_elements = 2");
    flow.push("a");
    expect(flow.graph.triggered).toBe(false);
    flow.push("b");
    expect(flow.graph.triggered).toBe(true);
    await flow.turn();
    flow.out.ack(0);
    await flow.turn();
    expect(flow.graph.triggered).toBe(false);
  });

  it("sends what waited for longer than max_age to the port expired", async () => {
    const flow = await start(", max_age = 60000000000");
    flow.out.context.contraflow("trigger");
    flow.push("old");
    await flow.turn(60_001);
    flow.push("new");
    flow.out.context.contraflow("restore");
    await flow.turn();
    expect(flow.out.data).toEqual(["new"]);
    expect(flow.graph.accounting).toMatchObject({ dropped: 1, waiting: 0, inFlight: 1 });
    await flow.stop();
    expect(flow.problems).toEqual([expect.stringContaining("1 events waited for longer than max_age")]);
  });

  it("sends to err what JSON cannot say", async () => {
    const flow = await start();
    flow.push(10n);
    await flow.turn();
    expect(flow.out.events).toEqual([]);
    expect(flow.graph.accounting).toMatchObject({ err: 1, waiting: 0 });
  });

  it("counts an event that also went another way as forked", async () => {
    const text = `define qos::wal operator log with dir = ${JSON.stringify(folder)} end; create operator log;
      select event from in into log; select event from in into out/copy; select event from log into out;`;
    const flow = new LoggedFlow({ folder }, text);
    flow.graph.attach("copy", new HandSink("ack", "copy"));
    await flow.start();
    flow.push(1);
    await flow.turn();
    flow.out.ack(0);
    expect(flow.graph.accounting).toMatchObject({ read: 1, forked: 1, delivered: 2, waiting: 0 });
    expect(flow.balance).toBe(0);
  });

  it("answers a transactional source as soon as an event is written", async () => {
    const flow = new LoggedFlow({ folder });
    const insights: string[] = [];
    const source = flow.graph.addSource({
      transactional: true,
      onInsight: ({ kind, id }) => insights.push(`${kind} ${id}`),
    });
    await flow.start();
    insights.length = 0;
    for (const data of ["a", "b"]) flow.graph.push(source.number, { data }, flow.nowMs);
    expect(insights).toEqual([]);
    await flow.turn();
    flow.out.fail(0);
    expect(insights).toEqual(["ack 1", "ack 2"]);
  });

  it("hands what no try can help to the sink for failed events, and forgets it then", async () => {
    const flow = new LoggedFlow({ folder });
    const letters = new HandSink("hold", "letters");
    flow.graph.attachDeadLetter(letters);
    await flow.start();
    flow.push("poison", '"poison"');
    await flow.turn();
    flow.out.context.reject(flow.out.events[0] as never, { error: "HTTP 422" });
    expect(letters.events.map(({ text, meta }) => [text, meta?.failed])).toEqual([
      ['"poison"', { error: "HTTP 422", final: true }],
    ]);
    letters.ack(0);
    await flow.turn();
    expect(flow.graph.accounting).toMatchObject({ failed: 1, deadLettered: 1, waiting: 0, inFlight: 0 });
    await flow.stop();
    expect((await start()).graph.accounting.recovered).toBe(0);
  });

  it("sends again each event of a batch that failed, and forgets each of one that was delivered", async () => {
    const text = `define qos::wal operator log with dir = ${JSON.stringify(folder)} end; create operator log;
      define generic::batch operator pair with count = 2 end; create operator pair;
      select event from in into log; select event from log into pair; select event from pair into out;`;
    const flow = new LoggedFlow({ folder }, text);
    await flow.start();
    for (let i = 1; i <= 4; i++) flow.push(i);
    await flow.turn();
    expect(flow.out.data).toEqual([
      [1, 2],
      [3, 4],
    ]);
    flow.out.ack(1);
    flow.out.fail(0);
    await flow.turn(150);
    expect(flow.out.data.at(-1)).toEqual([1, 2]);
    flow.out.ack(2);
    await flow.turn();
    expect(flow.graph.accounting).toMatchObject({ delivered: 4, waiting: 0, inFlight: 0 });
  });

  it("counts events that are damaged in the log as failed", async () => {
    const before = await start();
    for (const data of ["a", "b", "c"]) before.push(data);
    await before.turn();
    await before.stop();
    const path = join(folder, "0000000000000001.log");
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('"b"') + 1] = 0x78;
    writeFileSync(path, bytes);
    const flow = await start();
    await flow.turn();
    expect(flow.out.data).toEqual(["a", "c"]);
    flow.out.context.ackAll(flow.out.events);
    await flow.turn();
    expect(flow.graph.accounting).toMatchObject({ recovered: 3, delivered: 2, failed: 1, waiting: 0 });
    expect([...flow.graph.failures]).toEqual([["damaged in the log", 1]]);
    expect(flow.balance).toBe(0);
  });

  it("is never full of what is done, however small max_bytes is", async () => {
    const flow = await start(", max_bytes = 65536");
    const large = "x".repeat(30_000);
    for (let round = 0; round < 10; round++) {
      while (!flow.graph.triggered) flow.push(large);
      await flow.turn();
      const from = flow.out.events.findIndex(({ answered }) => !answered);
      for (let i = from; i < flow.out.events.length; i++) flow.out.ack(i);
      await flow.turn();
      expect(flow.graph.triggered, `round ${round}`).toBe(false);
    }
    expect(flow.graph.accounting.delivered).toBeGreaterThanOrEqual(20);
  });

  it("says what waits in the log, also when it is closed", async () => {
    const flow = await start();
    flow.push("a");
    flow.push("b");
    await flow.turn();
    flow.out.ack(0);
    expect(flow.graph.logs).toEqual([{ name: folder, waiting: 1 }]);
    await flow.stop();
    expect(flow.graph.logs).toEqual([{ name: folder, waiting: 1 }]);
  });

  it("lets a flow that ends wait for what can be delivered, and leaves the rest in the log", async () => {
    const flow = await start(", drain_timeout = 1000000000");
    flow.push("a");
    flow.push("b");
    await flow.turn();
    let isDrained = false;
    const drained = flow.graph.drain().then(() => {
      isDrained = true;
    });
    flow.out.fail(0);
    flow.out.ack(1);
    await flow.turn(200);
    expect([isDrained, flow.out.data]).toEqual([false, ["a", "b", "a"]]);
    flow.out.fail(2);
    await flow.turn(1_100);
    flow.out.fail(3);
    await flow.turn(0);
    await drained;
    expect(flow.graph.accounting).toMatchObject({ delivered: 1, waiting: 1, inFlight: 0 });
  });

  it("touches no folder before the flow starts", () => {
    rmSync(folder, { recursive: true });
    compile(pipelineOf({ folder }), { operators: [walOperator()] }).deploy({
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
