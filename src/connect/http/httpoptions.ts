/** Options of the HTTP sink, and what becomes of its URL. */
import { numberOption, objectOption, outOfRange, wrongType } from "../../breaker/validate.ts";
import { ConnectError } from "../errors.ts";
import { flagOption } from "../flag.ts";
import type { PostTarget } from "./post.ts";

/** All are optional. A value out of range is an OptionError. */
export interface HttpOptions {
  /** Events in one request, at most. 1 to 100,000; default 100. A request never has much more than 1 MiB. */
  readonly batchSize?: number;
  /**
   * How long an event waits for others to share its request, in ms. 0 to 60,000; default 5: short, since a breaker that
   * is half-open waits for the answer to a single event.
   */
  readonly lingerMs?: number;
  /** Requests, and so sockets, at once. 1 to 1,000; default 8. */
  readonly requestsInFlight?: number;
  /** A whole request, from connecting to the last byte of the response, in ms. 1 to 3,600,000; default 10,000. */
  readonly timeoutMs?: number;
  /** Sent with every request. Default: only `content-type: application/x-ndjson`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether `start` first looks if anything listens there, and throws if not. Default true. */
  readonly probe?: boolean;
}

export type ResolvedHttpOptions = Readonly<Required<HttpOptions>>;

const KEYS = ["batchSize", "lingerMs", "requestsInFlight", "timeoutMs", "headers", "probe"];

/** Headers that belong to the connection and are not the user's to set. */
const RESERVED_HEADERS = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
];

/** @throws OptionError naming option, range and value. */
export function resolveHttpOptions(options: HttpOptions | undefined): ResolvedHttpOptions {
  const given = objectOption("options", options, KEYS);
  const whole = (name: string, from: number, to: number, fallback: number) =>
    numberOption(name, given[name], { from, to, whole: true }, fallback);
  return {
    batchSize: whole("batchSize", 1, 100_000, 100),
    lingerMs: whole("lingerMs", 0, 60_000, 5),
    requestsInFlight: whole("requestsInFlight", 1, 1_000, 8),
    timeoutMs: whole("timeoutMs", 1, 3_600_000, 10_000),
    headers: headersOption(given.headers),
    probe: flagOption("probe", given.probe, true),
  };
}

/**
 * Where to post. A user and a password in the URL become a header.
 *
 * @throws ConnectError for what is no URL and for schemes other than http and https.
 */
export function targetOf(spec: string, options: ResolvedHttpOptions): PostTarget {
  const url = parseUrl(spec);
  const { requestsInFlight: connections, timeoutMs } = options;
  const hasUser = url.username !== "" || url.password !== "";
  const headers = hasUser ? { ...options.headers, authorization: authorizationOf(url) } : options.headers;
  return { url, headers, connections, timeoutMs };
}

function parseUrl(spec: string): URL {
  if (!URL.canParse(spec)) throw badUrl(spec, "is not a valid URL");
  const url = new URL(spec);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw badUrl(spec, `cannot be posted to: the scheme is ${url.protocol.slice(0, -1)}`);
}

function authorizationOf(url: URL): string {
  try {
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return `Basic ${Buffer.from(user).toString("base64")}`;
  } catch {
    throw badUrl(url.origin, "is not a valid URL: a stray % in the user or password");
  }
}

/** With the content type, and names in lower case. */
function headersOption(given: unknown): Readonly<Record<string, string>> {
  const headers = parseHeaders(objectOption("headers", given, Object.keys(given ?? {})));
  const reserved = RESERVED_HEADERS.find((name) => headers.has(name));
  if (reserved !== undefined) {
    throw outOfRange("headers", "without what the connection sets itself", reserved);
  }
  if (!headers.has("content-type")) headers.set("content-type", "application/x-ndjson");
  return Object.fromEntries(headers);
}

function parseHeaders(given: Readonly<Record<string, unknown>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "string") throw wrongType(`headers.${name}`, "a string", value);
    try {
      headers.set(name, value);
    } catch {
      throw outOfRange(`headers.${name}`, "a valid header", "***"); // it may be a secret
    }
  }
  return headers;
}

function badUrl(spec: string, what: string): ConnectError {
  return new ConnectError("ERR_SINK", {
    where: spec,
    what,
    hint: "give a URL such as http://localhost:8080/events",
  });
}
