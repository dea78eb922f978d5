/** Options are camelCase in TypeScript and snake_case in pipelines, one for one; so are the errors about them. */
import { isOptionError, type OptionError, optionError } from "../../breaker/validate.ts";

/**
 * The same options with camelCase keys, at every depth; values stay as they are.
 *
 * @throws OptionError for a key that is camelCase already: two spellings of one option would be one too many
 */
export function camelKeys(value: unknown, path = ""): unknown {
  if (Array.isArray(value)) return value.map((entry, index) => camelKeys(entry, `${path}[${index}]`));
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const here = path === "" ? key : `${path}.${key}`;
    if (key !== snakeCase(key)) throw misspelt(here);
    return [camelCase(key), camelKeys(inner, here)];
  });
  return Object.fromEntries(entries);
}

/** What `work` returns; an OptionError that it throws is in snake_case. Other errors pass through. */
export function inSnakeCase<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isOptionError(error) ? translated(error) : error;
  }
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Generators, functions and class instances are values, not groups of options. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The value behind ", got " is that of the user: it stays as it is. */
function translated(error: OptionError): OptionError {
  const [ours = "", ...given] = error.message.split(", got ");
  const message = [ours.replace(/\b[a-z]+[A-Z]\w*/g, snakeCase), ...given].join(", got ");
  return optionError(snakeCase(error.option), message, error instanceof RangeError ? RangeError : TypeError);
}

function misspelt(path: string): OptionError {
  return optionError(path, `unknown option "${path}"; in a pipeline it is ${snakeCase(path)}`, TypeError);
}
