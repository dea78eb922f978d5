import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { dataOf } from "../../ndjson/reading.ts";
import { replyTo } from "../support/client.ts";
import { listen, PATIENT, restore, takeAll, trigger } from "../support/listening.ts";

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
    expect(await client.post("1", { "content-encoding": "compress" })).toMatchObject({
      status: 415,
      headers: { "accept-encoding": expect.stringMatching(/^gzip, deflate, br/) },
      body: { error: expect.stringMatching(/^content-encoding must be one of gzip, .*, not compress$/) },
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
