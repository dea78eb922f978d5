import axios from "axios";
import ky from "ky";
import createClient from "openapi-fetch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guardFetch } from "../../src/entry/fetch.ts";
import { isCircuitOpenError } from "../../src/entry/main.ts";
import { type Counts, counting, countsOf, errorOf, FAILURE, fragile, NOTHING, SUCCESS } from "./fixture.ts";
import { type Origin, startOrigin } from "./origin.ts";

type Guarded = typeof fetch;
/** Gets a path as text by a client; rejects where the client says that it failed. */
type Get = (url: string, path: string, signal?: AbortSignal) => Promise<string>;

let origin: Origin;

beforeAll(async () => {
  origin = await startOrigin();
});

afterAll(() => origin.stop());

const CLIENTS: Readonly<Record<string, (guarded: Guarded) => Get>> = {
  ky: (guarded) => {
    const client = ky.create({ fetch: guarded, retry: 0 });
    return (url, path, signal) => client.get(`${url}/${path}`, signal ? { signal } : {}).text();
  },
  "axios (adapter fetch)": (guarded) => {
    const client = axios.create({ adapter: "fetch", env: { fetch: guarded } } as object);
    return async (url, path, signal) =>
      (await client.get<string>(`${url}/${path}`, signal ? { signal } : {})).data;
  },
  "openapi-fetch": (guarded) => async (url, path, signal) => {
    const client = createClient<Record<string, { get: { responses: { 200: never } } }>>({
      baseUrl: url,
      fetch: guarded,
    });
    const parseAs = "text" as const;
    const { data, error } = await client.GET(`/${path}`, { parseAs, ...(signal ? { signal } : {}) } as never);
    if (error !== undefined) throw new Error(JSON.stringify(error));
    return data as unknown as string;
  },
};

describe.each(Object.entries(CLIENTS))("%s over a guarded fetch", (_, clientOver) => {
  it.each<[string, string | undefined, Counts]>([
    ["ok", "all is well", SUCCESS],
    ["redirect/ok", "all is well", SUCCESS],
    ["gzip", "packed ".repeat(1_000), SUCCESS],
    ["status/404", undefined, SUCCESS],
    ["status/503", undefined, FAILURE],
    ["cut", undefined, FAILURE],
    ["cut-body", undefined, FAILURE],
  ])("counts each request once: %s", async (path, text, expected) => {
    const breakers = counting();
    const get = clientOver(guardFetch(fetch, { breakers }));
    if (text === undefined) await errorOf(get(origin.url, path));
    else expect(await get(origin.url, path)).toBe(text);
    await expect.poll(() => countsOf(breakers, origin.url)).toEqual(expected);
  });

  it("releases a request that its caller aborts", async () => {
    const breakers = counting();
    const get = clientOver(guardFetch(fetch, { breakers }));
    const abort = new AbortController();
    const answer = errorOf(get(origin.url, "silent", abort.signal));
    await expect.poll(() => origin.paths.at(-1)).toBe("/silent");
    abort.abort();
    await answer;
    expect(countsOf(breakers, origin.url)).toEqual(NOTHING);
  });

  it("fails with an error in which isCircuitOpenError finds the refusal", async () => {
    const breakers = fragile();
    breakers.get(origin.url).trip();
    const arrived = origin.paths.length;
    const error = await errorOf(clientOver(guardFetch(fetch, { breakers }))(origin.url, "ok"));
    expect(isCircuitOpenError(error)).toBe(true);
    expect(origin.paths.length).toBe(arrived);
  });
});

describe("a timeout of a client", () => {
  it("of axios is a failure: it aborts with the code ETIMEDOUT", async () => {
    const breakers = counting();
    const env = { fetch: guardFetch(fetch, { breakers }) };
    const client = axios.create({ adapter: "fetch", env, timeout: 30 } as object);
    await errorOf(client.get(`${origin.url}/silent`));
    await expect.poll(() => countsOf(breakers, origin.url)).toEqual(FAILURE);
  });

  it("of ky is any abort, which is neither: its calls count as hung where the breaker says so", async () => {
    const breakers = counting();
    const client = ky.create({ fetch: guardFetch(fetch, { breakers }), retry: 0, timeout: 30 });
    expect((await errorOf(client.get(`${origin.url}/silent`))).name).toBe("TimeoutError");
    await expect.poll(() => countsOf(breakers, origin.url)).toEqual(NOTHING);
  });
});

describe("a retry of a client", () => {
  it("of ky counts each attempt, and does not go on when the breaker is open", async () => {
    const breakers = fragile();
    const retry = { limit: 10, delay: () => 1 };
    const client = ky.create({ fetch: guardFetch(fetch, { breakers }), retry });
    const arrived = origin.paths.length;
    const error = await errorOf(client.get(`${origin.url}/status/503`));
    expect(isCircuitOpenError(error)).toBe(true);
    expect(origin.paths.length - arrived).toBe(2); // which opened it
  });
});
