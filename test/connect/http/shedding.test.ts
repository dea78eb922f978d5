import { describe, expect, it, onTestFinished } from "vitest";
import { HttpServerSource } from "../../../src/connect/http/http-server.ts";
import { TcpSink } from "../../../src/connect/tcp/tcp-sink.ts";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import type { Sink } from "../../../src/flow/protocol/source-and-sink.ts";
import { runFlow } from "../../../src/flow/runtime/run-flow.ts";
import { graphOf, HandSink } from "../../flow/graph-fixture.ts";
import { Client } from "../support/client.ts";
import { LineServer } from "../support/lineserver.ts";

/** in → out, fed by a server; it runs until the test ends. */
async function serve(
  sink: Sink,
  patienceMs: number,
): Promise<{ client: Client; stop: () => Promise<unknown> }> {
  const source = await HttpServerSource.open(
    "listen:http://127.0.0.1:0/",
    { patienceMs },
    { maximumLineBytes: 1_000, validate: true },
  );
  const graph = graphOf({ pass: new Passthrough() }, "in > pass", "pass > out/out");
  graph.attach("out", sink);
  const abort = new AbortController();
  const running = runFlow({ graph, source, signal: abort.signal });
  const stop = (): Promise<unknown> => {
    abort.abort();
    return running;
  };
  onTestFinished(() => void stop());
  return { client: new Client(source.name), stop };
}

describe("a flow behind an HTTP server", () => {
  it("turns requests away while a sink is congested, and takes them when it is not", async () => {
    const sink = new HandSink("ack");
    const { client, stop } = await serve(sink, 30);
    expect((await client.post("1")).status).toBe(202);
    sink.congested = true;
    // What makes it congested is still taken.
    expect((await client.post("2")).status).toBe(202);
    expect((await client.post("3")).status).toBe(503);
    sink.congested = false;
    sink.context.relieved();
    expect((await client.post("4")).status).toBe(202);
    expect(sink.data).toEqual([1, 2, 4]);
    expect(await stop()).toMatchObject({ read: 3, delivered: 3 });
  });

  it("turns requests away while a TCP sink is not connected, and loses nothing that it accepted after", async () => {
    const server = await LineServer.open();
    const sink = new TcpSink(server.spec, { reconnect: { intervalMs: 10, maximumIntervalMs: 20 } });
    const { client } = await serve(sink, 30);
    expect((await client.post("1")).status).toBe(202);
    await server.until(() => server.text === "1\n");
    await server.die();
    let refused = await client.post("2");
    while (refused.status !== 503) refused = await client.post("2");
    await server.live();
    server.text = "";
    let accepted = await client.post("3");
    while (accepted.status !== 202) accepted = await client.post("3");
    await server.until(() => server.text.includes("3\n"));
  });
});
