import { Readable } from "node:stream";
import { Agent, Client, type Dispatcher, interceptors, request, fetch as undiciFetch } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CircuitOpenError, isCircuitOpenError } from "../../src/entry/main.ts";
import { circuitBreaker } from "../../src/entry/undici.ts";
import {
  type Counts,
  counting,
  countsOf,
  errorOf,
  FAILURE,
  fragile,
  NOTHING,
  PENDING,
  SUCCESS,
  turns,
} from "./fixture.ts";
import { type Origin, startOrigin } from "./origin.ts";

type Options = Omit<Parameters<typeof circuitBreaker>[0], "breakers">;

/** Before 7.24, undici tells this instead of the reason of the signal. */
const ABORTED = /^(no longer wanted|The operation was aborted\.)$/;

let origin: Origin;
let agent: Agent;

beforeAll(async () => {
  origin = await startOrigin();
});

afterAll(() => origin.stop());

beforeEach(() => {
  agent = new Agent();
});

afterEach(() => agent.destroy());

/** A guarded dispatcher, and what its breaker counts. */
function guarded(options: Options = {}, breakers = counting()) {
  const dispatcher = agent.compose(circuitBreaker({ breakers, ...options }));
  return {
    breakers,
    dispatcher,
    counts: (name = origin.url) => countsOf(breakers, name),
    get: (path: string, more: Partial<Dispatcher.RequestOptions> = {}) =>
      request(`${origin.url}/${path}`, { dispatcher, ...more }),
    fetch: (path: string, more: Parameters<typeof undiciFetch>[1] = {}) =>
      undiciFetch(`${origin.url}/${path}`, { dispatcher, ...more }),
  };
}

describe("a response through circuitBreaker", () => {
  it.each<[string, Counts]>([
    ["ok", SUCCESS],
    ["empty", SUCCESS],
    ["hints", SUCCESS],
    ["trailers", SUCCESS],
    ["gzip", SUCCESS],
    ["big", SUCCESS],
    ["status/204", SUCCESS],
    ["status/304", SUCCESS],
    ["status/404", SUCCESS],
    ["status/501", SUCCESS],
    ["status/408", FAILURE],
    ["status/429", FAILURE],
    ["status/500", FAILURE],
    ["status/599", FAILURE],
    ["redirect/ok", SUCCESS],
  ])("counts once when its body has been read: %s", async (path, expected) => {
    const { get, counts } = guarded();
    const { body } = await get(path);
    await body.text();
    expect(counts()).toEqual(expected);
  });

  it.each([
    ["ok", "all is well"],
    ["hints", "after 103"],
    ["gzip", "packed ".repeat(1_000)],
    ["redirect/ok", "all is well"],
  ])("is as without it: %s", async (path, text) => {
    const { fetch } = guarded();
    expect(await (await fetch(path)).text()).toBe(text);
  });

  it("keeps its trailers, and informational responses", async () => {
    const { get } = guarded();
    const infos: number[] = [];
    const { body, trailers } = await get("trailers");
    await body.text();
    expect(trailers).toEqual({ "x-sum": "7" });
    const hints = await get("hints", { onInfo: ({ statusCode }) => infos.push(statusCode) });
    expect(await hints.body.text()).toBe("after 103");
    expect(infos).toEqual([103]);
  });

  it("is a success with HEAD, whose body is empty", async () => {
    const { get, counts } = guarded();
    await (await get("big", { method: "HEAD" })).body.dump();
    expect(counts()).toEqual(SUCCESS);
  });

  it("waits for the end of the body before it is a success", async () => {
    const { get, counts } = guarded();
    const { body } = await get("big");
    expect(counts()).toEqual(PENDING);
    await body.arrayBuffer();
    expect(counts()).toEqual(SUCCESS);
  });

  it("is a success without being read where its body is short", async () => {
    const { get, counts } = guarded();
    await get("ok");
    await expect.poll(counts).toEqual(SUCCESS);
  });

  it("counts at its headers where settle says so, and where it is a stream of events", async () => {
    const { get, counts } = guarded({ settle: "headers" });
    const { body } = await get("cut-body");
    expect(counts()).toEqual(SUCCESS);
    expect((await errorOf(body.text())).code).toBe("UND_ERR_SOCKET");
    expect(counts()).toEqual(SUCCESS);
    const second = guarded();
    const events = await second.get("events");
    expect(second.counts()).toEqual(SUCCESS);
    events.body.on("error", () => {}).destroy();
  });

  it("counts once for each hop of a redirect that fetch follows", async () => {
    const { fetch, counts } = guarded();
    await (await fetch("redirect/redirect/ok")).text();
    expect(counts()).toEqual({ succeeded: 3, failed: 0, pending: 0 });
  });

  it("uses a connection again", async () => {
    agent = new Agent({ connections: 1 });
    const { get, counts } = guarded();
    let connections = 0;
    const count = () => connections++;
    origin.server.on("connection", count);
    for (let call = 0; call < 5; call++) await (await get("ok")).body.text();
    origin.server.off("connection", count);
    expect(connections).toBe(1);
    expect(counts()).toEqual({ succeeded: 5, failed: 0, pending: 0 });
  });
});

