import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fetch as undiciFetch } from "undici";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { guardFetch } from "../../src/entry/fetch.ts";
import { CircuitOpenError, isCircuitOpenError } from "../../src/entry/main.ts";
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
} from "./fixture.ts";
import { BIG, type Origin, startOrigin } from "./origin.ts";

type Options = Omit<Parameters<typeof guardFetch>[1], "breakers">;

let origin: Origin;

beforeAll(async () => {
  origin = await startOrigin();
});

afterAll(() => origin.stop());

/** A guarded fetch, and what its breaker counts. */
function guarded(options: Options = {}, breakers = counting()) {
  const fetchGuarded = guardFetch(fetch, { breakers, ...options });
  return {
    breakers,
    fetch: fetchGuarded,
    get: (path: string, init?: RequestInit) => fetchGuarded(`${origin.url}/${path}`, init),
    counts: (name = origin.url) => countsOf(breakers, name),
  };
}

describe("a response of a guarded fetch", () => {
  it.each<[string, Counts]>([
    ["ok", SUCCESS],
    ["empty", SUCCESS],
    ["hints", SUCCESS],
    ["trailers", SUCCESS],
    ["gzip", SUCCESS],
    ["big", SUCCESS],
    ["cookies", SUCCESS],
    ["status/204", SUCCESS],
    ["status/304", SUCCESS],
    ["status/404", SUCCESS],
    ["status/501", SUCCESS],
    ["status/408", FAILURE],
    ["status/429", FAILURE],
    ["status/500", FAILURE],
    ["redirect/redirect/ok", SUCCESS],
    ["redirect/status/503", FAILURE],
  ])("counts once when its body has been read: %s", async (path, expected) => {
    const { get, counts } = guarded();
    await (await get(path)).arrayBuffer();
    expect(counts()).toEqual(expected);
  });

  it.each(["ok", "hints", "gzip", "cookies", "redirect/ok", "status/404", "empty"])(
    "is as without it: %s",
    async (path) => {
      const { get } = guarded();
      const [plain, response] = [await fetch(`${origin.url}/${path}`), await get(path)];
      for (const name of ["status", "statusText", "ok", "url", "redirected", "type", "bodyUsed"] as const) {
        expect(response[name]).toBe(plain[name]);
      }
      const headersOf = ({ headers }: Response) => [...headers].filter(([name]) => name !== "date");
      expect(headersOf(response)).toEqual(headersOf(plain));
      expect(response.headers.getSetCookie()).toEqual(plain.headers.getSetCookie());
      expect(response).toBeInstanceOf(Response);
      expect(await response.text()).toBe(await plain.text());
      expect(response.bodyUsed).toBe(plain.bodyUsed);
    },
  );

  it("waits for the end of the body before it is a success", async () => {
    const { get, counts } = guarded();
    const response = await get("big");
    expect(counts()).toEqual(PENDING);
    expect((await response.arrayBuffer()).byteLength).toBe(BIG);
    expect(counts()).toEqual(SUCCESS);
  });

  it("is a success with HEAD, whose body is empty", async () => {
    const { get, counts } = guarded();
    expect((await get("big", { method: "HEAD" })).body).toBeNull();
    expect(counts()).toEqual(SUCCESS);
  });

  it("is a success without being read where its body is short", async () => {
    const { get, counts } = guarded();
    const response = await get("ok");
    await expect.poll(counts).toEqual(SUCCESS);
    expect(response.bodyUsed).toBe(false);
    expect(await response.text()).toBe("all is well");
  });

  it("is read in every way that there is", async () => {
    const { get, counts } = guarded();
    expect(await (await get("ok")).blob()).toHaveProperty("size", 11);
    const lines: string[] = [];
    for await (const chunk of (await get("ok")).body!) lines.push(Buffer.from(chunk).toString());
    expect(lines.join("")).toBe("all is well");
    const reader = (await get("ok")).body!.getReader({ mode: "byob" });
    const { value } = await reader.read(new Uint8Array(3));
    expect(Buffer.from(value!).toString()).toBe("all");
    while (!(await reader.read(new Uint8Array(8))).done);
    expect(await new Response((await get("ok")).body).text()).toBe("all is well");
    expect(counts()).toEqual({ succeeded: 4, failed: 0, pending: 0 });
  });

  it("counts once with its clones, which are as it is", async () => {
    const { get, counts } = guarded();
    const response = await get("redirect/ok");
    const clone = response.clone();
    const second = clone.clone();
    expect([clone.url, clone.redirected, second.url]).toEqual([`${origin.url}/ok`, true, `${origin.url}/ok`]);
    expect([await response.text(), await clone.text(), await second.text()]).toEqual(
      Array(3).fill("all is well"),
    );
    expect(counts()).toEqual(SUCCESS);
    const other = guarded();
    const big = await other.get("big");
    const copy = big.clone();
    await copy.arrayBuffer();
    expect(other.counts()).toEqual(SUCCESS);
    await big.body?.cancel();
    expect(other.counts()).toEqual(SUCCESS);
  });

  it("counts at its headers where settle says so, and where it is a stream of events", async () => {
    const { get, counts } = guarded({ settle: "headers" });
    const response = await get("cut-body");
    expect(counts()).toEqual(SUCCESS);
    await errorOf(response.text());
    expect(counts()).toEqual(SUCCESS);
    const second = guarded();
    const events = await second.get("events");
    expect(second.counts()).toEqual(SUCCESS);
    await events.body?.cancel();
  });

  it("that a program cannot make is handed on as it is, and counts at its headers", async () => {
    const { get, counts } = guarded();
    const response = await get("status/999");
    expect(response.status).toBe(999);
    expect(await response.text()).toBe("");
    expect(counts()).toEqual(SUCCESS);
  });

  it("of a fake is handed on as it is", async () => {
    const breakers = counting();
    const fake = { ok: true, status: 200, json: async () => ({ a: 1 }) };
    const fakeFetch = guardFetch(async () => fake, { breakers });
    expect(await (fakeFetch as (url: string) => unknown)("http://a.example/x")).toBe(fake);
    expect(countsOf(breakers, "http://a.example")).toEqual(SUCCESS);
  });

  it("of undici's own fetch stays of its class", async () => {
    const breakers = counting();
    const response = await guardFetch(undiciFetch, { breakers })(`${origin.url}/redirect/ok`);
    const plain = await undiciFetch(`${origin.url}/ok`);
    expect(response.constructor).toBe(plain.constructor);
    expect(await response.text()).toBe("all is well");
    expect(response.redirected).toBe(true);
    expect(countsOf(breakers, origin.url)).toEqual(SUCCESS);
  });
});

