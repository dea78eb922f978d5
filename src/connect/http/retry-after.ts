/** The `Retry-After` header: RFC 9110, section 10.2.3. */

/** The longest wait that an endpoint may ask for; what asks for more gets this. One hour. */
export const MAXIMUM_RETRY_AFTER_MS = 3_600_000;

const SECONDS = /^\d{1,12}$/;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** The forms of a date that a recipient has to read, RFC 9110, section 5.6.7: day, month, year, time of day. */
const DATES: readonly RegExp[] = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  /^[a-z]{3}, (?<day>\d{2}) (?<month>[a-z]{3}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/i,
  // Sunday, 06-Nov-94 08:49:37 GMT
  /^[a-z]{6,9}, (?<day>\d{2})-(?<month>[a-z]{3})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/i,
  // Sun Nov  6 08:49:37 1994
  /^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/i,
];

/**
 * How long the endpoint asks us to stay away, in ms, from 0 to MAXIMUM_RETRY_AFTER_MS; undefined where the header is
 * absent or says nothing that can be relied on, such as a negative number. Of several headers the longest wait counts.
 *
 * @param header the values of `Retry-After`: whole seconds, or a date.
 * @param date the values of the `Date` header of the same response. A date is measured from it where it is there once,
 * since the endpoint's clock need not agree with ours.
 * @param nowMs our own wall clock, in ms since 1970.
 */
export function retryAfterMs(
  header: string | readonly string[] | undefined,
  date: string | readonly string[] | undefined,
  nowMs: number,
): number | undefined {
  const endpointMs = typeof date === "string" ? dateOf(date.trim(), nowMs) || nowMs : nowMs;
  const waits = valuesOf(header).map((value) => waitOf(value, endpointMs));
  const known = waits.filter((waitMs) => !Number.isNaN(waitMs));
  if (known.length === 0) return undefined;
  return Math.min(Math.max(...known, 0), MAXIMUM_RETRY_AFTER_MS);
}

/** A proxy may join two headers of seconds to one. */
function valuesOf(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return [];
  return [header].flat().flatMap((value) => (/^[\d\s,]+$/.test(value) ? value.split(",") : [value]));
}

/** NaN for what is neither seconds nor a date. */
function waitOf(value: string, endpointMs: number): number {
  const text = value.trim();
  return SECONDS.test(text) ? Number(text) * 1_000 : dateOf(text, endpointMs) - endpointMs;
}

/** NaN for what is no date. */
function dateOf(text: string, nowMs: number): number {
  for (const form of DATES) {
    const parts = form.exec(text)?.groups;
    if (parts !== undefined) return timeOf(parts, nowMs);
  }
  return Number.NaN;
}

function timeOf({ year = "", month = "", day, time = "" }: Record<string, string>, nowMs: number): number {
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  if (monthIndex < 0 || hours > 23 || minutes > 59 || seconds > 60) return Number.NaN;
  const fullYear = year.length === 2 ? nearYear(Number(year), nowMs) : Number(year);
  const dayMs = Date.UTC(fullYear, monthIndex, Number(day));
  if (new Date(dayMs).getUTCMonth() !== monthIndex) return Number.NaN; // such as 31 February
  return dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}

/** Two digits mean the latest such year that is not more than 50 years ahead. */
function nearYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  if (year > thisYear + 50) return year - 100;
  return year <= thisYear - 50 ? year + 100 : year;
}
