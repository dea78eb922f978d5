import { describe, expect, it } from "vitest";
import { HttpSink } from "../../../src/connect/http/http-sink.ts";
import { type Answering, Endpoint, ok } from "../support/endpoint.ts";
import { eventOf, Recorder } from "../support/recorder.ts";
import { push, ship } from "../support/shipping.ts";

describe("requests of an HTTP sink", () => {
  it("post batches of NDJSON to the path and query of the URL", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(`${endpoint.url}?a=b#c`, { batchSize: 2, requestsInFlight: 1 });
    for (const data of [{ a: "\n" }, "text", 3]) sink.onEvent(eventOf(data));
    await sink.drain();
    expect(endpoint.received.map(({ body }) => body)).toEqual(['{"a":"\\n"}\n"text"\n', "3\n"]);
    expect(endpoint.received[0]).toMatchObject({ method: "POST", path: "/events?a=b" });
    expect(endpoint.received[0]?.headers).toMatchObject({ "content-type": "application/x-ndjson" });
    expect(recorder.acked).toEqual([{ a: "\n" }, "text", 3]);
  });

  it("carry the user's headers, and the user and password of the URL", async () => {
    const endpoint = await Endpoint.open();
    const url = endpoint.url.replace("//", "//me:p%40ss@");
    const headers = { "X-Key": "1", "Content-Type": "application/json" };
    const { sink } = await ship(url, { headers });
    push(sink, 1);
    await sink.drain();
    expect(endpoint.received[0]?.headers).toMatchObject({
      "x-key": "1",
      "content-type": "application/json",
      authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
    });
    expect(sink.name).toBe(endpoint.url);
  });

  it("leave with a single event as soon as it has lingered, without a full batch", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 100, lingerMs: 1 });
    push(sink, 1);
    await recorder.until(({ acked }) => acked.length === 1);
    expect(endpoint.received).toHaveLength(1);
  });

  it("leave with each of several lone events", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 2, lingerMs: 1 });
    push(sink, 2);
    for (let count = 3; count <= 5; count++) {
      push(sink, 1);
      await recorder.until(({ acked }) => acked.length === count);
    }
    expect(endpoint.received).toHaveLength(4);
  });

  it("leave at once when the batch is full, however long it might linger", async () => {
    const endpoint = await Endpoint.open();
    const { sink } = await ship(endpoint.url, { batchSize: 3, lingerMs: 60_000 });
    push(sink, 4);
    await endpoint.arrival(1);
    expect(endpoint.events).toEqual([0, 1, 2]);
  });

  it("have no more bytes of UTF-8 than the limit, and are full when another event would exceed it", async () => {
    const endpoint = await Endpoint.open();
    const { sink } = await ship(endpoint.url, { batchBytes: 16, lingerMs: 5, requestsInFlight: 1 });
    // 7 bytes of UTF-8 with quotes and line feed, and 5 characters.
    for (const data of ["\u00e9\u00e9", "\u00e9\u00e9", "\u00e9\u00e9"]) sink.onEvent(eventOf(data));
    await sink.drain();
    expect(endpoint.received.map(({ headers }) => headers["content-length"])).toEqual(["14", "7"]);
  });

  it("have an event alone that exceeds the limit by itself", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(endpoint.url, { batchBytes: 10, requestsInFlight: 1 });
    for (const data of [1, "x".repeat(50), 2]) sink.onEvent(eventOf(data));
    await sink.drain();
    expect(endpoint.received.map(({ body }) => body.length)).toEqual([2, 53, 2]);
    expect(recorder.acked).toHaveLength(3);
  });

  it("stay below the mebibyte that nginx takes, at the defaults", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(endpoint.url);
    for (let i = 0; i < 30; i++) sink.onEvent(eventOf("x".repeat(100_000)));
    await sink.drain();
    expect(Math.max(...endpoint.received.map(({ body }) => body.length))).toBeLessThanOrEqual(1_000_000);
    expect(endpoint.received).toHaveLength(4);
    expect(recorder.acked).toHaveLength(30);
  });

  it("never exceed the limit in flight, and use the same sockets again", async () => {
    const later: Answering = (response) => void setTimeout(() => response.end(), 2);
    const endpoint = await Endpoint.open(later);
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 3 });
    push(sink, 60);
    await sink.drain();
    expect(recorder.acked).toHaveLength(60);
    expect(endpoint.mostAtOnce).toBe(3);
    expect(endpoint.sockets).toBe(3);
    expect(sink.counters.sockets).toBe(3);
  });

  it("use the same socket again after failures with a body", async () => {
    const endpoint = await Endpoint.open((response) => response.writeHead(500).end("x".repeat(1_000)));
    const { sink } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    push(sink, 10);
    await sink.drain();
    expect(endpoint.received).toHaveLength(10);
    expect(endpoint.sockets).toBe(1);
  });

  it("do not read a response without end, but believe its status", async () => {
    const endpoint = await Endpoint.open((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    });
    const { sink, recorder } = await ship(endpoint.url);
    push(sink, 1);
    await sink.drain();
    expect(recorder.acked).toEqual([0]);
  });

  it("are counted by their answers", async () => {
    const endpoint = await Endpoint.open((response, number) => {
      if (number >= 4) response.destroy();
      else response.writeHead([200, 204, 503][number - 1] ?? 200).end();
    });
    const { sink } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    push(sink, 4);
    await sink.drain();
    expect(sink.counters).toMatchObject({ requests: 4, requestsFailed: 2 });
    expect([...sink.counters.statuses]).toEqual([
      [200, 1],
      [204, 1],
      [503, 1],
    ]);
  });

  it("tell how long the endpoint took, without the time in the queue", async () => {
    const endpoint = await Endpoint.open((response) => void setTimeout(() => response.end(), 20));
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    const startMs = performance.now();
    push(sink, 3);
    await sink.drain();
    const totalMs = performance.now() - startMs;
    expect(Math.min(...recorder.durations)).toBeGreaterThanOrEqual(18);
    // One after the other: with the time in the queue, the sum would be twice the total.
    expect(recorder.durations.reduce((sum, one) => sum + one)).toBeLessThanOrEqual(totalMs);
  });
});

describe("back pressure of an HTTP sink", () => {
  it("begins when batches wait for a request, and its end is told", async () => {
    const endpoint = await Endpoint.open(() => {});
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 10, requestsInFlight: 1 });
    push(sink, 29);
    expect(sink.congested).toBe(false);
    push(sink, 1);
    expect(sink.congested).toBe(true);
    await endpoint.arrival(1);
    expect(recorder.relievedCount).toBe(0);
    endpoint.answering = ok;
    endpoint.release();
    await recorder.until(({ relievedCount }) => relievedCount === 1);
    expect(sink.congested).toBe(false);
    await sink.drain();
    expect(recorder.acked).toHaveLength(30);
  });

  it("keeps what it is given although it is congested", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    const numbers = push(sink, 500);
    await sink.drain();
    expect(recorder.acked).toEqual(numbers);
  });
});

it("fails what JSON cannot say and ships the rest", async () => {
  const endpoint = await Endpoint.open();
  const { sink, recorder } = await ship(endpoint.url);
  sink.onEvent(eventOf(() => {}));
  push(sink, 1);
  await sink.drain();
  expect(recorder.rejected[0]?.meta.error).toBe("function has no form in JSON");
  expect(recorder.acked).toEqual([0]);
});

it("closes a sink that was never started", async () => {
  const sink = new HttpSink("http://127.0.0.1:1/");
  await sink.close();
  expect(sink.counters.requests).toBe(0);
  expect(new Recorder().answered).toBe(0);
});