describe("a fault of the endpoint", () => {
  it.each(["cut", "cut-body", "cut-chunks", "bad-gzip"])(
    "is a failure, before the headers or after: %s",
    async (path) => {
      const { get, counts } = guarded();
      const answer = get(path).then((response) => response.text());
      expect((await errorOf(answer)).name).toBe("TypeError");
      expect(counts()).toEqual(FAILURE);
    },
  );

  it("is a failure where nothing listens", async () => {
    const { fetch, counts } = guarded();
    const gone = await startOrigin();
    await gone.stop();
    await errorOf(fetch(gone.url));
    expect(counts(gone.url)).toEqual(FAILURE);
  });

  it("is a failure where the deadline of the caller has passed, before the headers and in the body", async () => {
    const { get, counts } = guarded();
    expect((await errorOf(get("silent", { signal: AbortSignal.timeout(30) }))).name).toBe("TimeoutError");
    const late = get("drip", { signal: AbortSignal.timeout(60) }).then((response) => response.text());
    expect((await errorOf(late)).name).toBe("TimeoutError");
    expect(counts()).toEqual({ ...NOTHING, failed: 2 });
  });

  it("is named by lastError of the opening: the cause of the TypeError", async () => {
    const breakers = fragile();
    const { get } = guarded({}, breakers);
    for (let call = 0; call < 2; call++) await errorOf(get("cut"));
    expect(breakers.get(origin.url).snapshot().opened?.lastError).toMatchObject({ code: "UND_ERR_SOCKET" });
  });
});

