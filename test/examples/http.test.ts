import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CircuitBreakerRegistry, isCircuitOpenError } from "../../src/entry/main.ts";
import { type Origin, startOrigin } from "../http/origin.ts";

/** As the examples are used: they are JavaScript. */
type App = (upstream: string, options: { breakers: CircuitBreakerRegistry }) => unknown;
type Ask = (path: string) => Promise<Response>;

/** Asks an app until the end of a test. */
async function served(server: Server): Promise<{ ask: Ask; stop: () => void }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ask: (path) => fetch(`http://127.0.0.1:${port}${path}`),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const SERVERS: Readonly<
  Record<string, (...given: Parameters<App>) => Promise<{ ask: Ask; stop: () => void }>>
> = {
  "fastify-upstream.mjs": async (upstream, options) => {
    const { createApp } = await import("../../examples/fastify-upstream.mjs" as string);
    const app = createApp(upstream, options);
    await app.ready();
    return served(createServer((request, response) => app.routing(request, response)));
  },
  "express-upstream.mjs": async (upstream, options) => {
    const { createApp } = await import("../../examples/express-upstream.mjs" as string);
    return served(createServer(createApp(upstream, options)));
  },
  "hono-upstream.mjs": async (upstream, options) => {
    const { createApp } = await import("../../examples/hono-upstream.mjs" as string);
    const app = createApp(upstream, options);
    return { ask: async (path) => app.request(path), stop: () => {} };
  },
};

const OPENS_SOON = {
  detector: { kind: "consecutive_failures", failures: 3 },
  backoff: { kind: "constant", delayMs: 20_000 },
} as const;

describe.each(Object.entries(SERVERS))("%s", (_, start) => {
  it("guards its upstream by host, refuses with 503 and Retry-After, and its health recovers", async () => {
    let status = 200;
    const upstream = createServer((request, response) => {
      response.statusCode = status;
      response.end(`order ${request.url}`);
    });
    const origin = await served(upstream);
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    let now = 1_000;
    const breakers = new CircuitBreakerRegistry({ clock: () => now, defaults: OPENS_SOON });
    const { ask, stop } = await start(url, { breakers });
    const [order, health] = [() => ask("/orders/17"), () => ask("/health")];

    expect(await (await order()).text()).toBe("order /orders/17");
    expect((await health()).status).toBe(200);
    status = 502;
    for (let call = 0; call < 3; call++) expect((await order()).status).toBe(502);
    const refused = await order();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "20"]);
    expect(await refused.json()).toEqual({ error: expect.stringContaining(`circuit of "${url}" is open`) });
    const down = await health();
    expect([down.status, await down.json()]).toEqual([503, { open: [url] }]);
    const metrics = await ask("/metrics");
    expect(metrics.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await metrics.text()).toContain(`bluesmoke_circuit_breaker_state{name="${url}",state="open"} 1`);
    status = 200;
    now += 20_000;
    expect((await health()).status).toBe(200); // half-open: the next request is a probe
    expect(await (await order()).text()).toBe("order /orders/17");
    expect(breakers.get(url).state).toBe("closed");
    stop();
    origin.stop();
  });
});

describe("http-clients.mjs", () => {
  let origin: Origin;
  let breakers: CircuitBreakerRegistry;

  beforeAll(async () => {
    origin = await startOrigin();
  });
  afterAll(() => origin.stop());
  beforeEach(() => {
    breakers = new CircuitBreakerRegistry({ defaults: OPENS_SOON });
  });

  it.each(["guardGot", "guardAxios"])("guards by host: %s", async (name) => {
    const examples = await import("../../examples/http-clients.mjs" as string);
    const client = examples[name](breakers);
    const get = (path: string): Promise<unknown> => (client.get ?? client)(`${origin.url}/${path}`);
    const failures = () => breakers.get(origin.url).snapshot().consecutiveFailures;
    await get("ok");
    await get("status/503").catch(() => {});
    expect(failures()).toBe(1);
    await get("status/404").catch(() => {}); // an answer: a success
    expect(failures()).toBe(0);
    for (const path of ["cut", "cut-body"]) await get(path).catch(() => {});
    expect(failures()).toBe(2);
    await get("later/503/600").catch(() => {});
    expect(breakers.get(origin.url).retryAfterMs()).toBeGreaterThan(590_000);
    const arrived = origin.paths.length;
    const error = await get("ok").catch((reason: unknown) => reason);
    expect(isCircuitOpenError(error)).toBe(true);
    expect(origin.paths.length).toBe(arrived);
  });
});
