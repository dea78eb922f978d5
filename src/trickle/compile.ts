/** From the text of a pipeline to something that can be deployed. */
import { CATALOG, type OperatorDefinition } from "../flow/operator/catalog.ts";
import { constantsOf } from "./assignment.ts";
import type { SelectStatement, Span, Statement } from "./ast.ts";
import { drawUp } from "./blueprint.ts";
import { declare } from "./declarations.ts";
import { type Diagnostic, TrickleError } from "./diagnostic.ts";
import { Faults } from "./faults.ts";
import { oldUses } from "./old-pipelines.ts";
import { parse } from "./parser.ts";
import { PlaceFinder } from "./places.ts";
import { CompiledProgram, type Program } from "./program.ts";
import { checkShape } from "./shape.ts";
import { SourceText } from "./source.ts";
import { unusedNames } from "./unused.ts";
import { wiresOf } from "./wires.ts";

/** What the compiler is told besides the text. */
export interface CompileOptions {
  /** The name of the source in messages. Default "pipeline.trickle". */
  readonly file?: string;
  /** Operator types by name. Default: those of this package. */
  readonly catalog?: ReadonlyMap<string, OperatorDefinition>;
}

/**
 * Parses and checks a pipeline; nothing is made yet.
 *
 * @param text at most 1 MiB (in UTF-16 units), 1,000 statements, 64 levels of nesting, 250,000 parts an expression
 * @throws TrickleError with every fault that can be found, each with its place. A fault in the grammar or in a constant hides
 * what comes after it; what only follows from another fault is not told
 */
export function compile(text: string, options: CompileOptions = {}): Program {
  const source = new SourceText(text, options.file ?? "pipeline.trickle");
  const statements = parse(source);
  const constants = constantsOf(statements, source);
  const faults = new Faults();
  const context = { source, catalog: options.catalog ?? CATALOG, constants, faults };
  const selects = statements.filter(isSelect);
  const declarations = declare(statements, context);
  const places = new PlaceFinder(context, declarations);
  const wires = wiresOf(selects, places, context);
  faults.settle();
  if (selects.length === 0) throw nothingToDeploy(statements, source);
  const shape = checkShape(declarations, wires, source);
  const warnings = [
    ...places.warnings,
    ...shape,
    ...unusedNames(statements, source),
    ...oldUses(declarations, source),
  ].sort(byPlace);
  return new CompiledProgram(source, drawUp(declarations, wires, source), warnings);
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

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column;
}
