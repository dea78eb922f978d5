/** Variables of the environment in the strings of a config file. */
import { ValueError } from "./kind.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `${NAME}`, `${NAME:-default}`, and `$${` for the characters `${` themselves. */
const VARIABLE = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g;

/** Whether anything would be replaced in it. */
export function hasVariables(text: string): boolean {
  return text.includes("${");
}

/** Names of the variables in it. */
export function variableNames(text: string): readonly string[] {
  return Array.from(text.matchAll(VARIABLE), ([, name]) => name).filter((name) => name !== undefined);
}

/**
 * The text with the values of the variables in it.
 *
 * @throws ValueError for a variable that is not set and has no default, and for `${` that begins no variable
 */
export function substitute(text: string, environment: Environment): string {
  return text.replace(VARIABLE, (found: string, name: string | undefined, otherwise: string | undefined) => {
    if (found === "$${") return "${";
    if (name === undefined)
      throw new ValueError(
        "must have a name between the braces of each variable; a doubled $ stands for itself",
      );
    const value = environment[name] ?? otherwise;
    if (value === undefined)
      throw new ValueError(`must find ${name} in the environment, which is not set there`);
    return value;
  });
}
