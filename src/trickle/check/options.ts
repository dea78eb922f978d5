/** The options of one operator: `with` of its definition and of its creation, read by the operator itself. */
import type { OperatorDefinition } from "../../flow/operators/catalog.ts";
import { Constants } from "../expression/constants.ts";
import { compileExpression, evaluateConstant } from "../expression/expression.ts";
import { constantOf, pathsIn, readsEvent } from "../expression/free-variables.ts";
import type { CreateOperator, Define, Expression } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { argumentsOf } from "./arguments.ts";
import { assign, byName } from "./entries.ts";
import type { Written } from "./error-location.ts";
import { optionErrors } from "./option-errors.ts";

/** Plain data, and functions of an event where the operator takes them; keys as in trickle. */
export type Options = Readonly<Record<string, unknown>>;

/** The part of a definition that decides about options. */
export interface Configurable {
  readonly statement: Define;
  readonly operator: Pick<OperatorDefinition, "read" | "perEvent">;
}

/** Options as they are written, and the settings that the operator reads in them. */
export interface ReadOptions {
  readonly options: Options;
  readonly settings: unknown;
}

/**
 * Reads the options of one `create operator`. Its `with` sets the arguments of a definition that has `args`, and
 * replaces options of a definition that has none.
 *
 * @param constants those of the pipeline
 * @throws TrickleError with every wrong option, each at its entry
 */
export function readOptions(
  definition: Configurable,
  create: CreateOperator,
  constants: Constants,
  source: SourceText,
): ReadOptions {
  const { statement } = definition;
  const given = byName(create.options, source);
  const defined = byName(statement.options, source);
  const written =
    statement.args.length === 0
      ? { entries: new Map([...defined, ...given]), constants }
      : { entries: defined, constants: argumentsOf(statement, create, given, constants, source) };
  return read(definition, written, source, true);
}

/**
 * Checks a definition by itself: nothing is created from it, or each `create` replaces some of its options. Options that
 * read an argument without a value are left out, and none is missed.
 *
 * @throws TrickleError with every wrong option, each at its entry
 */
export function checkDefinition(definition: Configurable, constants: Constants, source: SourceText): void {
  const { args, options } = definition.statement;
  const own = new Constants(constants);
  for (const { name, value } of byName(args, source).values()) {
    if (value !== null) assign({ name, value }, own, source);
  }
  const open = new Set(args.filter(({ value }) => value === null).map(({ name }) => name.text));
  const decided = Array.from(byName(options, source)).filter(([, { value }]) => !readsAny(value, open));
  read(definition, { entries: new Map(decided), constants: own }, source, false);
}

function readsAny(value: Expression, names: ReadonlySet<string>): boolean {
  return pathsIn(value).some((path) => names.has(constantOf(path) ?? ""));
}

function read(
  definition: Configurable,
  written: Written,
  source: SourceText,
  isComplete: boolean,
): ReadOptions {
  const { options, errors } = evaluate(definition, written, source);
  try {
    const settings = definition.operator.read(options);
    if (errors.length === 0) return { options, settings };
  } catch (error) {
    const missed = isComplete && errors.length === 0 ? definition.statement.type : undefined;
    errors.push(...optionErrors(error, { operator: definition.operator, options, written, missed, source }));
    if (errors.length === 0) return { options, settings: undefined };
  }
  throw TrickleError.of(errors);
}

/** The values of the entries; an entry that has none is left out. */
function evaluate(
  { operator }: Configurable,
  { entries, constants }: Written,
  source: SourceText,
): { options: Options; errors: TrickleError[] } {
  const perEvent = operator.perEvent ?? [];
  const errors: TrickleError[] = [];
  const values: [string, unknown][] = [];
  for (const [name, { value }] of entries) {
    const compile = perEvent.includes(name) && readsEvent(value) ? compileExpression : evaluateConstant;
    try {
      values.push([name, compile(value, source, constants)]);
    } catch (error) {
      if (!(error instanceof TrickleError)) throw error;
      errors.push(error);
    }
  }
  return { options: Object.fromEntries(values), errors };
}
