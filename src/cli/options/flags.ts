/** From options to flags of commander, and from what was typed to values. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { withoutSecrets } from "../../connect/base/secrets.ts";
import { ValueError } from "./kind.ts";
import { describe, flagOf, type OptionSpec, type Values } from "./option.ts";

/** Adds a flag for each option. No flag has a default: what was not typed is not among the values. */
export function addFlags(command: Command, specs: readonly OptionSpec[]): void {
  command.configureOutput({ outputError: (text, write) => write(withoutSecretValues(text, specs)) });
  for (const spec of specs) {
    const option = new Option(flagOf(spec), describe(spec));
    if (spec.group !== undefined) option.helpGroup(spec.group);
    if (spec.kind.placeholder !== undefined) option.argParser(parserOf(spec));
    command.addOption(option);
  }
}

/** By key: what was typed. */
export function valuesOf(command: Command, specs: readonly OptionSpec[]): Values {
  const given = specs.filter(({ key }) => command.getOptionValueSource(key) === "cli");
  return Object.fromEntries(given.map(({ key }) => [key, command.getOptionValue(key) as unknown]));
}

/** Reads the value of a flag; commander names the flag before what is wrong with it. */
export function parserOf({ kind }: OptionSpec): (text: string, before: unknown) => unknown {
  return (text, before) => {
    try {
      return kind.parse(text, before);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new InvalidArgumentError(`It ${error.message}.`);
    }
  };
}

/** The message of a mistake in the line quotes the value that was given: it may be a secret, or have one in it. */
function withoutSecretValues(text: string, specs: readonly OptionSpec[]): string {
  const flags = specs.filter(({ kind }) => kind.isSecret).map((spec) => flagOf(spec).split(" ", 1)[0]);
  if (flags.length === 0) return withoutSecrets(text);
  const secret = new RegExp(`(option '(?:${flags.join("|")}) [^']*' argument ').*(' is invalid)`, "s");
  return withoutSecrets(text.replace(secret, "$1***$2"));
}
