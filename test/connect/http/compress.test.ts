import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { HttpSink } from "../../../src/connect/http/http-sink.ts";
import { dataOf } from "../../ndjson/reading.ts";
import { listen, takeAll } from "../support/listening.ts";
import { push, ship } from "../support/shipping.ts";
import { zstdSync } from "../support/zstd.ts";

interface Raw {
  readonly encoding: string | undefined;
  readonly length: number;
  readonly body: Buffer;
}

/** A server that keeps bodies as they came. */
async function keepRaw(): Promise<{ url: string; received: Raw[] }> {
  const received: Raw[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { "content-encoding": encoding, "content-length": length } = request.headers;
    received.push({ encoding, length: Number(length), body });
    response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received };
}

describe("an HTTP sink compresses", () => {
  it("each body with gzip", async () => {
    const { url, received } = await keepRaw();
    const { sink, recorder } = await ship(url, { compress: "gzip", batchSize: 100, requestsInFlight: 1 });
    push(sink, 150);
    await sink.drain();
    expect(received.map(({ encoding }) => encoding)).toEqual(["gzip", "gzip"]);
    const lines = received.map(({ body }) => gunzipSync(body).toString()).join("");
    expect(lines.trimEnd().split("\n").map(Number)).toEqual(Array.from({ length: 150 }, (_, n) => n));
    expect(received.every(({ body, length }) => body.length === length)).toBe(true);
    expect(recorder.acked).toHaveLength(150);
  });

  it("nothing by default", async () => {
    const { url, received } = await keepRaw();
    const { sink } = await ship(url);
    push(sink, 1);
    await sink.drain();
    expect(received).toEqual([{ encoding: undefined, length: 2, body: Buffer.from("0\n") }]);
  });

  it.each(["gzip", ...(zstdSync === undefined ? [] : (["zstd"] as const))] as const)(
    "for a server of ours: %s",
    async (compress) => {
      const { source } = await listen();
      const taken = takeAll(source);
      const { sink, recorder } = await ship(source.name, { compress });
      push(sink, 1_000);
      await sink.drain();
      expect(recorder.acked).toHaveLength(1_000);
      expect(dataOf(taken)).toHaveLength(1_000);
    },
  );

  it("while the event loop goes on", async () => {
    const { url } = await keepRaw();
    const { sink } = await ship(url, { compress: "gzip", batchBytes: 20_000_000, requestsInFlight: 1 });
    const { eventOf } = await import("../support/recorder.ts");
    const text = Array.from({ length: 500_000 }, (_, n) => n).join();
    for (let n = 0; n < 4; n++) sink.onEvent(eventOf(text));
    let longestMs = 0;
    let before = performance.now();
    const timer = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - before);
      before = performance.now();
    }, 1);
    const startedMs = performance.now();
    await sink.drain();
    clearInterval(timer);
    // Compressing 14 MB takes 100 ms at the least; on the event loop that would be one gap.
    expect(longestMs).toBeLessThan((performance.now() - startedMs) * 0.8);
  });

  it.skipIf(zstdSync !== undefined)("with zstd only where Node has it", () => {
    expect(() => new HttpSink("http://127.0.0.1/", { compress: "zstd" })).toThrow(
      `compress must be none or gzip: zstd needs Node 22.15 or 23.8, this is Node ${process.versions.node}`,
    );
  });

  it("with nothing else", () => {
    const make = () => new HttpSink("http://127.0.0.1/", { compress: "br" as "gzip" });
    expect(make).toThrow('compress must be one of "none", "gzip", "zstd", got "br"');
    const headers = { "content-encoding": "gzip" };
    expect(() => new HttpSink("http://127.0.0.1/", { headers })).toThrow("headers must be without what");
  });
});
