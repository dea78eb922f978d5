/** The dashboard as a request handler: which request gets what. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { assetReply, pageReply } from "./assets.ts";
import { switchBreaker } from "./controls.ts";
import { Detail } from "./detail.ts";
import { eventStream, type Feed } from "./event-stream.ts";
import { checkRegistry, type DashboardOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { Overview } from "./overview.ts";
import { MAXIMUM_IDS } from "./protocol.ts";
import { reply, replyText } from "./replies.ts";
import { Sampler } from "./sampler.ts";

/** Streams at once; a page takes one, or two while it shows one breaker. */
const MAXIMUM_STREAMS = 100;
const SAMPLE_INTERVAL_MS = 1_000;

/** Answers requests below any path: it goes by the last part of the path. */
export interface Dashboard extends Disposable {
  /** A promise only for a POST to a switch. Never throws. */
  (request: Request): Response | Promise<Response>;
  /** Forgets the history and stops the timer of `history: "always"`. Streams end when their connections do. */
  close(): void;
}

/**
 * A live page of a registry, for any server that handles `Request` and `Response`; `nodeListener` makes it one of `node:http`.
 * It costs nothing while no page is connected. Anyone who reaches it sees names, counts and errors: authenticate before it.
 * @throws OptionError for what is no registry, and for bad options.
 */
export function dashboard(registry: CircuitBreakerRegistry, options?: DashboardOptions): Dashboard {
  checkRegistry(registry);
  const resolved = resolveOptions(options);
  const sampler = new Sampler(registry, resolved);
  const stop = resolved.history === "always" ? sampleAlways(sampler) : () => {};
  const close = () => {
    stop();
    sampler.clear();
  };
  const handle = (request: Request) => route(request, { registry, sampler, options: resolved });
  return Object.assign(handle, { close, [Symbol.dispose]: close });
}

interface Context {
  readonly registry: CircuitBreakerRegistry;
  readonly sampler: Sampler;
  readonly options: ResolvedOptions;
}

function route(request: Request, context: Context): Response | Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const name = pathname.slice(pathname.lastIndexOf("/") + 1);
  if (name === "switch" && context.options.controls !== false)
    return switchBreaker(request, context.registry, context.options.controls);
  const { method } = request;
  if (method !== "GET" && method !== "HEAD")
    return replyText(405, `there is nothing here that takes ${method}`, { allow: "GET, HEAD" });
  const found = find(name, request, searchParams, context);
  // A stream that is not read is never opened.
  return method === "HEAD" ? new Response(null, found) : found;
}

function find(
  name: string,
  request: Request,
  search: URLSearchParams,
  { sampler, options }: Context,
): Response {
  if (name === "") return pageReply(options);
  if (name === "stream") return streamReply(sampler, search);
  if (name === "minutes") return minutesReply(sampler, search.get("ids") ?? "");
  return assetReply(name) ?? intoFolder(name, request) ?? replyText(404, `there is no ${name} here`);
}

/** Without a slash at its end the page would look for its files a folder above. */
function intoFolder(name: string, { headers }: Request): Response | undefined {
  const isNavigation = headers.get("accept")?.includes("text/html") && name !== "switch";
  return isNavigation ? replyText(307, `see ${name}/`, { location: `${name}/` }) : undefined;
}

function streamReply(sampler: Sampler, search: URLSearchParams): Response {
  if (sampler.connections >= MAXIMUM_STREAMS)
    return replyText(503, `${MAXIMUM_STREAMS} streams are open`, { "retry-after": "10" });
  const breaker = search.get("breaker");
  const body = eventStream(() => {
    const close = sampler.connect(breaker);
    const feed: Feed =
      breaker === null ? new Overview(sampler) : new Detail(sampler, breaker, search.get("zone"));
    return { feed, close };
  });
  // No proxy may hold messages back to compress or collect them.
  const headers = { "cache-control": "no-store, no-transform", "x-accel-buffering": "no" };
  return reply(body, "text/event-stream", { headers });
}

function minutesReply(sampler: Sampler, ids: string): Response {
  const wanted = ids.split(",").slice(0, MAXIMUM_IDS).map(Number);
  // Only while a page is connected: nothing is sampled for others.
  const minutes = sampler.connections > 0 ? sampler.minutesOf(wanted) : { second: 0, minutes: [] };
  return reply(JSON.stringify(minutes), "application/json");
}

/** As a page would that never goes. */
function sampleAlways(sampler: Sampler): () => void {
  const disconnect = sampler.connect();
  const timer = setInterval(() => sampler.sample(), SAMPLE_INTERVAL_MS);
  (timer as { unref?: () => void }).unref?.();
  let isStopped = false;
  return () => {
    if (isStopped) return;
    isStopped = true;
    clearInterval(timer);
    disconnect();
  };
}