describe("a fault of the endpoint", () => {
  it.each([
    ["cut", {}, "UND_ERR_SOCKET"],
    ["cut-body", {}, "UND_ERR_SOCKET"],
    ["cut-chunks", {}, "UND_ERR_SOCKET"],
    ["silent", { headersTimeout: 30 }, "UND_ERR_HEADERS_TIMEOUT"],
    ["stall", { bodyTimeout: 30 }, "UND_ERR_BODY_TIMEOUT"],
  ])("is a failure, before its headers or after: %s", async (path, more, code) => {
    const { get, counts } = guarded();
    expect((await errorOf(get(path, more).then(({ body }) => body.text()))).code).toBe(code);
    expect(counts()).toEqual(FAILURE);
  });

  it("is a failure where nothing listens", async () => {
    const { dispatcher, counts } = guarded();
    expect((await errorOf(request("http://127.0.0.1:1/", { dispatcher }))).code).toBe("ECONNREFUSED");
    expect(counts("http://127.0.0.1:1")).toEqual(FAILURE);
  });

  it("is a failure where the deadline of the caller has passed, before the headers and in the body", async () => {
    const { get, counts } = guarded();
    const early = errorOf(get("silent", { signal: AbortSignal.timeout(30) }));
    expect((await early).name).toBe("TimeoutError");
    const late = get("drip", { signal: AbortSignal.timeout(60) }).then(({ body }) => body.text());
    expect((await errorOf(late)).name).toBe("TimeoutError");
    expect(counts()).toEqual({ succeeded: 0, failed: 2, pending: 0 });
  });

  it("is no failure as long as it drips, nor when the caller has had enough", async () => {
    const { get, counts } = guarded();
    const { body } = await get("drip", { bodyTimeout: 1_000 });
    let text = "";
    for await (const chunk of body) {
      text += chunk;
      if (text.length > 3) break; // which destroys the body
    }
    await turns();
    expect(counts()).toEqual(NOTHING);
  });

  it("is named by lastError of the opening", async () => {
    const breakers = fragile();
    const { get } = guarded({}, breakers);
    await errorOf(get("cut"));
    await errorOf(get("cut"));
    expect(breakers.get(origin.url).snapshot().opened?.lastError?.code).toBe("UND_ERR_SOCKET");
    const other = guarded({}, fragile());
    await (await other.get("status/502")).body.text();
    await (await other.get("status/502")).body.text();
    const { lastError } = other.breakers.get(origin.url).snapshot().opened ?? {};
    expect(lastError).toEqual({ name: "HttpStatusError", message: "status 502", code: 502 });
  });
});

