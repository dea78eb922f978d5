import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { dataOf } from "../../ndjson/reading.ts";
import { Client, replyTo } from "../support/client.ts";
import { listen, PATIENT, restore, takeAll, trigger } from "../support/listening.ts";

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

  it.each([
    ["application/json", "\ufeff [1]", ["1"]],
    ["application/json", `${" ".repeat(5_000)}[1,2]`, ["1", "2"]],
    ["application/json", "\ufeff9007199254740993", ["9007199254740993"]],
    ["application/json", '{\n  "a": 1e400\n}\n', ['{"a": 1e400}']],
    ["application/cloudevents-batch+json", '[{"id":"a"},{"id":"b"}]', ['{"id":"a"}', '{"id":"b"}']],
    ["application/cloudevents+json; charset=UTF-8", '{\n"id":"a"}', ['{"id":"a"}']],
    ["Application/Vnd.Api+JSON", '{\n"id":1}', ['{"id":1}']],
  ])("%s as one text, digit for digit: %j", async (type, body, texts) => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    expect(await client.post(body, { "content-type": type })).toMatchObject({ status: 202 });
    expect(taken.map((item) => "text" in item && item.text)).toEqual(texts);
  });

  it("a request to a whole URL, as clients send it to a proxy", async () => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    const { port, host } = new URL(client.url);
    const socket = connect(Number(port), "127.0.0.1");
    const head = `POST ${client.url}?a=1 HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 2\r\nconnection: close`;
    socket.write(`${head}\r\n\r\n1\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 202 /);
    expect(dataOf(taken)).toEqual([1]);
  });

  it("a content-encoding that changes nothing, however it is spelled", async () => {
    const { source, client } = await listen();
    const taken = takeAll(source);
    expect(await client.post("1\n", { "content-encoding": "Identity" })).toMatchObject({ status: 202 });
    expect(dataOf(taken)).toEqual([1]);
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
