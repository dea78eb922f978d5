/** What a failure says: its name, message and code, and for how long the endpoint asks to be left alone. */
import type { ErrorSummary } from "./events.ts";

/** ms: the longest that a header is believed. A wrong header must not stop a program for a year. */
const MAXIMUM_RETRY_AFTER_MS = 3_600_000;

/**
 * What an answer or an error says about when to come back, in ms from now; 0: nothing. Looks for `retryAfterMs` (a breaker
 * further down), then for the header `Retry-After` of itself or of its `response`. Whatever throws says nothing.
 * @param epochMs ms since 1970, for a header that is a date.
 */
export function retryAfterOf(answer: unknown, epochMs: number): number {
  try {
    const { retryAfterMs, headers, response } = Object(answer);
    if (typeof retryAfterMs === "number") return limit(retryAfterMs);
    return parseRetryAfter(headerOf(headers) ?? headerOf(response?.headers), epochMs);
  } catch {
    return 0;
  }
}

/** Of a `Headers`, or of an object whose keys are in lower case or as in the standard. */
// biome-ignore lint/suspicious/noExplicitAny: whatever a caller's answers have
function headerOf(headers: any): unknown {
  return typeof headers?.get === "function"
    ? headers.get("retry-after")
    : (headers?.["retry-after"] ?? headers?.["Retry-After"]);
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3) in ms from now; 0 for anything else. */
export function parseRetryAfter(value: unknown, epochMs: number): number {
  if (typeof value === "number") return limit(value * 1_000);
  if (typeof value !== "string") return 0;
  if (/^\s*\d+\s*$/.test(value)) return limit(+value * 1_000);
  return /[a-z]/i.test(value) ? limit(Date.parse(value) - epochMs) : 0;
}

function limit(ms: number): number {
  return ms > 0 && ms < Infinity ? Math.min(ms, MAXIMUM_RETRY_AFTER_MS) : 0;
}

/** What is kept of an error; never throws. */
export function summaryOf(error: unknown): ErrorSummary {
  const name = fieldOf(error, "name");
  const message = fieldOf(error, "message") ?? (typeof error === "object" ? undefined : error);
  const code = fieldOf(error, "code");
  return {
    name: typeof name === "string" ? name : "Error",
    message: message === undefined ? "" : safeText(message),
    code: typeof code === "string" || typeof code === "number" ? code : undefined,
  };
}

/** A field of anything; undefined where reading it throws. */
export function fieldOf(value: unknown, field: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[field];
  } catch {
    return undefined; // a getter that throws
  }
}

/** The text of anything; never throws. */
export function safeText(value: unknown): string {
  try {
    return String(value).slice(0, 500);
  } catch {
    return "";
  }
}
