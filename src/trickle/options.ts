/** The options of one operator: `with` of its definition and of its creation, checked by the operator itself. */
import { isOptionError } from "../breaker/check.ts";
import type { Argument, CreateOperator, Define, Entry, Expression, Name, Span } from "./ast.ts";
import { TrickleError } from "./diagnostic.ts";
import { evaluateConstant, evaluateOption } from "./expression.ts";
import type { SourceText } from "./source.ts";
import { oneOf, suggest } from "./suggest.ts";

/** Plain data; keys as in trickle. */
export type Options = Readonly<Record<string, unknown>>;

/** The part of a definition that decides about options. */
interface Optioned {
  readonly statement: Define;
  readonly operator: { readonly perEvent?: readonly string[]; validate(options: Options): void };
}

/**
 * Evaluates and checks the options of one `create operator`. Its `with` sets the arguments of a definition that
 * has `args`, and replaces options of a definition that has none.
 *
 * @throws TrickleError at the entry that is wrong
 */
export function instanceOptions(definition: Optioned, create: CreateOperator, source: SourceText): Options {
  const { statement, operator } = definition;
  const given = byName(create.options, source);
  const defined = byName(statement.options, source);
  const hasArguments = statement.args.length > 0;
  const args = hasArguments ? argumentValues(statement, create, given, source) : undefined;
  const entries = hasArguments ? defined : new Map([...defined, ...given]);
  const options = Object.fromEntries(
    Array.from(entries, ([name, { value }]) => {
      const evaluate = operator.perEvent?.includes(name) === true ? evaluateOption : evaluateConstant;
      return [name, evaluate(value, source, args)];
    }),
  );
  try {
    operator.validate(options);
  } catch (error) {
    if (!isOptionError(error)) throw error;
    const at = placeOf(entries, error.option) ?? statement.type.at;
    throw new TrickleError(source, at, error.message, {}, error);
  }
  return options;
}

function byName<Named extends Entry | Argument>(
  entries: readonly Named[],
  source: SourceText,
): Map<string, Named> {
  const found = new Map<string, Named>();
  for (const entry of entries) {
    const { text, at } = entry.name;
    if (found.has(text)) throw new TrickleError(source, at, `\`${text}\` is set twice in one list`);
    found.set(text, entry);
  }
  return found;
}

function argumentValues(
  { args, name }: Define,
  create: CreateOperator,
  given: ReadonlyMap<string, Entry>,
  source: SourceText,
): Options {
  const known = byName(args, source);
  for (const entry of given.values()) {
    if (!known.has(entry.name.text)) throw unknownArgument(entry.name, name, known.keys(), source);
  }
  return Object.fromEntries(
    args.map((argument) => {
      const value = given.get(argument.name.text)?.value ?? argument.value;
      if (value === null) throw missingArgument(argument.name, create, source);
      return [argument.name.text, evaluateConstant(value, source)];
    }),
  );
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

function missingArgument(argument: Name, create: CreateOperator, source: SourceText): TrickleError {
  return new TrickleError(source, create.name.at, `the argument \`${argument.text}\` has no value`, {
    hint: `add \`with ${argument.text} = … end\``,
  });
}

/** The entry that a path such as `detector[1].window_ms` speaks of, as deep as it is written out. */
function placeOf(entries: ReadonlyMap<string, Entry>, option: string): Span | undefined {
  const [name = "", ...keys] = option.split(/[.[\]]+/).filter((key) => key !== "");
  const entry = entries.get(name);
  if (entry === undefined) return undefined;
  let place = { from: entry.name.at, value: entry.value };
  for (const key of keys) place = inside(place.value, key) ?? place;
  return { start: place.from.start, end: place.value.at.end };
}

function inside(value: Expression, key: string): { from: Span; value: Expression } | undefined {
  if (value.kind === "record") {
    const field = value.fields.find((field) => field.key.kind === "literal" && field.key.value === key);
    return field && { from: field.key.at, value: field.value };
  }
  const item = value.kind === "list" ? value.items[Number(key)] : undefined;
  return item && { from: item.at, value: item };
}
