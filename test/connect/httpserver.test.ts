import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { HttpServerSource } from "../../src/connect/httpserver.ts";
import type { ListenOptions } from "../../src/connect/listenoptions.ts";
import type { SourceItem } from "../../src/flow/ramp.ts";
import { Client, replyTo } from "./support/client.ts";
import { dataOf } from "./support/splitting.ts";

interface Listening {
  readonly source: HttpServerSource;
  readonly client: Client;
}

/** Long enough for a test that never wants a request to wait in vain. */
const PATIENT: ListenOptions = { patienceMs: 60_000 };

async function listen(options: ListenOptions = PATIENT): Promise<Listening> {
  const source = await HttpServerSource.open("listen:http://127.0.0.1:0/in", options, 100);
  onTestFinished(() => source.close());
  return { source, client: new Client(source.name) };
}

/** Pulls as a flow does that takes everything; returns what came so far. */
function takeAll(source: HttpServerSource): SourceItem[] {
  const taken: SourceItem[] = [];
  const take = async (): Promise<void> => {
    for (let items = await source.pull(); items !== undefined; items = await source.pull())
      taken.push(...items);
  };
  void take();
  return taken;
}

const trigger = { kind: "trigger", from: 7 } as Parameters<HttpServerSource["onInsight"]>[0];
const restore = { ...trigger, kind: "restore" } as const;

describe("an HTTP server as a source takes", () => {
  it("lines of JSON, and answers 202 with their number", async () => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    expect(await client.post('{"a":1}\n\n[2]\r\n12345678901234567890')).toMatchObject({
      status: 202,
      headers: { "content-type": "application/json" },
      body: { accepted: 3, malformed: 0 },
    });
    expect(taken).toMatchObject([{ text: '{"a":1}' }, { text: "[2]" }, { text: "12345678901234567890" }]);
  });

  it.each([
    ['[{"a":1},2]', [{ a: 1 }, 2]],
    [" \n[ ]", []],
    ['{\n  "a": 1\n}', [{ a: 1 }]],
    ["null", [null]],
  ])("application/json as one text: %j", async (body, data) => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    const reply = await client.post(body, { "content-type": "application/json; charset=utf-8" });
    expect(reply).toMatchObject({ status: 202, body: { accepted: data.length, malformed: 0 } });
    expect(dataOf(taken)).toEqual(data);
  });

  it("an array as an event where the content type says lines", async () => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    await client.post("[1]\n[2]\n", { "content-type": "application/x-ndjson" });
    expect(dataOf(taken)).toEqual([[1], [2]]);
  });

  it("what is malformed as well, counts it in the answer, and says 400 where nothing else is there", async () => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    const long = JSON.stringify("x".repeat(200));
    expect(await client.post(`1\nno\n${long}\n`)).toMatchObject({
      status: 202,
      body: { accepted: 1, malformed: 2 },
    });
    expect(await client.post("no\n")).toMatchObject({ status: 400, body: { accepted: 0, malformed: 1 } });
    const json = { "content-type": "application/json" };
    expect(await client.post("{", json)).toMatchObject({ status: 400, body: { accepted: 0, malformed: 1 } });
    expect(taken).toMatchObject([
      { data: 1 },
      { malformed: { line: 2, text: "no" } },
      { malformed: { line: 3, error: "longer than 100 bytes" } },
      { malformed: { line: 1, text: "no" } },
      { malformed: { text: "{" } },
    ]);
  });

  it("an empty body for what it is", async () => {
    const { client } = await listen();
    expect(await client.post("")).toMatchObject({ status: 202, body: { accepted: 0, malformed: 0 } });
  });

  it("one request after the other on one connection, refused ones too", async () => {
    const { source, client } = await listen();
    takeAll(source);
    await client.post("1");
    await client.send("GET", "");
    source.onInsight(trigger);
    await client.post("1".repeat(100));
    source.onInsight(restore);
    expect((await client.post("2")).status).toBe(202);
    expect(client.sockets.size).toBe(1);
  });
});

