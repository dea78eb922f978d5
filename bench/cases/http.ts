/** A request over loopback, its body read, behind breakers. The server has a thread of its own. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Agent, type Dispatcher, request, setGlobalDispatcher } from "undici";
import { CircuitBreakerRegistry } from "../../src/breaker/registry.ts";
import { guardFetch } from "../../src/http/fetch.ts";
import { circuitBreaker } from "../../src/http/undici.ts";
import type { Work } from "../section.ts";
import { countedLater } from "../work.ts";
import { loadOpossum } from "./peers.ts";

/** Requests of one run, one after the other. */
const REQUESTS = 32;
/** Bytes of each body. */
const SIZE = 1_000;

const SERVER = `
  const { createServer } = require("node:http");
  const { parentPort, workerData } = require("node:worker_threads");
  const body = Buffer.alloc(workerData, "x");
  const server = createServer((request, response) => response.end(body));
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

/** Its address. It ends with the process. */
async function startServer(): Promise<string> {
  const worker = new Worker(SERVER, { eval: true, workerData: SIZE });
  const [port] = (await once(worker, "message")) as [number];
  worker.unref();
  return `http://127.0.0.1:${port}/`;
}

/** Work of requests, each of which gives the length of a body that it has read as text. */
async function requesting(get: (url: string) => Promise<number>): Promise<Work> {
  const url = await startServer();
  return countedLater(REQUESTS, REQUESTS * SIZE, async () => {
    let bytes = 0;
    for (let call = 0; call < REQUESTS; call++) bytes += await get(url);
    return bytes;
  });
}

/** By a fetch. */
async function lengthBy(get: typeof fetch, url: string): Promise<number> {
  return (await (await get(url)).text()).length;
}

const getLength = (url: string) => lengthBy(fetch, url);

/** The built-in fetch. */
export function fetchBare(): Promise<Work> {
  return requesting(getLength);
}

/** The built-in fetch, guarded. */
export function fetchGuarded(): Promise<Work> {
  const guarded = guardFetch(fetch, { breakers: new CircuitBreakerRegistry() });
  return requesting((url) => lengthBy(guarded, url));
}

/** The built-in fetch, guarded, which counts at the headers. */
export function fetchGuardedAtHeaders(): Promise<Work> {
  const guarded = guardFetch(fetch, { breakers: new CircuitBreakerRegistry(), settle: "headers" });
  return requesting((url) => lengthBy(guarded, url));
}

/** `execute` around the built-in fetch and its body. */
export function fetchExecuted(): Promise<Work> {
  const breaker = new CircuitBreakerRegistry().get("server");
  return requesting((url) => breaker.execute(() => getLength(url)));
}

/** opossum around the built-in fetch and its body. */
export async function fetchOpossum(): Promise<Work> {
  const breaker = await loadOpossum(getLength);
  return requesting((url) => breaker.fire(url));
}

/** The built-in fetch over undici's Agent. */
export function fetchOverAgent(): Promise<Work> {
  setGlobalDispatcher(new Agent());
  return requesting(getLength);
}

/** The built-in fetch over undici's Agent, guarded. */
export function fetchOverGuardedAgent(): Promise<Work> {
  setGlobalDispatcher(guardedAgent());
  return requesting(getLength);
}

/** `request` of undici. */
export function undiciBare(): Promise<Work> {
  return undici(new Agent());
}

/** `request` of undici, guarded. */
export function undiciGuarded(): Promise<Work> {
  return undici(guardedAgent());
}

function undici(dispatcher: Dispatcher): Promise<Work> {
  return requesting(async (url) => (await (await request(url, { dispatcher })).body.text()).length);
}

function guardedAgent(): Dispatcher {
  return new Agent().compose(circuitBreaker({ breakers: new CircuitBreakerRegistry() }));
}
