/** How long an endpoint asks to be left alone. */

/** The most that a header is believed: an hour. A bad header must not stop a program for a year. */
const MAXIMUM_RETRY_AFTER_MS = 3_600_000;

/**
 * What an answer or an error says about when to come back, in ms from now; 0 if nothing. Looks for `retryAfterMs`
 * (a breaker further down), then for the header `Retry-After` of itself or of its `response`.
 * @param epochMs ms since 1970, for a header that is a date.
 */
export function retryAfterOf(answer: unknown, epochMs: number): number {
  if (typeof answer !== "object" || answer === null) return 0;
  const { retryAfterMs, headers, response } = answer as Record<string, unknown>;
  if (typeof retryAfterMs === "number") return limit(retryAfterMs);
  const own = headerOf(headers);
  if (own !== undefined) return parseRetryAfter(own, epochMs);
  if (typeof response !== "object" || response === null) return 0;
  return parseRetryAfter(headerOf((response as Record<string, unknown>).headers), epochMs);
}

/** Of a `Headers`, or of an object whose keys are in lower case or as in the standard. */
function headerOf(headers: unknown): unknown {
  if (typeof headers !== "object" || headers === null) return undefined;
  if ("get" in headers && typeof headers.get === "function") return headers.get("retry-after") ?? undefined;
  const fields = headers as Record<string, unknown>;
  return fields["retry-after"] ?? fields["Retry-After"];
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3) in ms from now; 0 for anything else. */
export function parseRetryAfter(value: unknown, epochMs: number): number {
  if (typeof value === "number") return limit(value * 1_000);
  if (typeof value !== "string") return 0;
  if (/^\s*\d+\s*$/.test(value)) return limit(Number(value) * 1_000);
  return /[a-z]/i.test(value) ? limit(Date.parse(value) - epochMs) : 0;
}

function limit(ms: number): number {
  return ms > 0 && ms < Number.POSITIVE_INFINITY ? Math.min(ms, MAXIMUM_RETRY_AFTER_MS) : 0;
}
