/** A `fetch` whose requests are guarded; for every runtime, and for whatever takes a `fetch`. */
import type { CircuitOpenError } from "../breaker/errors.ts";
import { functionOption } from "../breaker/validate.ts";
import { HttpCall, HttpGuard } from "./guard.ts";
import type { HttpGuardOptions, HttpRequest } from "./options.ts";
import { REFUSAL_STATUS, REFUSAL_STATUS_TEXT, refusalHeaders, refusalText } from "./refusal.ts";
import { watchResponse } from "./response-body.ts";

/** Whatever is called as `fetch` is. */
// biome-ignore lint/suspicious/noExplicitAny: the types of `fetch` differ between runtimes
export type Fetch = (input: any, init?: any) => Promise<any>;

/** What is read of a `Request`, or of the second argument of `fetch`. */
interface Init {
  readonly url?: string;
  readonly method?: string;
  readonly signal?: AbortSignal | null;
  readonly body?: unknown;
  readonly bodyUsed?: boolean;
}

/**
 * A `fetch` that is guarded by a breaker for each origin: `guardFetch(fetch, { breakers })`. It behaves as the `fetch` that it is given;
 * requests of other schemes than http and https pass unguarded.
 *
 * A refused request rejects as a network error does: with a TypeError. The `CircuitOpenError` is its `cause`, and it has the
 * fields of it, too (`code`, `endpoint`, `reason`, `retryAfterMs`, `openedBy`, `lastError`), so `isCircuitOpenError` finds it.
 * @throws OptionError for bad options or no function. A request rejects with what `key` or `classify` throws.
 */
export function guardFetch<F extends Fetch>(fetch: F, options: HttpGuardOptions): F {
  functionOption("fetch", fetch);
  const guard = new HttpGuard(options, "guardFetch(fetch, { … })");
  async function guardedFetch(input: unknown, init: Init | undefined = undefined): Promise<unknown> {
    const request = requestOf(input, init);
    const signal = init?.signal ?? (input as Init | undefined)?.signal;
    const admitted = request && !signal?.aborted ? guard.admit(request) : undefined;
    if (!admitted) return fetch(input, init);
    if (!(admitted instanceof HttpCall)) {
      if (guard.options.refusesByResponse) return refusalResponse(admitted, request!.method === "HEAD"); // it was admitted by its request
      throw refusalError(admitted);
    }
    return watchResponse(await send(fetch, input, init, admitted, signal), admitted, signal);
  }
  // Some runtimes have functions on theirs, as Bun has `preconnect`.
  return Object.assign(guardedFetch, fetch) as unknown as F;
}

async function send(
  fetch: Fetch,
  input: unknown,
  init: Init | undefined,
  call: HttpCall,
  signal: AbortSignal | null | undefined,
): Promise<Response> {
  const wasUsed = (input as Init | undefined)?.bodyUsed === true;
  try {
    return (await fetch(input, init)) as Response;
  } catch (error) {
    const isAborted = signal?.aborted === true;
    const isOwn = isAborted || wasUsed || (error instanceof TypeError && !isValid(input, init));
    call.fail(isAborted ? signal?.reason : error, isOwn);
    throw error;
  }
}

/** What a key is made of; undefined for what is no request by HTTP, or no URL: `fetch` then says what is wrong. */
function requestOf(input: unknown, init: Init | undefined): HttpRequest | undefined {
  const { url, method } = Object(input) as Init;
  let parsed: URL;
  try {
    parsed = new URL(typeof url === "string" ? url : String(input), baseUrl());
  } catch {
    return undefined;
  }
  const { protocol, origin, pathname, search } = parsed;
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return {
    origin,
    method: String(init?.method ?? method ?? "GET").toUpperCase(),
    path: pathname + search,
  };
}

/** What a page's or a worker's relative URLs start from. */
function baseUrl(): string | undefined {
  const { document, location } = globalThis as {
    readonly document?: { readonly baseURI?: string };
    readonly location?: { readonly href?: string };
  };
  return document?.baseURI ?? location?.href;
}

/**
 * Whether the arguments of a request that failed were right: browsers give a TypeError for a network that is down and for wrong arguments.
 * Its body is replaced by an empty one of its kind, since it was read.
 */
function isValid(input: unknown, init: Init | undefined): boolean {
  const { url } = Object(input) as Init;
  try {
    new Request(typeof url === "string" ? url : (input as string | URL), {
      ...init,
      body: emptyBody(init?.body),
      signal: null,
    } as RequestInit);
    return true;
  } catch {
    return typeof Request !== "function"; // where there is none, nothing is known
  }
}

function emptyBody(body: unknown): unknown {
  if (body === undefined || body === null) return undefined;
  const isStreamed = typeof body === "object" && ("getReader" in body || Symbol.asyncIterator in body);
  return isStreamed && typeof ReadableStream === "function" ? new ReadableStream() : "";
}

function refusalError(refusal: CircuitOpenError): TypeError {
  const error = new TypeError(`fetch refused: ${refusal.message}`, { cause: refusal });
  const { code, endpoint, reason, retryAfterMs, openedBy, lastError } = refusal;
  return Object.assign(error, { code, endpoint, reason, retryAfterMs, openedBy, lastError });
}

function refusalResponse(refusal: CircuitOpenError, isHead: boolean): Response {
  return new Response(isHead ? null : refusalText(refusal), {
    status: REFUSAL_STATUS,
    statusText: REFUSAL_STATUS_TEXT,
    headers: refusalHeaders(refusal),
  });
}