describe("a fault that is not the endpoint's", () => {
  it("releases the call: abort before the headers", async () => {
    const { get, counts } = guarded();
    const abort = new AbortController();
    const answer = errorOf(get("silent", { signal: abort.signal }));
    await expect.poll(() => origin.paths.at(-1)).toBe("/silent");
    expect(counts()).toEqual(PENDING);
    abort.abort();
    expect((await answer).name).toBe("AbortError");
    expect(counts()).toEqual(NOTHING);
  });

  it("releases the call: abort before it is sent", async () => {
    const { get, fetch, counts } = guarded();
    expect((await errorOf(get("ok", { signal: AbortSignal.abort() }))).name).toBe("AbortError");
    expect((await errorOf(fetch("ok", { signal: AbortSignal.abort() }))).name).toBe("AbortError");
    expect(counts()).toEqual(NOTHING);
  });

  it("releases the call: abort in the body", async () => {
    const { get, fetch, counts } = guarded();
    const abort = new AbortController();
    const { body } = await get("drip", { signal: abort.signal });
    const response = await fetch("drip", { signal: abort.signal });
    expect(counts()).toEqual({ ...NOTHING, pending: 2 });
    abort.abort(new Error("no longer wanted"));
    expect((await errorOf(body.text())).message).toMatch(ABORTED);
    expect((await errorOf(response.text())).message).toMatch(ABORTED);
    expect(counts()).toEqual(NOTHING);
  });

  it("releases the call: the body is destroyed, or cancelled", async () => {
    const { get, fetch, counts } = guarded();
    const { body } = await get("drip");
    body.on("error", () => {}).destroy();
    const response = await fetch("drip");
    await response.body?.cancel();
    await turns();
    expect(counts()).toEqual(NOTHING);
  });

  it("releases the call: the dispatcher is closed, or destroyed, before it or under it", async () => {
    const { get, counts } = guarded();
    const answer = errorOf(get("silent"));
    await expect.poll(() => origin.paths.at(-1)).toBe("/silent");
    await agent.destroy();
    expect((await answer).code).toBe("UND_ERR_DESTROYED");
    expect((await errorOf(get("ok"))).code).toBe("UND_ERR_DESTROYED");
    agent = new Agent();
    const second = guarded();
    await agent.close();
    expect((await errorOf(second.get("ok"))).code).toMatch(/^UND_ERR_(?:CLOSED|DESTROYED)$/);
    expect([counts(), second.counts()]).toEqual([NOTHING, NOTHING]);
  });

  it("releases the call: bad arguments", async () => {
    const { get, counts } = guarded();
    const bad: Partial<Dispatcher.RequestOptions>[] = [
      { headers: { "no token": "x" } },
      { headersTimeout: -1 },
      { headers: { expect: "100-continue" } },
      { body: 7 as never },
      { method: "POST", body: "four", headers: { "content-length": "9" } },
    ];
    for (const more of bad) expect((await errorOf(get("echo", more))).code).toMatch(/^UND_ERR_/);
    expect(counts()).toEqual(NOTHING);
  });

  it("releases the call: the handler of the response throws", async () => {
    const { dispatcher, counts } = guarded();
    const failed = new Promise<Error>((resolve) => {
      dispatcher.dispatch(
        { origin: origin.url, path: "/ok", method: "GET" },
        {
          onRequestStart() {},
          onResponseStart() {
            throw new Error("of the handler");
          },
          onResponseError: (_, error) => resolve(error),
        },
      );
    });
    expect((await failed).message).toBe("of the handler");
    expect(counts()).toEqual(NOTHING);
  });

  it.each<[string, () => unknown]>([
    [
      "a stream of Node",
      () =>
        new Readable({
          read() {
            this.destroy(new Error("no more data"));
          },
        }),
    ],
    [
      "an asynchronous iterable",
      async function* () {
        yield "first";
        throw new Error("no more data");
      },
    ],
  ])("releases the call: the body that is sent fails: %s", async (_, body) => {
    const { get, counts } = guarded();
    const answer = get("echo", { method: "POST", body: body() as never }).then((got) => got.body.text());
    expect((await errorOf(answer)).message).toBe("no more data");
    expect(counts()).toEqual(NOTHING);
  });

  it("sends bodies of every kind as without it", async () => {
    const { get, fetch, counts } = guarded();
    async function* chunks() {
      yield "part 1, ";
      yield "part 2";
    }
    const text = "part 1, part 2";
    const bodies = [text, Buffer.from(text), Readable.from([text]), chunks()];
    for (const body of bodies) {
      const answer = await get("echo", { method: "POST", body: body as never });
      expect(await answer.body.text()).toBe(text);
    }
    const stream = new Blob([text]).stream() as never;
    expect(await (await fetch("echo", { method: "POST", body: stream, duplex: "half" })).text()).toBe(text);
    expect(counts()).toEqual({ succeeded: 5, failed: 0, pending: 0 });
  });

  it("releases the call of a fetch whose body fails while it is sent", async () => {
    const { fetch, counts } = guarded();
    const body = new ReadableStream({
      pull() {
        throw new Error("no more data");
      },
    });
    await errorOf(fetch("echo", { method: "POST", body: body as never, duplex: "half" }));
    await expect.poll(counts).toEqual(NOTHING);
  });
});

