/** The response that stands for a refusal. */
import type { CircuitOpenError } from "../breaker/errors.ts";

const MS_PER_S = 1_000;

/** Of a refusal. */
export const REFUSAL_STATUS = 503;
/** Of a refusal. */
export const REFUSAL_STATUS_TEXT = "Service Unavailable";

/**
 * Its headers, names in lower case. `Proxy-Status` (RFC 9209, 2.3.4) tells it from a response of the endpoint. Without
 * `retry-after` where no time ends the refusal.
 */
export function refusalHeaders({ retryAfterMs }: CircuitOpenError): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "text/plain; charset=utf-8",
    "proxy-status": "bluesmoke; error=destination_unavailable",
  };
  if (retryAfterMs < Infinity)
    headers["retry-after"] = String(Math.max(1, Math.ceil(retryAfterMs / MS_PER_S)));
  return headers;
}

/** Its body. */
export function refusalText({ message }: CircuitOpenError): string {
  return `${message}\n`;
}
