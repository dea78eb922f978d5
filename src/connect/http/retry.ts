/** The `Retry-After` header: RFC 9110, section 10.2.3. */

/** The longest wait that an endpoint may ask for; what asks for more gets this. One hour. */
export const MAXIMUM_RETRY_AFTER_MS = 3_600_000;

const SECONDS = /^\d{1,12}$/;
/** The one form of date that a server may send: "Sun, 06 Nov 1994 08:49:37 GMT". */
const HTTP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long the endpoint asks us to stay away, in ms, from 0 to MAXIMUM_RETRY_AFTER_MS; undefined where the header is
 * absent or says nothing that can be relied on, such as a negative number or a date in another form.
 *
 * @param header the value of `Retry-After`: whole seconds, or a date.
 * @param date the value of the `Date` header of the same response. A date is measured from it where it is there, since
 * the endpoint's clock need not agree with ours.
 * @param nowMs our own wall clock, in ms since 1970.
 */
export function retryAfterMs(
  header: string | undefined,
  date: string | undefined,
  nowMs: number,
): number | undefined {
  if (header === undefined) return undefined;
  const delayMs = SECONDS.test(header) ? Number(header) * 1_000 : dateOf(header) - (dateOf(date) || nowMs);
  if (Number.isNaN(delayMs)) return undefined;
  return Math.min(Math.max(delayMs, 0), MAXIMUM_RETRY_AFTER_MS);
}

/** NaN for what is no date. */
function dateOf(text: string | undefined): number {
  return text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
}
