/** Secrets that a value names instead of having them: `@env:NAME` is a variable of the environment, `@file:PATH` a file. */
import { readFileSync } from "node:fs";
import { fileFaultOf } from "../../connect/base/errors.ts";
import { ValueError } from "./value-error.ts";

/** At the start of a value, or behind a space in it, up to its end; `@@env:` and `@@file:` stand for themselves. */
const REFERENCE = /(^|\s)@(@?)(env|file):(.*)$/s;
/** Of a file with a secret or a certificate. */
const LARGEST = 1_048_576;

/**
 * The value with the secret that it names in its place; a line feed at the end of a file is left out.
 *
 * @throws ValueError for a variable that is not set, and a file that cannot be read or is empty. No message has a secret in it.
 */
export function revealed(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const found = REFERENCE.exec(text);
  if (found === null) return text;
  const [, space = "", doubled, source, name = ""] = found;
  const before = text.slice(0, found.index) + space;
  if (doubled !== "") return `${before}@${source}:${name}`;
  return before + (source === "env" ? variable(name, environment) : secretFile(name));
}

/** The text of a file. @throws ValueError where it cannot be read, is empty or has more than 1 MiB */
export function textOfFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ValueError(`must be a file that can be read, and ${path} cannot: ${fileFaultOf(error)}`);
  }
  if (text === "") throw new ValueError(`must be a file with something in it, and ${path} is empty`);
  if (text.length > LARGEST)
    throw new ValueError(`must be a file of ${LARGEST} characters at most, and ${path} has ${text.length}`);
  return text;
}

function variable(name: string, environment: Readonly<Record<string, string | undefined>>): string {
  const value = environment[name];
  if (value !== undefined && value !== "") return value;
  throw new ValueError(`must find ${name} in the environment, which is not set there`);
}

function secretFile(path: string): string {
  const text = textOfFile(path).replace(/\r?\n$/, "");
  if (text === "")
    throw new ValueError(`must be a file with something in it, and ${path} has a line feed alone`);
  return text;
}
