/** From options to flags of commander, and from what was typed to values. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { ValueError } from "./kind.ts";
import { describe, flagOf, type OptionSpec, type Values } from "./option.ts";

/** Adds a flag for each option. No flag has a default: what was not typed is not among the values. */
export function addFlags(command: Command, specs: readonly OptionSpec[]): void {
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
