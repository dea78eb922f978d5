import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { serveElsewhere } from "../support/elsewhere.ts";
import { Endpoint } from "../support/endpoint.ts";
import { eventOf } from "../support/recorder.ts";
import { push, ship } from "../support/shipping.ts";

/** A port that nobody listens on. */
async function deadPort(): Promise<number> {
  const endpoint = await Endpoint.open();
  const port = endpoint.port;
  await endpoint.close();
  return port;
}

describe("an HTTP sink fails every event of a batch and never sends it again", () => {
  it.each([301, 401, 403, 407, 408, 421, 425, 429, 500, 503])("when the answer is %d", async (status) => {
    const endpoint = await Endpoint.open((response) => response.writeHead(status, { location: "/" }).end());
    const { sink, recorder } = await ship(endpoint.url);
    push(sink, 3);
    await sink.drain();
    const meta = { error: `HTTP ${status}`, status };
    expect(recorder.failed).toEqual([0, 1, 2].map((data) => ({ data, meta })));
    expect(endpoint.received).toHaveLength(1);
  });

  it("when no answer comes in time", async () => {
    const endpoint = await Endpoint.open(() => {});
    const { sink, recorder } = await ship(endpoint.url, { timeoutMs: 30 });
    push(sink, 2);
    await sink.drain();
    const meta = { error: "timeout after 30 ms" };
    expect(recorder.failed).toEqual([0, 1].map((data) => ({ data, meta })));
  });

  it("when the head of an answer comes in time but not its end", async () => {
    const endpoint = await Endpoint.open((response) => response.writeHead(200).write("wait"));
    const { sink, recorder } = await ship(endpoint.url, { timeoutMs: 40 });
    push(sink, 1);
    await sink.drain();
    expect(recorder.failed).toEqual([{ data: 0, meta: { error: "timeout after 40 ms" } }]);
  });

  it("when the connection is refused", async () => {
    const port = await deadPort();
    const { sink, recorder } = await ship(`http://127.0.0.1:${port}/`);
    push(sink, 1);
    await sink.drain();
    expect(recorder.failed[0]?.meta).toEqual({ error: `connect ECONNREFUSED 127.0.0.1:${port}` });
    expect(sink.counters).toMatchObject({ requests: 1, requestsFailed: 1 });
  });

  it("when the connection is refused over IPv6 and IPv4", async () => {
    const { sink, recorder } = await ship(`http://localhost:${await deadPort()}/`);
    push(sink, 1);
    await sink.drain();
    expect(recorder.failed[0]?.meta.error).toMatch(/^connect ECONNREFUSED/);
  });

  it("when the endpoint dies before it answers", async () => {
    const endpoint = await Endpoint.open((response) => response.destroy());
    const { sink, recorder } = await ship(endpoint.url);
    push(sink, 1);
    await sink.drain();
    expect(recorder.failed[0]?.meta.error).toMatch(/other side closed|ECONNRESET|socket hang up/);
    expect(endpoint.received).toHaveLength(1);
  });

  it("when the endpoint dies in the middle of its answer, although it had said 200", async () => {
    const endpoint = await Endpoint.open((response) => {
      response.writeHead(200, { "content-length": 100 }).write("half", () => response.destroy());
    });
    const { sink, recorder } = await ship(endpoint.url);
    push(sink, 1);
    await sink.drain();
    expect(recorder.acked).toEqual([]);
    expect(recorder.failed).toHaveLength(1);
  });

  it("when what answers does not speak HTTP", async () => {
    const server = createServer((socket) => socket.end("good morning\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { sink, recorder } = await ship(`http://127.0.0.1:${port}/`);
    push(sink, 1);
    await sink.drain();
    server.close();
    expect(recorder.failed).toHaveLength(1);
  });
});

describe("an HTTP sink", () => {
  it("goes on by itself when the endpoint comes back", async () => {
    const endpoint = await Endpoint.open((response, number) => {
      if (number <= 3) response.destroy();
      else response.end();
    });
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1, requestsInFlight: 1 });
    push(sink, 6);
    await sink.drain();
    expect(recorder.failed.map(({ data }) => data)).toEqual([0, 1, 2]);
    expect(recorder.acked).toEqual([3, 4, 5]);
  });

  it.each([1, 2])(
    "does not blame the endpoint for a standstill of our own event loop, %d turns later",
    async (turns) => {
      const { sink, recorder } = await ship(await serveElsewhere(), { timeoutMs: 300, lingerMs: 0 });
      push(sink, 1);
      await sink.drain();
      push(sink, 1);
      const drained = sink.drain();
      // The request is about to leave, or has left and its answer comes while we do nothing.
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      standStill(900);
      await drained;
      expect(recorder.acked).toEqual([0, 0]);
    },
  );
});

function standStill(durationMs: number): void {
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs);
}

describe("an HTTP sink rejects, which says nothing about the endpoint,", () => {
  it.each([404, 405, 409, 410, 415])("a batch that is answered by %d, in one request", async (status) => {
    const endpoint = await Endpoint.open((response) => response.writeHead(status).end());
    const { sink, recorder } = await ship(endpoint.url);
    push(sink, 3);
    await sink.drain();
    const meta = { error: `HTTP ${status}`, status };
    expect(recorder.rejected).toEqual([0, 1, 2].map((data) => ({ data, meta })));
    expect(recorder.failed).toEqual([]);
    expect(endpoint.received).toHaveLength(1);
  });

  it.each([207, 400, 413, 422])(
    "only the events that are at fault, after halving the batch: %d",
    async (status) => {
      const poison = [3, 62, 63];
      const endpoint = await Endpoint.open((response) => {
        const body = endpoint.received.at(-1)?.body.trim().split("\n").map(Number) ?? [];
        response.writeHead(body.some((n) => poison.includes(n)) ? status : 200).end();
      });
      const { sink, recorder } = await ship(endpoint.url, { batchSize: 100 });
      push(sink, 100);
      await sink.drain();
      const error = status === 207 ? "HTTP 207: some of the events were not taken" : `HTTP ${status}`;
      const meta = { error, status };
      expect(recorder.rejected.map(({ data }) => data).sort()).toEqual([3, 62, 63]);
      expect(recorder.rejected[0]?.meta).toEqual(meta);
      expect(recorder.acked).toHaveLength(97);
      expect(recorder.failed).toEqual([]);
      expect(endpoint.received.length).toBeLessThan(40);
    },
  );

  it("the rest of a batch of which nothing is taken, without a request for each event", async () => {
    const endpoint = await Endpoint.open((response) => response.writeHead(400).end());
    const { sink, recorder } = await ship(endpoint.url, { batchSize: 1_000, requestsInFlight: 1 });
    push(sink, 1_000);
    await sink.drain();
    expect(recorder.rejected).toHaveLength(1_000);
    expect(endpoint.received.length).toBeLessThan(40);
  });

  it("what JSON cannot say", async () => {
    const endpoint = await Endpoint.open();
    const { sink, recorder } = await ship(endpoint.url);
    sink.onEvent(eventOf(undefined));
    expect(recorder.rejected[0]?.meta.error).toBe("undefined has no form in JSON");
  });
});
