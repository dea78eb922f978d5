/** The options of one operator: `with` of its definition and of its creation, checked by the operator itself. */
import { isOptionError, type OptionError } from "../breaker/validate.ts";
import type { OperatorDefinition } from "../flow/operator/catalog.ts";
import { assign } from "./assignment.ts";
import type { Argument, CreateOperator, Define, Entry, Expression, Name } from "./ast.ts";
import { misses, placed, type Written } from "./blame.ts";
import { Constants } from "./constants.ts";
import { TrickleError } from "./diagnostic.ts";
import { compileExpression, evaluateConstant } from "./expression.ts";
import { byName } from "./names.ts";
import { constantOf, pathsIn, readsEvent } from "./reading.ts";
import type { SourceText } from "./source.ts";
import { oneOf, suggest } from "./suggest.ts";

/** Plain data, and functions of an event where the operator takes them; keys as in trickle. */
export type Options = Readonly<Record<string, unknown>>;

/** The part of a definition that decides about options. */
interface Optioned {
  readonly statement: Define;
  readonly operator: Pick<OperatorDefinition, "validate" | "perEvent">;
}

/**
 * Evaluates and checks the options of one `create operator`. Its `with` sets the arguments of a definition that
 * has `args`, and replaces options of a definition that has none.
 *
 * @param constants those of the pipeline
 * @throws TrickleError at the entry that is wrong
 */
export function instanceOptions(
  definition: Optioned,
  create: CreateOperator,
  constants: Constants,
  source: SourceText,
): Options {
  const written = writtenFor(definition, create, constants, source);
  const options = evaluate(definition, written, source);
  const error = faultIn(definition, options);
  if (error === undefined) return options;
  throw allPlaced(definition, options, written, source) ?? misses(definition.statement, error, source);
}

/** The first fault that is written, which knows of all others; undefined: what is wrong is not written. */
function allPlaced(
  definition: Optioned,
  options: Options,
  written: Written,
  source: SourceText,
): TrickleError | undefined {
  const found: TrickleError[] = [];
  let rest: unknown = options;
  // Without the option that is wrong the next fault shows.
  for (let error = faultIn(definition, options); error !== undefined; ) {
    const fault = placed(error, written, source);
    if (fault === undefined || found.some(({ message }) => message === fault.message)) break;
    found.push(fault);
    rest = without(rest, keysOf(error.option));
    error = faultIn(definition, rest as Options);
  }
  const [first, ...others] = found.sort((a, b) => a.line - b.line || a.column - b.column);
  return first?.with(others.map(({ diagnostic }) => diagnostic));
}

function keysOf(option: string): readonly string[] {
  return option.split(/[.[\]]+/).filter((key) => key !== "");
}

/** A copy without what is at the path; an item of a list goes with the whole list, whose other items would move. */
function without(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return undefined;
  const { [key]: inner, ...others } = value as Readonly<Record<string, unknown>>;
  const isRecord = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  return rest.length > 0 && isRecord ? { ...others, [key]: without(inner, rest) } : others;
}

/**
 * Checks what a definition says by itself, so that a fault shows although nothing was created from it, or what
 * was created replaces the option. What it leaves open is left open.
 *
 * @throws TrickleError at the entry that is wrong
 */
export function checkDefinition(definition: Optioned, constants: Constants, source: SourceText): void {
  const { args, options } = definition.statement;
  const own = new Constants(constants);
  for (const { name, value } of byName(args, source).values()) {
    if (value !== null) assign({ name, value }, own, source);
  }
  const open = new Set(args.filter(({ value }) => value === null).map(({ name }) => name.text));
  const decided = Array.from(byName(options, source)).filter(([, { value }]) => !readsAny(value, open));
  const written: Written = { entries: new Map(decided), constants: own };
  const fault = allPlaced(definition, evaluate(definition, written, source), written, source);
  if (fault !== undefined) throw fault;
}

function readsAny(value: Expression, names: ReadonlySet<string>): boolean {
  return pathsIn(value).some((path) => names.has(constantOf(path) ?? ""));
}

function writtenFor(
  { statement }: Optioned,
  create: CreateOperator,
  constants: Constants,
  source: SourceText,
): Written {
  const given = byName(create.options, source);
  const defined = byName(statement.options, source);
  if (statement.args.length === 0) return { entries: new Map([...defined, ...given]), constants };
  return { entries: defined, constants: argumentsOf(statement, create, given, constants, source) };
}

function argumentsOf(
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

function evaluate({ operator }: Optioned, { entries, constants }: Written, source: SourceText): Options {
  const perEvent = operator.perEvent ?? [];
  return Object.fromEntries(
    Array.from(entries, ([name, { value }]) => {
      const isFunction = perEvent.includes(name) && readsEvent(value);
      const compile = isFunction ? compileExpression : evaluateConstant;
      return [name, compile(value, source, constants)];
    }),
  );
}

function faultIn({ operator }: Optioned, options: Options): OptionError | undefined {
  try {
    operator.validate(options);
    return undefined;
  } catch (error) {
    if (isOptionError(error)) return error;
    throw error;
  }
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
