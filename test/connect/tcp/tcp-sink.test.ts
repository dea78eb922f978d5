import { describe, expect, it, onTestFinished } from "vitest";
import type { TcpOptions } from "../../../src/connect/tcp/tcp-options.ts";
import { TcpSink } from "../../../src/connect/tcp/tcp-sink.ts";
import { LineServer } from "../support/lineserver.ts";
import { eventOf, Recorder } from "../support/recorder.ts";

/** Soon enough for a test, and yet a delay. */
const SOON: TcpOptions = { reconnect: { intervalMs: 10, maximumIntervalMs: 20 } };

async function connect(
  spec: string,
  options: TcpOptions = SOON,
): Promise<{ sink: TcpSink; recorder: Recorder }> {
  const sink = new TcpSink(spec, options);
  const recorder = new Recorder();
  await sink.start(recorder);
  onTestFinished(() => sink.close());
  return { sink, recorder };
}

describe("a TCP sink", () => {
  it("writes a line for each event, in order, and acks them", async () => {
    const server = await LineServer.open();
    const { sink, recorder } = await connect(server.spec);
    const numbers = Array.from({ length: 20_000 }, (_, n) => n);
    for (const n of numbers) sink.onEvent(eventOf(n));
    await sink.drain();
    await server.until(() => server.events.length === numbers.length);
    expect(server.events).toEqual(numbers);
    expect(recorder.acked).toEqual(numbers);
    expect(recorder.said).not.toContain("trigger");
    expect(server.count).toBe(1);
  });

  it("says goodbye when it is closed, so that the server sees a whole last line", async () => {
    const ended: boolean[] = [];
    const server = await LineServer.open((socket) => socket.once("end", () => ended.push(true)));
    const { sink } = await connect(server.spec);
    sink.onEvent(eventOf({ last: true }));
    await sink.drain();
    await sink.close();
    await server.until(() => server.sockets.size === 0);
    expect(server.events).toEqual([{ last: true }]);
    expect(ended).toEqual([true]);
  });

  it("says before the start that nobody listens, where, and what to do", async () => {
    const server = await LineServer.open();
    await server.die();
    await expect(new TcpSink(server.spec).start(new Recorder())).rejects.toMatchObject({
      code: "ERR_SINK",
      message: expect.stringMatching(
        /^tcp:\/\/127.0.0.1:\d+: cannot be reached: connect ECONNREFUSED .*\ncheck the URL/,
      ),
    });
  });

  it("starts without a server under probe: false, triggers at once, and restores when there is one", async () => {
    const server = await LineServer.open();
    await server.die();
    const { sink, recorder } = await connect(server.spec, { ...SOON, probe: false });
    expect(recorder.said).toEqual(["trigger"]);
    sink.onEvent(eventOf(1));
    expect(recorder.failed[0]?.meta.error).toMatch(/^not connected: connect ECONNREFUSED/);
    await server.live();
    await recorder.until(({ said }) => said.includes("restore"));
    sink.onEvent(eventOf(2));
    await sink.drain();
    expect(recorder.said).toEqual(["trigger", "fail", "restore", "ack"]);
  });

  it("triggers when the connection breaks, after the answers, and restores when it is back", async () => {
    const server = await LineServer.open();
    const { sink, recorder } = await connect(server.spec);
    await server.until(() => server.count === 1);
    await server.die();
    await recorder.until(({ said }) => said.includes("trigger"));
    sink.onEvent(eventOf("between"));
    expect(recorder.failed.at(-1)).toMatchObject({
      data: "between",
      meta: { error: expect.stringMatching(/^not connected: /) },
    });
    await server.live();
    await recorder.until(({ said }) => said.includes("restore"));
    sink.onEvent(eventOf("after"));
    await server.until(() => server.text.endsWith('"after"\n'));
    expect(recorder.said.filter((word) => word === "trigger")).toHaveLength(1);
    expect(recorder.said.filter((word) => word === "restore")).toHaveLength(1);
  });

  it("takes the end that the other side announces for a loss: what it would write might go to nobody", async () => {
    const server = await LineServer.open((socket) => {
      if (server.count === 1) socket.end();
    });
    const { recorder } = await connect(server.spec);
    await recorder.until(({ said }) => said.includes("restore"));
    expect(recorder.said).toEqual(["trigger", "restore"]);
    expect(server.count).toBe(2);
  });

  it("fails what a dying connection did not take", async () => {
    const server = await LineServer.open((socket) => socket.pause());
    const { sink, recorder } = await connect(server.spec);
    const long = "x".repeat(200_000);
    while (!sink.congested) {
      for (let n = 0; n < 20; n++) sink.onEvent(eventOf(long));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await server.die();
    await recorder.until(({ said }) => said.includes("trigger"));
    expect(recorder.failed.length).toBeGreaterThan(0);
    expect(recorder.failed[0]?.meta.error).toMatch(/^connection lost: /);
    expect(recorder.said.indexOf("fail")).toBeLessThan(recorder.said.indexOf("trigger"));
    expect(recorder.relievedCount).toBeGreaterThan(0);
    expect(sink.congested).toBe(false);
  });

  it("gives up a connection that takes nothing any more, also while it drains", async () => {
    const server = await LineServer.open((socket) => socket.pause());
    const { sink, recorder } = await connect(server.spec, { ...SOON, timeoutMs: 50 });
    const long = "x".repeat(1_000_000);
    for (let n = 0; n < 40; n++) sink.onEvent(eventOf(long));
    await sink.drain();
    expect(recorder.failed.at(-1)?.meta.error).toBe("connection lost: nothing was taken for 50 ms");
  });

  it("stays connected while there is nothing to write", async () => {
    const server = await LineServer.open();
    const { sink, recorder } = await connect(server.spec, { ...SOON, timeoutMs: 10 });
    // Several times the timeout passes, by the clock of the same event loop.
    for (let n = 0; n < 5; n++) await new Promise((resolve) => setTimeout(resolve, 10));
    sink.onEvent(eventOf(1));
    await server.until(() => server.text === "1\n");
    expect(recorder.said).not.toContain("trigger");
  });

  it("leaves a server alone that accepts and hangs up: the delays grow nevertheless", async () => {
    const server = await LineServer.open((socket) => socket.end());
    const { recorder, sink } = await connect(server.spec, {
      reconnect: { intervalMs: 150, maximumRetries: 3 },
    });
    await server.until(() => server.count === 4);
    await recorder.until(() => recorder.said.filter((word) => word === "trigger").length === 4);
    // Given up: the last trigger is followed by a restore, so that the flow can end.
    await recorder.until(({ said }) => said.at(-1) === "restore");
    const { failed } = recorder;
    sink.onEvent(eventOf("late"));
    expect(failed.at(-1)?.meta.error).toMatch(/\(given up after 3 tries\)$/);
  });

  it("ignores what the other side says", async () => {
    const server = await LineServer.open((socket) => socket.write("hello\n".repeat(10_000)));
    const { sink, recorder } = await connect(server.spec);
    sink.onEvent(eventOf(1));
    await server.until(() => server.text === "1\n");
    expect(recorder.acked).toEqual([1]);
  });

  it("fails an event that JSON cannot say, and goes on", async () => {
    const server = await LineServer.open();
    const { sink, recorder } = await connect(server.spec);
    sink.onEvent(eventOf(1n));
    sink.onEvent(eventOf(2));
    await sink.drain();
    expect(recorder.said).toEqual(["reject", "ack"]);
  });

  it.each([
    [{ timeoutMs: 0 }, "timeoutMs must be a whole number from 1 to 3600000, got 0"],
    [{ probe: "no" }, 'probe must be true or false, got "no"'],
    [{ retry: 1 }, 'unknown option "retry"; expected one of timeoutMs, reconnect, tls, probe'],
  ])("refuses the options %o", (options, message) => {
    expect(() => new TcpSink("tcp://127.0.0.1:1", options as object)).toThrow(message);
  });
});