describe("an upgrade", () => {
  it("is a success when it is made", async () => {
    const { dispatcher, counts } = guarded();
    const { socket } = await dispatcher.upgrade({ origin: origin.url, path: "/", protocol: "echo" } as never);
    socket.on("error", () => {}).destroy();
    expect(counts()).toEqual(SUCCESS);
  });

  it("is a success by CONNECT when the tunnel is there, and a failure where the proxy has none", async () => {
    const { dispatcher, counts } = guarded();
    const connect = async (path: string) => {
      const { socket, statusCode } = await dispatcher.connect({ origin: origin.url, path } as never);
      socket.on("error", () => {}).destroy();
      return statusCode;
    };
    expect(await connect("example.com:443")).toBe(200);
    expect(await connect("refuse:443")).toBe(502);
    expect(counts()).toEqual({ succeeded: 1, failed: 1, pending: 0 });
  });
});

describe("a refusal", () => {
  it("fails with the CircuitOpenError, and reaches nobody", async () => {
    const { get, breakers } = guarded();
    breakers.get(origin.url).trip();
    const arrived = origin.paths.length;
    const error = await errorOf(get("ok"));
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ code: "ERR_CIRCUIT_OPEN", endpoint: origin.url, openedBy: "tripped" });
    expect(origin.paths.length).toBe(arrived);
  });

  it("is the cause of the TypeError of fetch", async () => {
    const { fetch, breakers } = guarded();
    breakers.get(origin.url).trip();
    const error = await errorOf(fetch("ok"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.cause).toBeInstanceOf(CircuitOpenError);
    expect(isCircuitOpenError(error)).toBe(true);
  });

  it("is a response of status 503 with Retry-After, where refuse says so", async () => {
    const { get, fetch, breakers } = guarded({ refuse: "response" });
    breakers.get(origin.url).trip(undefined, 20_000);
    const { statusCode, headers, body } = await get("ok");
    expect(statusCode).toBe(503);
    expect(headers).toEqual({
      "content-type": "text/plain; charset=utf-8",
      "proxy-status": "bluesmoke; error=destination_unavailable",
      "retry-after": "20",
    });
    expect(await body.text()).toMatch(/^circuit of "http:.*" is open \(tripped\), retry in \d+ ms\n$/);
    const response = await fetch("ok");
    expect([response.status, response.statusText]).toEqual([503, "Service Unavailable"]);
    expect(response.headers.get("retry-after")).toBe("20");
    expect(await response.text()).toMatch(/^circuit of/);
    expect((await fetch("ok", { method: "HEAD" })).body).toBeNull();
  });

  it("has no Retry-After where no time ends it", async () => {
    const { get, breakers } = guarded({ refuse: "response" });
    breakers.get(origin.url).forceOpen();
    expect((await get("ok")).headers).not.toHaveProperty("retry-after");
  });

  it("can be aborted, or paused, as any other response", async () => {
    const { dispatcher, breakers } = guarded({ refuse: "response" });
    breakers.get(origin.url).trip();
    const seen: string[] = [];
    const options = { origin: origin.url, path: "/ok", method: "GET" } as const;
    dispatcher.dispatch(options, {
      onRequestStart: (controller) => controller.abort(new Error("not now")),
      onResponseStart: () => seen.push("start"),
      onResponseError: (controller, error) => seen.push(`${error.message} ${controller.aborted}`),
    });
    expect(seen).toEqual(["not now true"]);
    let paused: Dispatcher.DispatchController | undefined;
    dispatcher.dispatch(options, {
      onRequestStart() {},
      onResponseStart(controller) {
        paused = controller;
        controller.pause();
      },
      onResponseData: () => seen.push("data"),
      onResponseEnd: () => seen.push("end"),
    });
    expect(seen).toEqual(["not now true"]);
    paused!.resume();
    expect(seen).toEqual(["not now true", "data", "end"]);
  });

  it("closes again by a request that succeeds", async () => {
    const breakers = fragile();
    const { get } = guarded({}, breakers);
    const breaker = breakers.get(origin.url);
    breaker.trip(breakers.now() - 100_000);
    expect(breaker.state).toBe("open");
    await (await get("ok")).body.text();
    expect(breaker.state).toBe("closed");
  });
});