describe("an HTTP server as a source refuses", () => {
  it("other paths and methods", async () => {
    const { client } = await listen();
    expect(await client.send("POST", "1", {}, client.url.replace("/in", "/out"))).toMatchObject({
      status: 404,
      body: { error: "there is nothing here, post to /in" },
    });
    expect(await client.send("PUT", "1")).toMatchObject({ status: 405, headers: { allow: "POST" } });
    expect((await client.send("POST", "", {}, `${client.url}?a=b`)).status).toBe(202);
  });

  it("a body that is compressed", async () => {
    const { client } = await listen();
    expect(await client.post("1", { "content-encoding": "gzip" })).toMatchObject({
      status: 415,
      body: { error: "no content-encoding, not gzip" },
    });
  });

  it("a body that is too large: by its length, or while it comes", async () => {
    const { client } = await listen({ ...PATIENT, maximumBodyBytes: 10 });
    expect(await client.post("1".repeat(11))).toMatchObject({
      status: 413,
      headers: { connection: "close" },
    });
    const chunked = client.begin("POST", { "transfer-encoding": "chunked" });
    chunked.write("1".repeat(6));
    chunked.write("1".repeat(6));
    expect(await replyTo(chunked)).toMatchObject({
      status: 413,
      body: { error: "the body is larger than 10 bytes" },
    });
    expect((await client.post("")).status).toBe(202);
  });

  it("a body before it is sent, where the client asks first", async () => {
    const { source, client } = await listen();
    takeAll(source);
    const asking = client.begin("POST", { expect: "100-continue", "content-length": "1" });
    asking.flushHeaders();
    await once(asking, "continue");
    asking.end("1");
    expect((await replyTo(asking)).status).toBe(202);
    source.onInsight(trigger);
    const refused = client.begin("POST", { expect: "100-continue", "content-length": "1" });
    refused.on("continue", () => expect.unreachable());
    refused.flushHeaders();
    expect(await replyTo(refused)).toMatchObject({ status: 503, headers: { connection: "close" } });
  });

  it("what the flow does not take in time, with Retry-After, and nothing of it is in the flow", async () => {
    const { source, client } = await listen({ patienceMs: 20 });
    expect(await client.post("1\n2\n")).toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
      body: { error: "the flow takes no events now" },
    });
    const taken = takeAll(source);
    await client.post("3\n");
    expect(dataOf(taken)).toEqual([3]);
  });

  it("the rest of a request in whose middle the flow is told to wait, after its patience", async () => {
    const { source, client } = await listen({ patienceMs: 20 });
    const first = client.post("1\n2\n3\n");
    const flow = (await source.pull())?.[Symbol.iterator]();
    expect(flow?.next().value).toMatchObject({ data: 1 });
    source.onInsight(trigger);
    expect(await first).toMatchObject({
      status: 503,
      body: { error: "the flow takes no events now, and has taken the first 1 of 3 events" },
    });
    expect(flow?.next()).toEqual({ done: true, value: undefined });
  });

  it("everything from a trigger to the restore of its sender, those that wait too", async () => {
    const { source, client } = await listen({ ...PATIENT, retryAfterMs: () => 4_200 });
    const waiting = client.begin("POST");
    waiting.end("1");
    const reply = replyTo(waiting);
    // Nobody pulls, so an answer before the trigger would be a fault.
    await client.send("GET", "");
    source.onInsight(trigger);
    expect(await reply).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    source.onInsight({ ...trigger, from: 8 });
    source.onInsight(restore);
    expect((await client.post("2")).status).toBe(503);
    source.onInsight({ ...restore, from: 8 });
    const taken = takeAll(source);
    expect((await client.post("3")).status).toBe(202);
    expect(dataOf(taken)).toEqual([3]);
  });

  it.each([
    [Number.POSITIVE_INFINITY, "3600"],
    [0, "1"],
    [Number.NaN, "1"],
    [1, "1"],
    [1_001, "2"],
  ])("with a Retry-After that can be relied on: %d ms", async (retryAfterMs, seconds) => {
    const { source, client } = await listen({ retryAfterMs: () => retryAfterMs });
    source.onInsight(trigger);
    expect((await client.post("1")).headers["retry-after"]).toBe(seconds);
  });

  it("more requests at once than it may hold", async () => {
    const { source, client } = await listen({ ...PATIENT, maximumRequests: 2 });
    const held = [client.begin("POST"), client.begin("POST")];
    for (const one of held) one.write("1\n");
    // Both have arrived when a third is one too many.
    for (let status = 0; status !== 503; ) status = (await client.post("")).status;
    expect(await client.post("3")).toMatchObject({
      status: 503,
      body: { error: "too many requests at once" },
    });
    takeAll(source);
    for (const one of held) one.end();
    expect((await Promise.all(held.map(replyTo))).map(({ status }) => status)).toEqual([202, 202]);
  });

  it("a client that sends its request too slowly", async () => {
    const { source } = await listen({ timeoutMs: 100 });
    const { port } = new URL(source.name);
    const socket = connect({ port: Number(port), host: "127.0.0.1" });
    socket.write("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n1");
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /);
  });

  it("a client that sends its headers too slowly", async () => {
    const { source } = await listen({ timeoutMs: 100 });
    const { port } = new URL(source.name);
    const socket = connect({ port: Number(port), host: "127.0.0.1" });
    socket.write("POST /in HTTP/1.1\r\nHost: ");
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe("an HTTP server as a source, when it is closed,", () => {
  it("answers whoever waits, and then listens no more", async () => {
    const { source, client } = await listen();
    const waiting = client.begin("POST", { expect: "100-continue", "content-length": "1" });
    waiting.flushHeaders();
    await once(waiting, "continue");
    waiting.end("1");
    const [reply] = await Promise.all([replyTo(waiting), source.close()]);
    expect(reply).toMatchObject({ status: 503, headers: { connection: "close" } });
    await expect(new Client(source.name).post("2")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("says how much of a request is in the flow", async () => {
    const { source, client } = await listen();
    const posting = client.post("1\n2\n3\n");
    for (const item of (await source.pull()) ?? []) {
      if ("data" in item && item.data === 2) break;
    }
    await source.close();
    expect(await posting).toMatchObject({
      status: 503,
      body: { error: "the flow ends, and has taken the first 2 of 3 events" },
    });
  });

  it("does not wait for a client that never finishes its request", async () => {
    const { source } = await listen();
    const socket = connect({ port: Number(new URL(source.name).port), host: "127.0.0.1" });
    socket.on("error", () => {});
    socket.write("POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n1");
    await once(socket, "connect");
    const closed = once(socket.resume(), "close");
    await source.close();
    await closed;
  });

  it("gives a pending pull its end", async () => {
    const { source } = await listen();
    const pulling = source.pull();
    await source.close();
    expect(await pulling).toBeUndefined();
  });

  it("takes nothing of a request whose client has gone away before the flow came to it", async () => {
    const { source, client } = await listen({ ...PATIENT, maximumRequests: 1 });
    const leaving = client.begin("POST", { expect: "100-continue", "content-length": "1" });
    leaving.on("error", () => {});
    leaving.flushHeaders();
    await once(leaving, "continue");
    leaving.end("1");
    expect((await client.post("")).status).toBe(503);
    leaving.destroy();
    // Its place is free once the server has seen that it left.
    for (let status = 503; status !== 202; ) status = (await client.post("")).status;
    const taken = takeAll(source);
    expect((await client.post("2")).status).toBe(202);
    expect(dataOf(taken)).toEqual([2]);
    expect(source.answers.get(202)).toBeGreaterThanOrEqual(2);
  });

  it("survives a client that goes away in the middle of its body, and takes nothing of it", async () => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    const leaving = client.begin("POST");
    leaving.on("error", () => {});
    leaving.write("1\n2\n");
    await client.send("GET", "");
    leaving.destroy();
    expect((await client.post("3\n")).status).toBe(202);
    expect(dataOf(taken)).toEqual([3]);
  });
});
