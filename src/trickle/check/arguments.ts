/** The arguments of a definition: what `create operator … with` sets, and the defaults of the others. */
import { Constants } from "../expression/constants.ts";
import type { Argument, CreateOperator, Define, Entry, Name } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { oneOf, suggest } from "../syntax/suggest.ts";
import { assign, byName } from "./entries.ts";

/**
 * The arguments as constants, over those of the pipeline.
 *
 * @param given the entries of `create operator … with`, by name
 * @throws TrickleError for an argument that the definition has not, or that has no value
 */
export function argumentsOf(
  { args, name }: Define,
  create: CreateOperator,
  given: ReadonlyMap<string, Entry>,
  constants: Constants,
  source: SourceText,
): Constants {
  const known = byName(args, source);
  for (const entry of given.values()) {
    if (!known.has(entry.name.text)) throw unknownArgument(entry.name, name, known.keys(), source);
  }
  const own = new Constants(constants);
  for (const argument of known.values()) {
    const entry = given.get(argument.name.text);
    const value = argument.value;
    if (entry === undefined && value === null) throw missingArgument(argument, create, source);
    if (entry !== undefined) assign(entry, own, source);
    else if (value !== null) assign({ name: argument.name, value }, own, source);
  }
  return own;
}

function unknownArgument(
  name: Name,
  definition: Name,
  known: Iterable<string>,
  source: SourceText,
): TrickleError {
  const names = [...known];
  return new TrickleError(source, name.at, `\`${name.text}\` is no argument of \`${definition.text}\``, {
    expected: oneOf(names),
    hint: suggest(name.text, names),
  });
}

function missingArgument(argument: Argument, create: CreateOperator, source: SourceText): TrickleError {
  const name = argument.name.text;
  return new TrickleError(source, create.name.at, `the argument \`${name}\` has no value`, {
    hint: `add \`with ${name} = … end\``,
  });
}
