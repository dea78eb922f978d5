/** What our HTTP server answers. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ENCODINGS, type Encoding } from "../base/decoder.ts";
import { MAXIMUM_RETRY_AFTER_MS } from "./retry-after.ts";

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection ends with it, since the rest of the request is not wanted. */
  readonly hangsUp?: boolean;
}

/** JSON, one line. A client that has gone away does not hear it. */
export function send(response: ServerResponse, { status, body, headers = {}, hangsUp = false }: Reply): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...(hangsUp ? { connection: "close" } : {}),
    ...headers,
  });
  response.end(text);
}

/** @param retryAfterMs what is not a time is one second. */
export function unavailable(error: string, retryAfterMs: number): Reply {
  const waitMs = retryAfterMs > 0 ? Math.min(retryAfterMs, MAXIMUM_RETRY_AFTER_MS) : 1_000;
  return { status: 503, body: { error }, headers: { "retry-after": String(Math.ceil(waitMs / 1_000)) } };
}

/** What is wrong with a request before its body is read; undefined: nothing. */
export function refusalOf(
  request: IncomingMessage,
  path: string,
  maximumBodyBytes: number,
): Reply | undefined {
  const { method, headers } = request;
  if (pathOf(request) !== path)
    return { status: 404, body: { error: `there is nothing here, post to ${path}` } };
  if (method !== "POST") return { status: 405, body: { error: "only POST" }, headers: { allow: "POST" } };
  const encoding = codingOf(request);
  if (encoding !== IDENTITY && !isReadable(encoding)) {
    return {
      status: 415,
      body: { error: `content-encoding must be one of ${ENCODINGS.join(", ")}, not ${encoding}` },
      headers: { "accept-encoding": ENCODINGS.join(", ") },
    };
  }
  return Number(headers["content-length"]) > maximumBodyBytes ? tooLarge(maximumBodyBytes) : undefined;
}

export function tooLarge(maximumBodyBytes: number): Reply {
  return {
    status: 413,
    body: { error: `the body is larger than ${maximumBodyBytes} bytes` },
    hangsUp: true,
  };
}

/** The body is not in the encoding that its header tells of. */
export function undecodable(error: string): Reply {
  return { status: 400, body: { error: `the body is ${error}` }, hangsUp: true };
}

/** The encoding of the body; undefined: none. */
export function encodingOf(request: IncomingMessage): Encoding | undefined {
  const encoding = codingOf(request);
  return isReadable(encoding) ? encoding : undefined;
}

const IDENTITY = "identity";

/** In lower case; `x-gzip` is an old name of gzip, RFC 9110, section 8.4.1.3. */
function codingOf({ headers }: IncomingMessage): string {
  const coding = headers["content-encoding"]?.trim().toLowerCase() || IDENTITY;
  return coding === "x-gzip" ? "gzip" : coding;
}

function isReadable(encoding: string): encoding is Encoding {
  return (ENCODINGS as readonly string[]).includes(encoding);
}

/** Without the scheme and the host that a client may send as it would to a proxy: RFC 9112, section 3.2.2. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

function pathOf({ url = "" }: IncomingMessage): string {
  const path = url.replace(ABSOLUTE_FORM, "").split("?", 1)[0];
  return path === "" ? "/" : (path ?? "/");
}
