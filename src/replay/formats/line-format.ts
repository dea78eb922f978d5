/** What a format of one call a line is. */

/** One call, as a line says it. */
export interface ParsedCall {
  /** Name of the endpoint; undefined: the line names none. */
  readonly endpoint?: string | undefined;
  /** ms since 1970: when it began. */
  readonly startMs: number;
  /** ms; NaN: unknown. */
  readonly durationMs: number;
  /** "ignored": it says nothing about the endpoint, such as a call that its client gave up. */
  readonly outcome: "success" | "failure" | "refused" | "ignored";
  /** Path of the request, where there is one. */
  readonly path?: string | undefined;
}

/** Reads lines of one format. */
export interface LineFormat {
  readonly name: string;
  /** Its times are whole seconds, of this end of the call: the calls of a second are spread over it in the order of their lines. */
  readonly wholeSeconds?: "start" | "end";
  /** undefined: the line is not of this format. */
  parse(line: string): ParsedCall | undefined;
}

/** An HTTP status as an outcome: 429 and 5xx are failures, as for the guards of HTTP requests; 0 is a request without an answer. */
export function outcomeOfStatus(status: number): "success" | "failure" {
  return status === 429 || status >= 500 || status < 100 ? "failure" : "success";
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "10/Oct/2000:13:55:36 -0700", with or without a fraction and a zone (then UTC), in ms; NaN where it is no date. */
export function logTimeOf(text: string): number {
  const parts = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d)(\.\d+)?(?: ([+-])(\d\d)(\d\d))?$/.exec(text);
  if (!parts) return Number.NaN;
  const [
    ,
    day,
    month,
    year,
    hour,
    minute,
    second,
    fraction = ".0",
    sign = "+",
    zoneHour = "0",
    zoneMinute = "0",
  ] = parts;
  const index = MONTHS.indexOf(month!);
  if (index < 0) return Number.NaN;
  const utc = Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second));
  const zoneMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === "-" ? -1 : 1);
  return utc + Number(fraction) * 1_000 - zoneMs;
}