describe("Retry-After", () => {
  it.each([
    ["429/600", 600_000],
    ["503/600", 600_000],
    ["408/600", 600_000],
    ["500/600", 60_000], // the delay of the breaker itself
    ["503/soon", 60_000],
  ])("holds the breaker open for 408, 429 and 503: %s", async (path, ms) => {
    const breakers = fragile();
    const { get } = guarded({}, breakers);
    for (let call = 0; call < 2; call++) await (await get(`later/${path}`)).body.text();
    const retryAfterMs = breakers.get(origin.url).retryAfterMs();
    expect(retryAfterMs).toBeGreaterThan(ms - 10_000);
    expect(retryAfterMs).toBeLessThanOrEqual(ms);
  });

  it("is read as a date, too, and is longer than the delay of the breaker", async () => {
    const breakers = fragile();
    const { get } = guarded({}, breakers);
    const date = encodeURIComponent(new Date(Date.now() + 600_000).toUTCString());
    for (let call = 0; call < 2; call++) await (await get(`later/503/${date}`)).body.text();
    const retryAfterMs = breakers.get(origin.url).retryAfterMs();
    expect(retryAfterMs).toBeGreaterThan(590_000);
    expect(retryAfterMs).toBeLessThanOrEqual(601_000);
  });
});

describe("retry", () => {
  const quick = { minTimeout: 1, maxTimeout: 1, maxRetries: 4 };

  it("after circuitBreaker in compose has each attempt counted, and stops when the breaker is open", async () => {
    const breakers = fragile();
    const dispatcher = agent.compose(circuitBreaker({ breakers }), interceptors.retry(quick));
    const arrived = origin.paths.length;
    const error = await errorOf(request(`${origin.url}/status/503`, { dispatcher }));
    expect(isCircuitOpenError(error)).toBe(true);
    expect(origin.paths.length - arrived).toBe(2); // which opened it
  });

  it("before circuitBreaker in compose has only the last attempt counted", async () => {
    const { breakers, counts } = guarded();
    const dispatcher = agent.compose(interceptors.retry(quick), circuitBreaker({ breakers }));
    const arrived = origin.paths.length;
    await errorOf(request(`${origin.url}/status/503`, { dispatcher }));
    expect(origin.paths.length - arrived).toBe(5);
    expect(counts()).toEqual(FAILURE);
  });

  it("takes up a body that broke off, and each attempt counts by itself", async () => {
    const { breakers, counts } = guarded();
    const dispatcher = agent.compose(circuitBreaker({ breakers }), interceptors.retry(quick));
    await errorOf(request(`${origin.url}/cut`, { dispatcher }));
    expect(counts()).toEqual({ succeeded: 0, failed: 5, pending: 0 });
  });
});

describe("other interceptors", () => {
  it("work on either side of it", async () => {
    const { breakers, counts } = guarded();
    const { redirect, dump } = interceptors;
    const outer = agent.compose(circuitBreaker({ breakers }), redirect({ maxRedirections: 3 }));
    const answer = await request(`${origin.url}/redirect/ok`, { dispatcher: outer });
    expect(await answer.body.text()).toBe("all is well");
    expect(counts()).toEqual({ succeeded: 2, failed: 0, pending: 0 });
    const inner = agent.compose(redirect({ maxRedirections: 3 }), circuitBreaker({ breakers }), dump());
    await (await request(`${origin.url}/redirect/ok`, { dispatcher: inner })).body.dump();
    expect(counts()).toEqual({ succeeded: 3, failed: 0, pending: 0 });
  });

  it.skipIf(!("decompress" in interceptors))("unpack a body outside of it", async () => {
    const { breakers, counts } = guarded();
    const outer = agent.compose(circuitBreaker({ breakers }), interceptors.decompress());
    const answer = await request(`${origin.url}/gzip`, { dispatcher: outer });
    expect(await answer.body.text()).toBe("packed ".repeat(1_000));
    expect(counts()).toEqual(SUCCESS);
  });
});

describe("key", () => {
  it("names the breaker: by method, by path template", async () => {
    const key = ({ method, path }: { method: string; path: string }) =>
      `${method} ${path.replace(/\d+/, "{code}")}`;
    const { get, counts, breakers } = guarded({ key });
    await (await get("status/500")).body.text();
    await (await get("status/200?a=1", { method: "PUT" })).body.text();
    expect(counts("GET /status/{code}")).toEqual(FAILURE);
    expect(counts("PUT /status/{code}?a=1")).toEqual(SUCCESS);
    expect(breakers.has(origin.url)).toBe(false);
  });

  it("that throws fails that request with its error", async () => {
    const { get, fetch } = guarded({
      key: () => {
        throw new Error("no such tenant");
      },
    });
    expect((await errorOf(get("ok"))).message).toBe("no such tenant");
    expect((await errorOf(fetch("ok"))).cause).toMatchObject({ message: "no such tenant" });
  });

  it.each([
    [undefined, "key must return a string of 1 to 1024 characters, got undefined"],
    ["", "key must return a string of 1 to 1024 characters, got 0 characters"],
    [7, "key must return a string of 1 to 1024 characters, got 7"],
    ["x".repeat(1_025), "key must return a string of 1 to 1024 characters, got 1025 characters"],
  ])("that gives no name fails that request, %#", async (name, message) => {
    const { get } = guarded({ key: () => name as string });
    expect(await errorOf(get("ok"))).toMatchObject({ message, code: "ERR_OPTION" });
  });

  it("is needed for a Client, which gives no origin", async () => {
    const breakers = counting();
    const client = new Client(origin.url);
    const unnamed = client.compose(circuitBreaker({ breakers }));
    const error = await errorOf(unnamed.request({ path: "/ok", method: "GET" }));
    expect(error.message).toContain('name its breaker, as in key: () => "payments"');
    const named = client.compose(circuitBreaker({ breakers, key: () => "payments" }));
    await (await named.request({ path: "/ok", method: "GET" })).body.text();
    expect(countsOf(breakers, "payments")).toEqual(SUCCESS);
    await client.destroy();
  });
});

