/** What our HTTP server answers. */
import type { IncomingMessage, ServerResponse } from "node:http";
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
  const encoding = headers["content-encoding"]?.trim().toLowerCase() || "identity";
  if (encoding !== "identity")
    return { status: 415, body: { error: `no content-encoding, not ${encoding}` } };
  return Number(headers["content-length"]) > maximumBodyBytes ? tooLarge(maximumBodyBytes) : undefined;
}

export function tooLarge(maximumBodyBytes: number): Reply {
  return {
    status: 413,
    body: { error: `the body is larger than ${maximumBodyBytes} bytes` },
    hangsUp: true,
  };
}

/** Without the scheme and the host that a client may send as it would to a proxy: RFC 9112, section 3.2.2. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

function pathOf({ url = "" }: IncomingMessage): string {
  const path = url.replace(ABSOLUTE_FORM, "").split("?", 1)[0];
  return path === "" ? "/" : (path ?? "/");
}
