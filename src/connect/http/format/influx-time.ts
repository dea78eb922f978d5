/** Times of events as InfluxDB wants them: whole ns since 1970. */
import { isExact } from "./field.ts";

/** The unit of times in the line protocol. */
export type Precision = "s" | "ms" | "us" | "ns";

/** ns of a unit. */
export const PRECISIONS: Readonly<Record<Precision, bigint>> = {
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
};

/** RFC 3339, with up to nine digits of a second. */
const DATE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i;
const DIGITS = /^-?\d{1,19}$/;

/**
 * @param value a number or a string of digits, in units of `precision`, or a date of RFC 3339.
 * @throws TypeError for what is no time, and for a number whose digits are lost
 */
export function timeText(field: string, value: unknown, precision: Precision): string {
  const unit = PRECISIONS[precision];
  if (typeof value === "number" && Number.isFinite(value) && isExact(value)) {
    const whole = Math.trunc(value);
    return String(BigInt(whole) * unit + BigInt(Math.round((value - whole) * Number(unit))));
  }
  if (typeof value === "string" && DIGITS.test(value)) return String(BigInt(value) * unit);
  const ns = typeof value === "string" ? dateNs(value) : undefined;
  if (ns !== undefined) return String(ns);
  throw new TypeError(
    `the field ${field} must be a date, or a number of ${precision} below 2^53 or in a string, to be the time`,
  );
}

function dateNs(text: string): bigint | undefined {
  const [, day, time, fraction = "", zone = ""] = DATE.exec(text) ?? [];
  const ms = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
