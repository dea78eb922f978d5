/** Comparisons of numbers that JavaScript rounds, such as ids beyond 2^53: by the digits in the text of the event. */
import type { Subject } from "./evaluate.ts";

/** Text and numbers of valid JSON, in their order. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** What each text and each long number of the JSON begins with, once it is rewritten: no text can look like a number. */
const IS_TEXT = "t";
const IS_NUMBER = "n";

/** A number as it is written. */
export class ExactNumber {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

/** Whether other numbers may have become this one when they were read. */
export function isRounded(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
}

/**
 * The same subject with an ExactNumber for each number that is rounded; undefined where the data have no text:
 * then their numbers are exact.
 */
export function exactSubject({ text, meta }: Subject): Subject | undefined {
  if (text === undefined) return undefined;
  const marked = text.replace(TOKEN, (token) => {
    if (token.startsWith('"')) return `"${IS_TEXT}${token.slice(1)}`;
    return isRounded(Number(token)) ? `"${IS_NUMBER}${token}"` : token;
  });
  return { data: unmark(JSON.parse(marked)), meta };
}

function unmark(value: unknown): unknown {
  if (typeof value === "string") {
    return value.startsWith(IS_NUMBER) ? new ExactNumber(value.slice(1)) : value.slice(1);
  }
  if (Array.isArray(value)) return value.map(unmark);
  if (typeof value !== "object" || value === null) return value;
  // Own properties, `__proto__` as well.
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.slice(1), unmark(inner)]));
}

/** Below 0: a is less; 0: they are equal. */
export function compareExactly(a: number | ExactNumber, b: number | ExactNumber): number {
  const [left, right] = [decimalOf(a), decimalOf(b)];
  if (left.sign !== right.sign) return left.sign - right.sign;
  const order = left.magnitude - right.magnitude || compareDigits(left.digits, right.digits);
  return order * left.sign;
}

interface Decimal {
  /** -1, 0, 1. */
  readonly sign: number;
  /** Power of ten of the first digit. */
  readonly magnitude: number;
  /** Without zeros at the beginning. */
  readonly digits: string;
}

function decimalOf(value: number | ExactNumber): Decimal {
  const text = typeof value === "number" ? String(value) : value.digits;
  const [, minus, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "");
  const zeros = whole.length + fraction.length - digits.length;
  const sign = digits === "" ? 0 : minus === "-" ? -1 : 1;
  return { sign, magnitude: whole.length - zeros + Number(exponent), digits };
}

function compareDigits(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  const [left, right] = [a.padEnd(length, "0"), b.padEnd(length, "0")];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
