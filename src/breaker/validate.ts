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

/** Inclusive bounds of a number. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Whole numbers only. */
  readonly whole?: boolean | undefined;
}

/** A copy of the caller's own properties. It has no prototype: a name that is absent reads as undefined. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether an error is about an option; works across realms and duplicate installs. */
export function isOptionError(error: unknown): error is OptionError {
  return (error as Partial<OptionError> | null | undefined)?.code === "ERR_OPTION";
}

/** An error about an option, with a message of its own. */
export function optionError(
  option: string,
  message: string,
  Kind: ErrorConstructor = RangeError,
): OptionError {
  return Object.assign(new Kind(message), { code: "ERR_OPTION" as const, option });
}

/** A TypeError that names the option, what it must be, and the value. */
export function wrongType(option: string, wanted: string, value: unknown): OptionError {
  return outOfRange(option, wanted, value, "none");
}

/**
 * A RangeError that names the option, what it must be, and the value.
 *
 * @param type the error is a TypeError if the value has another one
 */
export function outOfRange(
  option: string,
  wanted: string,
  value: unknown,
  type: string = typeof value,
): OptionError {
  const Kind = typeof value === type ? RangeError : TypeError;
  return optionError(option, `${option} must be ${wanted}, got ${show(value)}`, Kind);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value ? "an object" : String(value);
}

/** The value, if it is a number in range; `fallback` if it is undefined. */
export function numberOption(option: string, value: unknown, range: Range, fallback?: number): number {
  if (value === undefined && fallback !== undefined) return fallback;
  const { from, to, whole } = range;
  if (typeof value === "number" && value >= from && value <= to && !(whole && value % 1)) return value;
  throw outOfRange(option, `${whole ? "a whole number from " : ""}${from} to ${to}`, value, "number");
}

/** The value, if it is one of the names; `fallback` if it is undefined. */
export function nameOption<Name extends string>(
  option: string,
  value: unknown,
  names: readonly Name[],
  fallback?: Name,
): Name {
  if (value === undefined && fallback !== undefined) return fallback;
  if (names.includes(value as Name)) return value as Name;
  throw outOfRange(option, `one of "${names.join('", "')}"`, value, "string");
}

/** The value, if it can be called. */
export function functionOption(option: string, value: unknown): unknown {
  if (typeof value !== "function") throw wrongType(option, "a function", value);
  return value;
}

/**
 * A copy of the own properties of an object, of which each is read once.
 *
 * @throws OptionError for what is no object
 */
export function fieldsOf(option: string, value: unknown): Fields {
  if (typeof value !== "object" || !value || Array.isArray(value))
    throw wrongType(option, "an object", value);
  return { __proto__: null, ...value } as unknown as Fields;
}

/**
 * A copy of an object that has no other keys than those; an empty one if it is undefined.
 *
 * @param option "options" for the outermost object, whose keys are named without a path
 * @param placeOf says to which options a key belongs that is none of these
 * @throws OptionError for what is no object, and for an unknown key
 */
export function objectOption(
  option: string,
  value: unknown = {},
  keys: readonly string[],
  placeOf?: (key: string) => string | undefined,
): Fields {
  const fields = fieldsOf(option, value);
  const unknown = Object.keys(fields).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw unknownOption(option, unknown, keys, placeOf?.(unknown));
  return fields;
}

function unknownOption(option: string, key: string, keys: readonly string[], place = option): OptionError {
  const path = pathOf(option, key);
  const near = keys.find((name) => isNear(key, name));
  // A detector of another kind is no other place.
  const isElsewhere = !option.startsWith(place);
  const hint = isElsewhere ? `${key} is an option of ${place}` : `expected one of ${keys.join(", ")}`;
  const meant = near ? `; did you mean "${near}"?` : "";
  return optionError(path, `unknown option "${path}"; ${hint}${meant}`, TypeError);
}

/** Path of a key of that option. */
export function pathOf(option: string, key: string): string {
  return option === "options" ? key : `${option}.${key}`;
}

/** Whether two names differ in at most two neighbouring letters: the others are where they are, seen from one end. */
function isNear(one: string, other: string): boolean {
  const same = [...one].filter((letter, at) => letter === other[at] || letter === other.at(at - one.length));
  return same.length > Math.max(2, one.length - 3, other.length - 3);
}
