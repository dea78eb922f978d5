/** Checks of single option values. Every message names the option, what is allowed, and what was given. */

/** What an error about an option has besides its message. */
export interface OptionErrorFields {
  /** Stable; test this, or ask `isOptionError`. */
  readonly code: "ERR_OPTION";
  /** Path of the option, such as `detector.windowMs`. */
  readonly option: string;
}

/** Thrown for options: a TypeError for the wrong kind of value, a RangeError for one out of range. */
export type OptionError = (TypeError | RangeError) & OptionErrorFields;

/** Whether an error is about an option; works across realms and duplicate installs. */
export function isOptionError(error: unknown): error is OptionError {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ERR_OPTION";
}

/** A TypeError that names the option. */
export function wrongType(option: string, wanted: string, value: unknown): OptionError {
  const fields: OptionErrorFields = { code: "ERR_OPTION", option };
  return Object.assign(new TypeError(`${option} must be ${wanted}, got ${show(value)}`), fields);
}

/** A RangeError that names the option. */
export function outOfRange(option: string, wanted: string, value: unknown): OptionError {
  const fields: OptionErrorFields = { code: "ERR_OPTION", option };
  return Object.assign(new RangeError(`${option} must be ${wanted}, got ${show(value)}`), fields);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** Inclusive bounds of a number. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Whole numbers only. */
  readonly whole?: boolean;
}

/** The value, if it is a number in range; `fallback` if it is undefined. */
export function numberOption(option: string, value: unknown, range: Range, fallback?: number): number {
  if (value === undefined && fallback !== undefined) return fallback;
  const wanted = `a ${range.whole ? "whole number" : "number"} from ${range.from} to ${range.to}`;
  if (typeof value !== "number") throw wrongType(option, wanted, value);
  if (!(value >= range.from && value <= range.to)) throw outOfRange(option, wanted, value);
  if (range.whole && !Number.isInteger(value)) throw outOfRange(option, wanted, value);
  return value;
}

/** The value, if it is one of the names; `fallback` if it is undefined. */
export function nameOption<Name extends string>(
  option: string,
  value: unknown,
  names: readonly Name[],
  fallback?: Name,
): Name {
  if (value === undefined && fallback !== undefined) return fallback;
  const wanted = `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`;
  if (typeof value !== "string") throw wrongType(option, wanted, value);
  const found = names.find((name) => name === value);
  if (found === undefined) throw outOfRange(option, wanted, value);
  return found;
}

/** @throws OptionError for what cannot be called. */
export function functionOption(option: string, value: unknown): void {
  if (typeof value !== "function") throw wrongType(option, "a function", value);
}

/** The value, if it is an object with no other keys than those; an empty one if it is undefined. */
export function objectOption(
  option: string,
  value: unknown,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongType(option, "an object", value);
  }
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw unknownKey(option, key, keys);
  }
  return value as Readonly<Record<string, unknown>>;
}

function unknownKey(option: string, key: string, keys: readonly string[]): OptionError {
  const path = option === "options" ? key : `${option}.${key}`;
  const fields: OptionErrorFields = { code: "ERR_OPTION", option: path };
  return Object.assign(new TypeError(`${path} is no option; there are ${keys.join(", ")}`), fields);
}