describe("a fault that is not the endpoint's", () => {
  it("releases the call: abort before the headers, by the signal of the options or of the Request", async () => {
    const { get, fetch, counts } = guarded();
    for (const isRequest of [false, true]) {
      const abort = new AbortController();
      const { signal } = abort;
      const url = `${origin.url}/silent`;
      const answer = errorOf(isRequest ? fetch(new Request(url, { signal })) : get("silent", { signal }));
      expect(counts()).toEqual(PENDING);
      abort.abort();
      expect((await answer).name).toBe("AbortError");
      expect(counts()).toEqual(NOTHING);
    }
  });

  it("releases the call: abort in the body", async () => {
    const { get, counts } = guarded();
    const abort = new AbortController();
    const response = await get("drip", { signal: abort.signal });
    expect(counts()).toEqual(PENDING);
    abort.abort(new Error("no longer wanted"));
    expect((await errorOf(response.text())).message).toBe("no longer wanted");
    expect(counts()).toEqual(NOTHING);
  });

  it("asks for nothing where the signal is aborted already", async () => {
    const { get, breakers } = guarded();
    expect((await errorOf(get("ok", { signal: AbortSignal.abort() }))).name).toBe("AbortError");
    expect(breakers.size).toBe(0);
  });

  it("releases the call: the body is cancelled, and the connection is closed", async () => {
    const { get, counts } = guarded();
    const closed = new Promise((resolve) =>
      origin.server.once("request", (_, answer) => answer.on("close", resolve)),
    );
    const response = await get("drip");
    await response.body?.cancel();
    expect(counts()).toEqual(NOTHING);
    await closed;
  });

  it("releases the call: wrong arguments", async () => {
    const { get, fetch, counts } = guarded();
    const wrong: RequestInit[] = [
      { method: "GET", body: "a body" },
      { method: "no token" },
      { headers: { "no token": "x" } },
      { method: "POST", body: new Blob(["a"]).stream() }, // without duplex
      { redirect: "sideways" as never },
    ];
    for (const init of wrong) expect((await errorOf(get("echo", init))).name).toBe("TypeError");
    const used = new Request(`${origin.url}/echo`, { method: "POST", body: "once" });
    await used.text();
    expect((await errorOf(fetch(used))).name).toBe("TypeError");
    expect(counts()).toEqual(NOTHING);
  });

  it("releases the call: this machine is offline, as browsers say", async () => {
    const { get, counts } = guarded();
    vi.stubGlobal("navigator", { onLine: false });
    await errorOf(get("cut"));
    vi.unstubAllGlobals();
    expect(counts()).toEqual(NOTHING);
  });

  it.each([
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "ERR_OSSL_PEM_NO_START_LINE",
    "EMFILE",
  ])("releases the call: %s", async (code) => {
    const breakers = counting();
    const cause = Object.assign(new Error("of the connection"), { code });
    const broken = guardFetch(
      async (_: string) => {
        throw new TypeError("fetch failed", { cause });
      },
      { breakers },
    );
    await errorOf(broken("https://a.example/"));
    expect(countsOf(breakers, "https://a.example")).toEqual(NOTHING);
  });

  it("passes unguarded what is no request by HTTP, or no URL", async () => {
    const { fetch, breakers } = guarded();
    expect(await (await fetch("data:text/plain,hello")).text()).toBe("hello");
    expect((await errorOf(fetch("/relative"))).name).toBe("TypeError");
    expect((await errorOf(fetch(undefined as never))).name).toBe("TypeError");
    expect(breakers.size).toBe(0);
  });
});

describe("a request that is sent", () => {
  it("is a string, a URL or a Request, with a body of any kind", async () => {
    const { fetch, counts } = guarded();
    const url = new URL(`${origin.url}/echo`);
    const post = { method: "POST", duplex: "half" } as const;
    const bodies = [
      "text",
      Buffer.from("text"),
      new Blob(["text"]),
      new Blob(["text"]).stream(),
      new URLSearchParams("text"),
    ];
    for (const body of bodies) {
      expect(await (await fetch(url, { ...post, body } as RequestInit)).text()).toMatch(/^text=?$/);
    }
    expect(await (await fetch(new Request(url, { method: "POST", body: "text" }))).text()).toBe("text");
    expect(counts()).toEqual({ ...NOTHING, succeeded: 6 });
  });

  it("is named by its origin, or by a function of method and path", async () => {
    const names: string[] = [];
    const { fetch } = guarded({
      key: ({ origin, method, path }) => {
        names.push(`${method} ${origin.slice(0, 7)} ${path}`);
        return "all";
      },
    });
    await fetch(new Request(`${origin.url}/ok?a=1#here`, { method: "delete" }));
    await fetch(new URL(`${origin.url}/ok`), { method: "put" });
    expect(names).toEqual(["DELETE http:// /ok?a=1", "PUT http:// /ok"]);
  });
});

