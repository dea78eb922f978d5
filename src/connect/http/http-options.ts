/** Options of the HTTP sink, and what becomes of its URL. */
import { numberOption, objectOption, optionError, outOfRange, wrongType } from "../../breaker/validate.ts";
import { type Compression, type CompressionName, compressionOption } from "../base/compression.ts";
import { ConnectError } from "../base/errors.ts";
import { flagOption } from "../base/flag.ts";
import { type ClientTls, resolveTls, type TlsOptions } from "../base/tls-options.ts";
import type { BodyFormat } from "./format/body-format.ts";
import { type FormatOptions, formatOption } from "./format/format-option.ts";
import type { PostTarget } from "./poster.ts";
import type { HttpProxy } from "./proxy.ts";

/** All are optional. A value out of range is an OptionError. */
export interface HttpOptions extends FormatOptions {
  /** Events in one request, at most. 1 to 100,000; default 500. */
  readonly batchSize?: number;
  /**
   * Bytes of UTF-8 in one request, at most, before compression; an event that has more is a request alone. 1 to 268,435,456;
   * default 1,000,000: nginx takes 1,048,576.
   */
  readonly batchBytes?: number;
  /**
   * How long an event waits for others to share its request, in ms. 0 to 60,000; default 5: short, since a breaker that
   * is half-open waits for the answer to a single event.
   */
  readonly lingerMs?: number;
  /** Requests, and so sockets, at once. 1 to 1,000; default 8. */
  readonly requestsInFlight?: number;
  /** A whole request, from connecting to the last byte of the response, in ms. 1 to 3,600,000; default 10,000. */
  readonly timeoutMs?: number;
  /** Of each body. zstd needs Node 22.15 or 23.8. Default "none". */
  readonly compress?: CompressionName;
  /** Sent with every request. Default: the content type of the format. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * `name:password` for basic authentication (RFC 7617), sent with every request. A user in the URL wins over it, there is none of
   * both in `headers` or `token`.
   */
  readonly user?: string;
  /** A bearer token (RFC 6750), sent with every request. Not together with `user`. */
  readonly token?: string;
  /** `http://[name:password@]host:port` of a proxy. Default: none; the environment is not looked at. */
  readonly proxy?: string;
  /** Where the URL is https://. */
  readonly tls?: TlsOptions;
  /** Whether `start` first looks if anything listens there, and throws if not. Default true. */
  readonly probe?: boolean;
}

export interface ResolvedHttpOptions {
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  readonly requestsInFlight: number;
  readonly timeoutMs: number;
  readonly format: BodyFormat;
  readonly compression: Compression | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy: HttpProxy | undefined;
  readonly tls: ClientTls;
  readonly probe: boolean;
}

const KEYS = [
  "batchSize",
  "batchBytes",
  "lingerMs",
  "requestsInFlight",
  "timeoutMs",
  "format",
  "elastic",
  "influx",
  "compress",
  "headers",
  "user",
  "token",
  "proxy",
  "tls",
  "probe",
];

/** Headers that the connection and other options set. */
const RESERVED_HEADERS = [
  "connection",
  "content-encoding",
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
  const format = formatOption(given);
  const compression = compressionOption("compress", given.compress);
  return {
    format,
    compression,
    batchSize: whole("batchSize", 1, 100_000, 500),
    batchBytes: whole("batchBytes", 1, 268_435_456, 1_000_000),
    lingerMs: whole("lingerMs", 0, 60_000, 5),
    requestsInFlight: whole("requestsInFlight", 1, 1_000, 8),
    timeoutMs: whole("timeoutMs", 1, 3_600_000, 10_000),
    headers: headersOption(given, contentHeaders(format, compression)),
    proxy: proxyOption(given.proxy),
    tls: resolveTls(given.tls),
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
  const { requestsInFlight: connections, timeoutMs, format, proxy, tls } = options;
  const fault = format.faultIn?.(url);
  if (fault !== undefined) throw badUrl(spec, fault);
  const hasUser = url.username !== "" || url.password !== "";
  const headers = {
    ...options.headers,
    ...(hasUser && { authorization: authorizationOf(url) }),
    ...(url.protocol === "http:" && proxy !== undefined && forwardedHeaders(url, proxy)),
  };
  return { url, headers, proxy, tls, connections, timeoutMs, answerBytes: format.answerBytes };
}

function parseUrl(spec: string): URL {
  if (!URL.canParse(spec)) throw badUrl(spec, "is not a valid URL");
  const url = new URL(spec);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw badUrl(spec, `cannot be posted to: the scheme is ${url.protocol.slice(0, -1)}`);
}

/** A proxy that reads requests gets them for the endpoint. */
function forwardedHeaders({ host }: URL, { authorization }: HttpProxy): Readonly<Record<string, string>> {
  return { host, ...(authorization !== undefined && { "proxy-authorization": authorization }) };
}

function basic(user: string): string {
  return `Basic ${Buffer.from(user).toString("base64")}`;
}

function authorizationOf(url: URL): string {
  try {
    return basic(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`);
  } catch {
    throw badUrl(url.origin, "is not a valid URL: a stray % in the user or password");
  }
}

function contentHeaders(format: BodyFormat, compression: Compression | undefined): Record<string, string> {
  const type = { "content-type": format.contentType };
  return compression === undefined ? type : { ...type, "content-encoding": compression.encoding };
}

/** The value has a password in it: no message has it. */
function proxyOption(value: unknown): HttpProxy | undefined {
  if (value === undefined) return undefined;
  const wanted =
    "proxy must be http://host:port, with name:password and an @ before the host where it asks for them";
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== "http:" || url.hostname === "" || url.pathname !== "/" || url.search !== "")
    throw optionError("proxy", wanted);
  const hasUser = url.username !== "" || url.password !== "";
  try {
    const authorization = hasUser ? authorizationOf(url) : undefined;
    return { url, authorization };
  } catch {
    throw optionError("proxy", `${wanted}; a stray % is in its name or password`);
  }
}

/** What `user` or `token` say. */
function authorizationOption(
  { user, token }: Readonly<Record<string, unknown>>,
  headers: Headers,
): string | undefined {
  for (const [name, value] of Object.entries({ user, token })) {
    if (value !== undefined && headers.has("authorization"))
      throw optionError(name, `${name} and the header authorization exclude each other`);
  }
  if (user !== undefined && token !== undefined)
    throw optionError("user", "user and token exclude each other");
  if (user !== undefined) {
    if (typeof user === "string" && /^[^:]+:/.test(user)) return basic(user);
    throw optionError("user", "user must be name:password");
  }
  if (token === undefined) return undefined;
  if (typeof token === "string" && /^[!-~]+$/.test(token)) return `Bearer ${token}`;
  throw optionError("token", "token must be of one or more visible characters of ASCII");
}

/** With those of the content, and names in lower case. */
function headersOption(
  given: Readonly<Record<string, unknown>>,
  content: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const headers = parseHeaders(objectOption("headers", given.headers, Object.keys(given.headers ?? {})));
  const authorization = authorizationOption(given, headers);
  if (authorization !== undefined) headers.set("authorization", authorization);
  const reserved = RESERVED_HEADERS.find((name) => headers.has(name));
  if (reserved !== undefined) {
    throw outOfRange("headers", "without what the connection and compress set", reserved);
  }
  return { ...content, ...Object.fromEntries(headers) };
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
