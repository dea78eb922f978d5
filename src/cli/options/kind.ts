/** Kinds of values that an option of the command can have: how each is read, checked and described. */
import { MAXIMUM_NAME_LENGTH } from "../../breaker/options.ts";
import { isOptionError } from "../../breaker/validate.ts";
import { type Address, addressOf } from "../../connect/base/address.ts";
import { withoutSecrets } from "../../connect/base/secrets.ts";
import { revealed, textOfFile } from "./secret.ts";
import { ValueError } from "./value-error.ts";

export { ValueError };

export interface Kind {
  /** What stands behind the flag in the help, such as `<ms>`; undefined: a switch, which has no value. */
  readonly placeholder?: string;
  /** The switch is spelled `--no-…` and turns something off. */
  readonly negated?: boolean;
  /** No message has the value in it. */
  readonly isSecret?: boolean;
  /** The flag may be given several times. */
  readonly repeatable?: boolean;
  /**
   * A value as text: from the command line, or from a config file where a variable of the environment stands for it.
   * @param before the value of the same flag given before
   * @throws ValueError
   */
  parse(text: string, before?: unknown): unknown;
  /** A value of a config file. @throws ValueError */
  check(value: unknown): unknown;
  /** JSON Schema of a value in a config file. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** A whole number. */
export function whole(placeholder: string, from: number, to: number): Kind {
  const wanted = `must be a whole number from ${from} to ${to}`;
  const check = (value: unknown): number => {
    if (Number.isInteger(value) && Number(value) >= from && Number(value) <= to) return Number(value);
    throw new ValueError(`${wanted}, got ${shown(value)}`);
  };
  return {
    placeholder,
    // Digits alone: `Number` would take "", " 7" and "1e3" as well.
    parse: (text) => check(/^\d+$/.test(text) ? Number(text) : text),
    check,
    schema: { type: "integer", minimum: from, maximum: to },
  };
}

/** A string. @param wanted what it must be, where `accepts` says no */
export function text(
  placeholder: string,
  wanted = "a string of one character at least",
  accepts: (value: string) => boolean = (value) => value !== "",
): Kind {
  const check = (value: unknown): string => {
    if (typeof value === "string" && accepts(value)) return value;
    throw new ValueError(`must be ${wanted}, got ${shown(value)}`);
  };
  return {
    placeholder,
    parse(given, before) {
      // A second value would silently take the place of the first.
      if (before !== undefined) throw new ValueError(`was given already: ${withoutSecrets(String(before))}`);
      return check(given);
    },
    check,
    schema: { type: "string", minLength: 1 },
  };
}

/** A number that need not be whole. */
export function decimal(placeholder: string, from: number, to: number): Kind {
  const check = (value: unknown): number => {
    if (typeof value === "number" && value >= from && value <= to) return value;
    throw new ValueError(`must be a number from ${from} to ${to}, got ${shown(value)}`);
  };
  return {
    placeholder,
    parse: (text) => check(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text),
    check,
    schema: { type: "number", minimum: from, maximum: to },
  };
}

/**
 * A string that no message shows, or `@env:NAME` or `@file:PATH` in its place.
 *
 * @param check of what is wanted. @throws OptionError
 */
export function secret(placeholder: string, check: (value: string) => unknown): Kind {
  const read = (given: unknown): string => {
    if (typeof given !== "string" || given === "")
      throw new ValueError("must be a string of one character at least");
    const value = revealed(given);
    asValueError(() => check(value));
    return value;
  };
  return {
    placeholder,
    isSecret: true,
    parse(given, before) {
      if (before !== undefined) throw new ValueError("was given already");
      return read(given);
    },
    check: read,
    schema: { type: "string", minLength: 1 },
  };
}

/** A file in PEM; the value is its text. */
export function pemFile(placeholder: string): Kind {
  const read = (path: unknown): string => {
    if (typeof path !== "string" || path === "")
      throw new ValueError("must be a path of one character at least");
    const pem = textOfFile(path);
    if (pem.includes("-----BEGIN ")) return pem;
    throw new ValueError(`must be a file in PEM, and ${path} has no -----BEGIN …----- in it`);
  };
  return {
    placeholder,
    parse(given, before) {
      if (before !== undefined) throw new ValueError("was given already");
      return read(given);
    },
    check: read,
    schema: { type: "string", minLength: 1 },
  };
}

/** The name of an endpoint. */
export function endpointName(placeholder: string): Kind {
  const isName = (value: string) => value.length >= 1 && value.length <= MAXIMUM_NAME_LENGTH;
  return {
    ...text(placeholder, `a name of 1 to ${MAXIMUM_NAME_LENGTH} characters`, isName),
    schema: { type: "string", minLength: 1, maxLength: MAXIMUM_NAME_LENGTH },
  };
}

/** One of a few names. */
export function choice(placeholder: string, names: readonly string[]): Kind {
  return {
    ...text(placeholder, `one of ${names.join(", ")}`, (value) => names.includes(value)),
    schema: { enum: names },
  };
}

/** Strings, each once: one for each use of the flag; in a config file one or an array. */
export function list(placeholder: string): Kind {
  const add = (before: readonly string[], value: unknown): readonly string[] => {
    if (typeof value !== "string" || value === "")
      throw new ValueError(`must be a string or an array of strings, got ${shown(value)}`);
    if (before.includes(value)) throw new ValueError("was given already");
    return [...before, value];
  };
  const item = { type: "string", minLength: 1 };
  return {
    placeholder,
    repeatable: true,
    parse: (given, before) => add((before as readonly string[] | undefined) ?? [], given),
    check: (value) => (Array.isArray(value) ? value : [value]).reduce(add, []),
    schema: { anyOf: [item, { type: "array", items: item, minItems: 1, uniqueItems: true }] },
  };
}

export interface PairRules {
  /** Takes the text of a flag apart; undefined: it is wrong. */
  readonly split: (text: string) => readonly [name: string, value: string] | undefined;
  /** What the text of a flag must be, with an example. */
  readonly wanted: string;
  /** What else must hold for all pairs. @throws OptionError */
  readonly check?: (pairs: Readonly<Record<string, string>>) => unknown;
  /** A value may be, or end with, `@env:NAME` or `@file:PATH`, and no message has one in it. */
  readonly isSecret?: boolean;
}

/** Names with a string each: a pair for each use of the flag; in a config file an object. */
export function pairs(
  placeholder: string,
  { split, wanted, check = () => {}, isSecret = false }: PairRules,
): Kind {
  const read = (value: string): string => (isSecret ? revealed(value) : value);
  const checked = (all: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
    asValueError(() => check(all));
    return all;
  };
  return {
    placeholder,
    isSecret,
    repeatable: true,
    parse(given, before = {}) {
      const [name, value] = split(given) ?? [];
      if (name === undefined || value === undefined) throw new ValueError(`must be ${wanted}`);
      if (Object.hasOwn(before as object, name)) throw new ValueError(`was given already for ${name}`);
      return checked(own({ ...(before as Readonly<Record<string, string>>), [name]: read(value) }));
    },
    check(value) {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new ValueError(`must be an object, got ${shown(value)}`);
      const wrong = Object.entries(value).find(([, item]) => typeof item !== "string");
      if (wrong) throw new ValueError(`must have strings in it, got ${shown(wrong[1])} for ${wrong[0]}`);
      const entries = Object.entries(value as Readonly<Record<string, string>>);
      return checked(own(Object.fromEntries(entries.map(([name, item]) => [name, read(item)]))));
    },
    schema: { type: "object", additionalProperties: { type: "string" } },
  };
}

/** HOST:PORT; a port of 0 is any free one. */
export function address(placeholder: string, example: string): Kind {
  const parse = (given: string): Address => {
    try {
      const found = addressOf(`listen:http://${given}`, "ERR_SOURCE");
      if (found.path === "") return found;
    } catch {
      // The message is the same whatever is wrong.
    }
    throw new ValueError(`must be HOST:PORT, such as ${example}, with a port from 0 (any free one) to 65535`);
  };
  return {
    placeholder,
    parse,
    check: (value) => parse(typeof value === "string" ? value : ""),
    schema: { type: "string", minLength: 3 },
  };
}

/** True or false. On the command line its presence says `true`, or `false` where it is spelled `--no-…`. */
export function onOff(negated = false): Kind {
  return {
    negated,
    parse: (given) => {
      if (given === "true" || given === "false") return given === "true";
      throw new ValueError(`must be true or false, got ${shown(given)}`);
    },
    check: (value) => {
      if (typeof value === "boolean") return value;
      throw new ValueError(`must be true or false, got ${shown(value)}`);
    },
    schema: { type: "boolean" },
  };
}

/** The message of an OptionError says which option of the library is wrong; the flag has another name. */
function asValueError(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!isOptionError(error)) throw error;
    throw new ValueError(error.message.slice(error.option.length + 1));
  }
}

/** A copy without a prototype: any name may be looked up in it. */
function own(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.assign(Object.create(null), record);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(withoutSecrets(value));
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