describe("a refusal", () => {
  it("rejects with a TypeError whose cause is the CircuitOpenError, and which has its fields", async () => {
    const { get, breakers } = guarded();
    breakers.get(origin.url).trip();
    const arrived = origin.paths.length;
    const error = await errorOf(get("ok"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(
      /^fetch refused: circuit of "http:\/\/127.*" is open \(tripped\), retry in/,
    );
    expect(error.cause).toBeInstanceOf(CircuitOpenError);
    expect(isCircuitOpenError(error) && error.retryAfterMs > 0).toBe(true);
    expect(error).toMatchObject({ code: "ERR_CIRCUIT_OPEN", endpoint: origin.url, reason: "open" });
    expect(origin.paths.length).toBe(arrived);
  });

  it("is a response of status 503 with Retry-After, where refuse says so", async () => {
    const { get, breakers } = guarded({ refuse: "response" });
    breakers.get(origin.url).trip(undefined, 20_000);
    const response = await get("ok");
    expect([response.status, response.statusText, response.ok]).toEqual([503, "Service Unavailable", false]);
    expect(Object.fromEntries(response.headers)).toEqual({
      "content-type": "text/plain; charset=utf-8",
      "proxy-status": "bluesmoke; error=destination_unavailable",
      "retry-after": "20",
    });
    expect(await response.text()).toMatch(/^circuit of "http:.*" is open/);
    expect((await get("ok", { method: "HEAD" })).body).toBeNull();
    breakers.get(origin.url).forceOpen();
    expect((await get("ok")).headers.has("retry-after")).toBe(false);
  });

  it("ends by a request that succeeds", async () => {
    const breakers = fragile();
    const { get } = guarded({}, breakers);
    breakers.get(origin.url).trip(breakers.now() - 100_000);
    await (await get("ok")).text();
    expect(breakers.get(origin.url).state).toBe("closed");
  });

  it("is held by Retry-After", async () => {
    const breakers = fragile();
    const { get } = guarded({}, breakers);
    for (let call = 0; call < 2; call++) await (await get("later/429/600")).text();
    expect(breakers.get(origin.url).retryAfterMs()).toBeGreaterThan(590_000);
  });
});

describe("a body that nobody reads", () => {
  const collectGarbage = (() => {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc") as () => void;
  })();

  it("is a success when it is garbage, since its headers were good; its connection is freed", async () => {
    const { get, counts } = guarded();
    let closed = 0;
    const watch = (_: unknown, answer: { on(event: "close", run: () => void): void }) =>
      answer.on("close", () => closed++);
    origin.server.on("request", watch);
    for (let call = 0; call < 10; call++) await get("big");
    expect(counts()).toEqual({ ...NOTHING, pending: 10 });
    await expect
      .poll(
        () => {
          collectGarbage();
          return [counts(), closed];
        },
        { timeout: 10_000 },
      )
      .toEqual([{ ...NOTHING, succeeded: 10 }, 10]);
    origin.server.off("request", watch);
  });

  it("is not garbage while its stream is held", async () => {
    const { get, counts } = guarded();
    const { body } = await get("big");
    collectGarbage();
    await new Promise(setImmediate);
    collectGarbage();
    expect(counts()).toEqual(PENDING);
    let bytes = 0;
    for await (const chunk of body!) bytes += chunk.byteLength;
    expect(bytes).toBe(BIG);
    expect(counts()).toEqual(SUCCESS);
  });
});

describe("classify", () => {
  it("judges headers and errors by fetch, too", async () => {
    const { get, counts } = guarded({
      classify: ({ status, headers, error }) => {
        if (error !== undefined) return "ignored";
        return (headers as Headers).get("content-encoding") === "gzip" || status === 404
          ? "failure"
          : undefined;
      },
    });
    for (const path of ["gzip", "status/404", "ok"]) await (await get(path)).text();
    await errorOf(get("cut"));
    await errorOf(get("cut-body").then((response) => response.text()));
    expect(counts()).toEqual({ succeeded: 1, failed: 2, pending: 0 });
  });

  it("that throws rejects that request", async () => {
    const { get, counts } = guarded({
      classify: () => {
        throw new Error("of classify");
      },
    });
    expect((await errorOf(get("ok"))).message).toBe("of classify");
    expect((await errorOf(get("cut"))).message).toBe("of classify");
    expect(counts()).toEqual({ succeeded: 1, failed: 1, pending: 0 });
  });
});

describe("guardFetch", () => {
  it("keeps what is on the function that it guards", () => {
    const withMore = Object.assign(async (_: string) => new Response(), { preconnect: () => "done" });
    expect(guardFetch(withMore, { breakers: counting() }).preconnect()).toBe("done");
  });

  it("names what is wrong with its arguments", () => {
    expect(() => guardFetch(undefined as never, { breakers: counting() })).toThrow(
      "fetch must be a function, got undefined",
    );
    expect(() => guardFetch({ dispatch() {} } as never, { breakers: counting() })).toThrow(
      "fetch must be a function, got an object",
    );
  });

  it("rejects with what key throws, and asks for nothing", async () => {
    const { get } = guarded({
      key: () => {
        throw new Error("no such tenant");
      },
    });
    const arrived = origin.paths.length;
    expect((await errorOf(get("ok"))).message).toBe("no such tenant");
    const other = guarded({ key: () => undefined as never });
    expect((await errorOf(other.get("ok"))).message).toBe(
      "key must return a string of 1 to 1024 characters, got undefined",
    );
    expect(origin.paths.length).toBe(arrived);
  });
});
