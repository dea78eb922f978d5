import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { dashboard } from "../../src/dashboard/dashboard.ts";
import { type NodeRequest, type NodeResponse, nodeListener } from "../../src/dashboard/node-listener.ts";

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** Serves it on a free port of this machine; its origin. */
async function serve(listener: (request: NodeRequest, response: NodeResponse) => void): Promise<string> {
  server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a listener of node:http", () => {
  it("serves the page, its files and its streams", async () => {
    const registry = new CircuitBreakerRegistry();
    registry.get("payments").trip();
    const origin = await serve(nodeListener(dashboard(registry)));
    const html = await (await fetch(`${origin}/breakers/`)).text();
    const script = /src="(page\.\w+\.js)"/.exec(html)?.[1];
    expect((await fetch(`${origin}/breakers/${script}`)).headers.get("content-type")).toBe(
      "text/javascript; charset=utf-8",
    );
    const stream = await fetch(`${origin}/breakers/stream`);
    const reader = stream.body!.getReader(); // a stream has a body
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('"payments"');
    await reader.cancel();
  });

  it("ends a stream when its client goes: nothing is sampled then", async () => {
    const registry = new CircuitBreakerRegistry();
    const origin = await serve(nodeListener(dashboard(registry)));
    const going = new AbortController();
    const { body } = await fetch(`${origin}/stream`, { signal: going.signal });
    await body!.getReader().read(); // a stream has a body
    expect(registry._engine.dispatcher.hasListeners).toBe(true);
    going.abort();
    await vi.waitFor(() => expect(registry._engine.dispatcher.hasListeners).toBe(false), 5_000);
  });

  it("hands on method, headers and body, and the path from before a mount of Express", async () => {
    const seen: unknown[] = [];
    const listener = nodeListener(async (request) => {
      seen.push([
        request.method,
        new URL(request.url).pathname,
        request.headers.get("x-a"),
        await request.text(),
      ]);
      return new Response("done", { status: 201, headers: { "x-b": "2" } });
    });
    const origin = await serve((request, response) =>
      listener(Object.assign(request, { originalUrl: `/mounted${request.url}` }), response),
    );
    const response = await fetch(`${origin}/switch`, {
      method: "POST",
      headers: { "x-a": "1" },
      body: "{é}",
    });
    expect([response.status, response.headers.get("x-b"), await response.text()]).toEqual([201, "2", "done"]);
    expect(seen).toEqual([["POST", "/mounted/switch", "1", "{é}"]]);
  });

  it("takes the body that a parser of Express has read", async () => {
    const listener = nodeListener(async (request) => new Response(await request.text()));
    const origin = await serve((request, response) =>
      listener(Object.assign(request, { body: { action: "trip" } }), response),
    );
    const response = await fetch(origin, { method: "POST", body: "unread" });
    expect(await response.json()).toEqual({ action: "trip" });
  });

  it("refuses a body that is too large, and a host that is none", async () => {
    const origin = await serve(nodeListener(() => new Response("not reached")));
    const response = await fetch(origin, { method: "POST", body: "x".repeat(70_000) });
    expect(response.status).toBe(413);
    const raw = httpRequest(origin, { headers: { host: "a b" } }).end();
    const [answer] = (await once(raw, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(400);
    answer.resume();
  });

  it("closes the connection where the handler fails", async () => {
    const origin = await serve(nodeListener(() => Promise.reject(new Error("a bug"))));
    await expect(fetch(origin)).rejects.toThrow();
  });
});
