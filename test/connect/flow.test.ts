import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HttpSink } from "../../src/connect/http/http-sink.ts";
import { openSink, openSource } from "../../src/connect/open.ts";
import { GraphBuilder } from "../../src/flow/graph/builder.ts";
import type { Graph } from "../../src/flow/graph/graph.ts";
import { Passthrough } from "../../src/flow/operators/passthrough.ts";
import { Select } from "../../src/flow/operators/select.ts";
import type { Operator } from "../../src/flow/protocol/operator.ts";
import type { Sink } from "../../src/flow/protocol/source-and-sink.ts";
import { runFlow } from "../../src/flow/runtime/run-flow.ts";
import { Endpoint } from "./support/endpoint.ts";
import { makeFile, makeFolder } from "./support/folder.ts";

/** in → operator → out. */
function through(operator: Operator): Graph {
  const builder = new GraphBuilder();
  builder.addInput("in");
  builder.addOperator("operator", operator);
  builder.addOutput("out");
  builder.link({ node: "in", port: "out" }, { node: "operator", port: "in" });
  builder.link({ node: "operator", port: "out" }, { node: "out/out", port: "in" });
  return builder.build();
}

/** in → out, with a sink for what is malformed where wanted. */
function straight(out: Sink, err?: Sink): Graph {
  const graph = through(new Passthrough());
  graph.attach("out", out);
  if (err !== undefined) graph.attach("err", err);
  return graph;
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join("");
}

describe("a flow from file to endpoint", () => {
  it("ships every event once and in order, and what is malformed to err", async () => {
    const endpoint = await Endpoint.open();
    const errors = join(await makeFolder(), "err.ndjson");
    const source = await openSource(await makeFile("in.ndjson", `${numbered(1_000)}broken\n${numbered(1)}`));
    const sink = new HttpSink(endpoint.url, { requestsInFlight: 1 });
    const accounting = await runFlow({ graph: straight(sink, await openSink(errors)), source });
    expect(accounting).toMatchObject({
      read: 1_002,
      delivered: 1_001,
      err: 1,
      inFlight: 0,
      answeredTwice: 0,
    });
    expect(endpoint.events).toEqual([...Array.from({ length: 1_000 }, (_, n) => ({ n })), { n: 0 }]);
    expect(JSON.parse(await readFile(errors, "utf8"))).toMatchObject({ line: 1_001, text: "broken" });
  });

  it("writes an event that nobody changed as it was read, and one that was changed as JSON says it", async () => {
    const lines = ["12345678901234567890", '{"a": 0.0, "b": "\\u00e4"}', "1e2"];
    const input = await makeFile("in.ndjson", `${lines.join("\r\n")}\r\n`);
    const written = async (graph: Graph, name: string): Promise<string> => {
      const path = join(await makeFolder(), name);
      graph.attach("out", await openSink(path));
      await runFlow({ graph, source: await openSource(input) });
      return readFile(path, "utf8");
    };
    expect(await written(through(new Passthrough()), "same")).toBe(`${lines.join("\n")}\n`);
    const wrapped = await written(through(new Select({ project: ({ data }) => [data] })), "wrapped");
    expect(wrapped).toBe('[12345678901234567000]\n[{"a":0,"b":"ä"}]\n[100]\n');
  });

  it("reads no faster than a slow endpoint takes", async () => {
    const underWay: number[] = [];
    const endpoint = await Endpoint.open((response) => {
      underWay.push(graph.accounting.inFlight);
      setTimeout(() => response.end(), 5);
    });
    const sink = new HttpSink(endpoint.url, { batchSize: 10, requestsInFlight: 2 });
    const graph = straight(sink);
    const source = await openSource(await makeFile("in.ndjson", numbered(3_000)));
    const accounting = await runFlow({ graph, source });
    expect(accounting).toMatchObject({ read: 3_000, delivered: 3_000 });
    // Two batches in flight, two in the queue, and one that fills.
    expect(Math.max(...underWay)).toBeLessThanOrEqual(50);
  });

  it("stops reading while the endpoint wants to be left alone, and loses nothing", async () => {
    const endpoint = await Endpoint.open((response, number) => {
      if (number === 3) response.writeHead(503, { "retry-after": "1" });
      response.end();
    });
    const sink = new HttpSink(endpoint.url, { batchSize: 10, requestsInFlight: 1 });
    const source = await openSource(await makeFile("in.ndjson", numbered(200)));
    const accounting = await runFlow({ graph: straight(sink), source });
    expect(accounting).toMatchObject({ read: 200, delivered: 190, failed: 10 });
    const [, , third, fourth] = endpoint.received;
    expect((fourth?.atMs ?? 0) - (third?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it("keeps what it refused in a form that ships again", async () => {
    const folder = await makeFolder();
    const text = `${numbered(100)}{"text":"Käse 😀\\u2028","list":[1,null,{}],"__proto__":1}\n`;
    const first = join(folder, "first.ndjson");
    const second = join(folder, "second.ndjson");
    const source = await openSource(await makeFile("in.ndjson", text));
    await runFlow({ graph: straight(await openSink(first)), source });
    await runFlow({ graph: straight(await openSink(second)), source: await openSource(first) });
    expect(await readFile(second, "utf8")).toBe(text);
  });

  it("leaves an old file as it was when another sink cannot start", async () => {
    const endpoint = await Endpoint.open();
    await endpoint.close();
    const precious = await makeFile("overflow.ndjson", "precious\n");
    const graph = straight(await openSink(precious), new HttpSink(endpoint.url));
    const source = await openSource(await makeFile("in.ndjson", "1\n"));
    await expect(runFlow({ graph, source })).rejects.toMatchObject({ code: "ERR_SINK" });
    expect(await readFile(precious, "utf8")).toBe("precious\n");
  });

  it("drains when it is stopped in the middle of a rest", async () => {
    const endpoint = await Endpoint.open((response) =>
      response.writeHead(503, { "retry-after": "60" }).end(),
    );
    const stop = new AbortController();
    const sink = new HttpSink(endpoint.url, { batchSize: 10, requestsInFlight: 1 });
    const source = await openSource(await makeFile("in.ndjson", numbered(1_000)));
    const running = runFlow({ graph: straight(sink), source, signal: stop.signal });
    await endpoint.arrival(1);
    setTimeout(() => stop.abort(), 20);
    const accounting = await running;
    expect(accounting.read).toBeLessThan(1_000);
    expect(accounting.failed).toBe(accounting.read);
  });
});
