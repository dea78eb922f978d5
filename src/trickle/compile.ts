/** From the text of a pipeline to a program that can be deployed. */

import { outOfRange } from "../breaker/validate.ts";
import { CATALOG, type OperatorDefinition } from "../flow/operators/catalog.ts";
import { declare } from "./check/declarations.ts";
import { edgesOf } from "./check/edges.ts";
import { constantsOf } from "./check/entries.ts";
import { limitFanOut } from "./check/fan-out-limit.ts";
import { checkGraph, graphWarnings } from "./check/graph-validation.ts";
import { lower } from "./check/lower.ts";
import { oldUses } from "./check/old-pipelines.ts";
import { References } from "./check/references.ts";
import { unusedNames } from "./check/unused.ts";
import { CompiledProgram, type Program } from "./program.ts";
import type { SelectStatement, Span, Statement } from "./syntax/ast.ts";
import { byLocation, TrickleError } from "./syntax/diagnostic.ts";
import { ErrorRecovery } from "./syntax/error-recovery.ts";
import { parse } from "./syntax/parser.ts";
import { SourceText } from "./syntax/source-text.ts";

/** As the grammar reads a type after `define` or `from`. */
const OPERATOR_TYPE = /^[A-Za-z_]\w*(?:::[A-Za-z_]\w*)+$/;

/** All are optional. */
export interface CompileOptions {
  /** The name of the source in messages. Default "pipeline.trickle". */
  readonly file?: string;
  /** Operator types of the host, besides those of `CATALOG`; each `type` is `module::name`. Default: none. */
  readonly operators?: readonly OperatorDefinition[];
}

/**
 * Parses and checks a pipeline; nothing is made yet.
 *
 * @param text at most 1 MiB (in UTF-16 units), 1,000 statements, 64 levels of nesting, 250,000 parts an expression
 * @throws TrickleError with every error that can be found, each with its location. An error in the grammar or in a constant hides
 * those behind it; an error that only follows from another one is left out. OptionError for `operators` that have no type of
 * their own
 */
export function compile(text: string, options: CompileOptions = {}): Program {
  const source = new SourceText(text, options.file ?? "pipeline.trickle");
  const statements = parse(source);
  const constants = constantsOf(statements, source);
  const recovery = new ErrorRecovery();
  const context = { source, catalog: catalogWith(options.operators), constants, recovery };
  const selects = statements.filter(isSelect);
  const declarations = declare(statements, context);
  const references = new References(context, declarations);
  const edges = edgesOf(selects, references, context);
  const blueprint = lower(declarations, edges, source);
  // Errors of the graph that is left without the errors so far are errors of the whole graph, too.
  const plan = recovery.attempt(() => checkGraph(blueprint, edges, source));
  recovery.finish();
  if (plan === undefined || selects.length === 0) throw nothingToDeploy(statements, source);
  limitFanOut(plan, edges, source);
  const warnings = [
    ...references.warnings,
    ...graphWarnings(plan, blueprint, edges, source),
    ...unusedNames(statements, declarations, source),
    ...oldUses(declarations, source),
  ].sort(byLocation);
  return new CompiledProgram({ source, blueprint, plan, warnings });
}

/** The operators of the package and those of the host. Throws an OptionError for a type that is no name, or is taken. */
function catalogWith(operators: readonly OperatorDefinition[] = []): ReadonlyMap<string, OperatorDefinition> {
  if (operators.length === 0) return CATALOG;
  const catalog = new Map(CATALOG);
  for (const [index, definition] of operators.entries()) {
    const { type } = definition;
    const option = `operators[${index}].type`;
    if (typeof type !== "string" || !OPERATOR_TYPE.test(type))
      throw outOfRange(option, "module::name", type, "string");
    if (catalog.has(type)) throw outOfRange(option, "a type that no other operator has", type, "string");
    catalog.set(type, definition);
  }
  return catalog;
}

function isSelect(statement: Statement): statement is SelectStatement {
  return statement.kind === "select";
}

function nothingToDeploy(statements: readonly Statement[], source: SourceText): TrickleError {
  const at: Span = { start: 0, end: 0 };
  const what =
    statements.length === 0 ? "the pipeline is empty" : "there is no `select`, so no event would move";
  return new TrickleError(source, at, `nothing to deploy: ${what}`, {
    hint: "the smallest pipeline is `select event from in into out;`",
  });
}
