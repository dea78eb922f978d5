/** Values in InfluxDB's line protocol, and what they cannot be. */
import { isExact } from "./field.ts";

const LINE_BREAK = /[\r\n]/;

/** The name of a measurement. @throws TypeError */
export function measurementText(name: string): string {
  return escaped("the measurement", name, /[, ]/g);
}

/** The key of a tag or a field, or the value of a tag. @throws TypeError */
export function keyText(text: string): string {
  return escaped(JSON.stringify(text), text, /[,= ]/g);
}

/** The line protocol has no escape for a line break, nor for a backslash at the end, and no empty names. */
function escaped(what: string, text: string, special: RegExp): string {
  if (text === "") throw new TypeError("a name is empty, which has no form in a line");
  if (LINE_BREAK.test(text)) throw new TypeError(`${what} has a line break, which has no form in a line`);
  if (text.endsWith("\\")) throw new TypeError(`${what} ends with a backslash, which has no form in a line`);
  return text.replace(special, "\\$&");
}

/**
 * The value of a tag; undefined: it has none.
 *
 * @throws TypeError for a value that is an object, and for a number whose digits are lost
 */
export function tagText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return keyText(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return exactText(name, value);
  throw new TypeError(`the field ${name} has no form as a tag`);
}

/**
 * The value of a field: `3i`, `0.5`, `true`, `"text"`; undefined: it has none.
 *
 * @param isFloat whole numbers are written as floats too.
 * @throws TypeError for an array or an object, and for a number whose digits are lost
 */
export function valueText(name: string, value: unknown, isFloat: boolean): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new TypeError(`the field ${name} has no form in a line`);
  }
  return isFloat || !Number.isInteger(value) ? String(value) : `${exactText(name, value)}i`;
}

function exactText(name: string, value: number): string {
  if (isExact(value)) return Object.is(value, -0) ? "0" : String(value);
  throw new TypeError(`the field ${name} is a whole number beyond 2^53, whose digits are lost`);
}
