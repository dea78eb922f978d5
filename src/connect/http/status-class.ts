/** What the status of an answer says: about the endpoint, or about the events that were sent. */

/**
 * Client errors (4xx) that tell of the endpoint, of the way to it or of our right to use it: 401 Unauthorized,
 * 403 Forbidden, 407 Proxy Authentication Required, 408 Request Timeout, 421 Misdirected Request, 425 Too Early,
 * 429 Too Many Requests. All others say that the request is wrong, and that the endpoint is well enough to say so.
 */
const OF_ENDPOINT: ReadonlySet<number> = new Set([401, 403, 407, 408, 421, 425, 429]);

/** 207 Multi-Status: the endpoint has taken some parts of the request and refused others, in a form of its own. */
export const MULTI_STATUS = 207;

/** 400 Bad Request, 413 Content Too Large, 422 Unprocessable Content, 207: one event among many may be the cause. */
const OF_EVENTS: ReadonlySet<number> = new Set([MULTI_STATUS, 400, 413, 422]);

/** True: sending it again would fail again, and a breaker has nothing to count. */
export function isAboutRequest(status: number | undefined): boolean {
  if (status === undefined || OF_ENDPOINT.has(status)) return false;
  return status === MULTI_STATUS || (status >= 400 && status < 500);
}

/** True: a smaller batch may be taken. */
export function mayBeOneEvent(status: number | undefined): boolean {
  return status !== undefined && OF_EVENTS.has(status);
}