describe("classify and statusCodes", () => {
  it("say which statuses are failures", async () => {
    const { get, counts } = guarded({ statusCodes: [404] });
    await (await get("status/500")).body.text();
    await (await get("status/404")).body.text();
    expect(counts()).toEqual({ succeeded: 1, failed: 1, pending: 0 });
  });

  it("judges headers and errors, and leaves the rest to the usual rule", async () => {
    const seen: unknown[] = [];
    const { get, counts } = guarded({
      classify: ({ request, status, headers, error }) => {
        seen.push([request.path, status, typeof headers, (error as { code?: string } | undefined)?.code]);
        if (status === 404) return "failure";
        if (status === 500) return "success";
        return status === 503 ? "ignored" : undefined;
      },
    });
    for (const code of [404, 500, 503, 502]) await (await get(`status/${code}`)).body.text();
    await errorOf(get("cut"));
    expect(counts()).toEqual({ succeeded: 1, failed: 3, pending: 0 });
    expect(seen.slice(0, 1)).toEqual([["/status/404", 404, "object", undefined]]);
    expect(seen.slice(4)).toEqual([["/cut", undefined, "undefined", "UND_ERR_SOCKET"]]);
  });

  it("may say for how long the breaker is to stay open", async () => {
    const breakers = fragile();
    const { get } = guarded({ classify: () => 600_000 }, breakers);
    for (let call = 0; call < 2; call++) await (await get("ok")).body.text();
    expect(breakers.get(origin.url).retryAfterMs()).toBeGreaterThan(590_000);
  });

  it("that throws fails that request, which counts by the usual rule", async () => {
    const { get, counts } = guarded({
      classify: () => {
        throw new Error("of classify");
      },
    });
    expect((await errorOf(get("ok"))).message).toBe("of classify");
    expect((await errorOf(get("cut"))).message).toBe("of classify");
    expect(counts()).toEqual({ succeeded: 1, failed: 1, pending: 0 });
    const other = guarded({ classify: () => "maybe" as never });
    expect((await errorOf(other.get("ok"))).message).toBe(
      'classify must return "success", "failure", "ignored", ms to stay open, or undefined, got maybe',
    );
  });
});

describe("circuitBreaker", () => {
  it("says what is wrong where it is not given to compose()", () => {
    const interceptor = circuitBreaker({ breakers: counting() });
    expect(() => interceptor(agent as never)).toThrow(
      "dispatch must be the dispatch function of an undici Dispatcher, as compose() gives it: dispatcher.compose(circuitBreaker({ … })), got an object",
    );
  });

  it("says what is wrong where the handler is one of undici 6", () => {
    const dispatch = circuitBreaker({ breakers: counting() })(() => true);
    const old = { onConnect() {}, onHeaders: () => true, onData: () => true, onComplete() {}, onError() {} };
    const options = { origin: origin.url, path: "/", method: "GET" } as const;
    expect(() => dispatch(options, old)).toThrow("handler must be a handler of undici 7 or 8");
  });

  it("counts two guards around one dispatcher each by itself", async () => {
    const [one, other] = [counting(), counting()];
    const dispatcher = agent.compose(
      circuitBreaker({ breakers: one }),
      circuitBreaker({ breakers: other, key: () => "all" }),
    );
    await (await request(`${origin.url}/ok`, { dispatcher })).body.text();
    expect([countsOf(one, origin.url), countsOf(other, "all")]).toEqual([SUCCESS, SUCCESS]);
  });
});
