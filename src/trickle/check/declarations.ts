/** The definitions and nodes of a pipeline, by name. */
import type { OperatorDefinition } from "../../flow/operators/catalog.ts";
import type { Constants } from "../expression/constants.ts";
import type { CreateOperator, CreateStream, Define, Name, Statement } from "../syntax/ast.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { ErrorRecovery } from "../syntax/error-recovery.ts";
import type { SourceText } from "../syntax/source-text.ts";
import { oneOf, suggest } from "../syntax/suggest.ts";
import { checkDefinition, type ReadOptions, readOptions } from "./options.ts";

/** The input of each part of a compilation. */
export interface Context {
  readonly source: SourceText;
  readonly catalog: ReadonlyMap<string, OperatorDefinition>;
  /** Of the whole pipeline. */
  readonly constants: Constants;
  readonly recovery: ErrorRecovery;
}

/** An operator type with options, from which operators are created. */
export interface Definition {
  readonly statement: Define;
  readonly operator: OperatorDefinition;
}

/** What `select` connects, besides the ends of the pipeline. */
export type PipelineNode =
  | {
      readonly kind: "operator";
      readonly name: Name;
      readonly definition: Definition;
      readonly read: ReadOptions;
      /** Names of its output ports; its options may have named them. */
      readonly outputs: readonly string[];
    }
  | { readonly kind: "stream"; readonly name: Name };

export interface Declarations {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly nodes: ReadonlyMap<string, PipelineNode>;
}

/** The ends of the pipeline; nothing else can have these names. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(["in", "out", "err"]);

/** Collects definitions first, so that the order of statements does not matter. A statement with an error is left out. */
export function declare(statements: readonly Statement[], context: Context): Declarations {
  const { recovery } = context;
  const definitions = new Map<string, Definition>();
  for (const statement of statements) {
    if (statement.kind !== "define") continue;
    const definition = recovery.attempt(() => definitionOf(definitions, statement, context));
    if (definition === undefined) recovery.markFaulty(statement.name.text);
    else definitions.set(statement.name.text, definition);
  }
  const nodes = new Map<string, PipelineNode>();
  for (const statement of statements) {
    if (statement.kind !== "create_operator" && statement.kind !== "create_stream") continue;
    const node = recovery.attempt(() => nodeOf(nodes, statement, definitions, context));
    if (node !== undefined) nodes.set(statement.name.text, node);
    else recovery.markFaulty(...namesIn(statement));
  }
  checkUnread(statements, definitions, context);
  return { definitions, nodes };
}

/** The node, and the definition that it names. */
function namesIn(statement: CreateOperator | CreateStream): readonly string[] {
  const { name } = statement;
  return statement.kind === "create_stream" ? [name.text] : [name.text, definitionName(statement).text];
}

function definitionName({ name, definition }: CreateOperator): Name {
  return definition ?? name;
}

/** Checks the definitions that no operator has read as they are written. */
function checkUnread(
  statements: readonly Statement[],
  definitions: ReadonlyMap<string, Definition>,
  { source, constants, recovery }: Context,
): void {
  const read = new Set<string>();
  for (const statement of statements) {
    if (statement.kind !== "create_operator") continue;
    const { text } = definitionName(statement);
    const definition = definitions.get(text)?.statement;
    if (definition !== undefined && !replaces(statement, definition)) read.add(text);
  }
  for (const [name, definition] of definitions) {
    if (read.has(name)) continue;
    const checked = recovery.attempt(() => {
      checkDefinition(definition, constants, source);
      return true;
    });
    if (checked === undefined) recovery.markFaulty(name);
  }
}

/** Whether some value of the definition is not that of the operator. */
function replaces({ options }: CreateOperator, definition: Define): boolean {
  const { args, options: defined } = definition;
  const own = args.length === 0 ? defined : args.filter(({ value }) => value !== null);
  const names = new Set(own.map(({ name }) => name.text));
  return options.some(({ name }) => names.has(name.text));
}

function definitionOf(
  definitions: ReadonlyMap<string, Definition>,
  statement: Define,
  context: Context,
): Definition {
  const { source, catalog } = context;
  const { name, type } = statement;
  const earlier = definitions.get(name.text)?.statement.name;
  if (earlier !== undefined) throw takenTwice(source, name, earlier, "defined");
  const operator = catalog.get(type.text);
  if (operator === undefined) {
    throw new TrickleError(source, type.at, `there is no operator type \`${type.text}\``, {
      expected: oneOf(catalog.keys()),
      hint: suggest(type.text, catalog.keys()),
    });
  }
  return { statement, operator };
}

function nodeOf(
  nodes: ReadonlyMap<string, PipelineNode>,
  statement: CreateOperator | CreateStream,
  definitions: ReadonlyMap<string, Definition>,
  context: Context,
): PipelineNode {
  const { name } = statement;
  const { source } = context;
  if (RESERVED_NAMES.has(name.text)) {
    throw new TrickleError(
      source,
      name.at,
      `\`${name.text}\` is an end of the pipeline and cannot be created`,
      {
        hint: "choose another name",
      },
    );
  }
  const earlier = nodes.get(name.text)?.name;
  if (earlier !== undefined) throw takenTwice(source, name, earlier, "created");
  if (statement.kind === "create_operator") return createOperator(statement, definitions, context);
  return { kind: "stream", name };
}

function createOperator(
  statement: CreateOperator,
  definitions: ReadonlyMap<string, Definition>,
  { source, constants, recovery }: Context,
): PipelineNode {
  const wanted = definitionName(statement);
  const definition = definitions.get(wanted.text);
  if (definition === undefined) recovery.skipIfFaulty(wanted.text);
  if (definition === undefined) throw undefinedOperator(statement, wanted, definitions, source);
  const { operator } = definition;
  const read = readOptions(definition, statement, constants, source);
  const outputs = operator.outputsFor?.(read.settings) ?? operator.outputs;
  return { kind: "operator", name: statement.name, definition, read, outputs };
}

function undefinedOperator(
  statement: CreateOperator,
  wanted: Name,
  definitions: ReadonlyMap<string, Definition>,
  source: SourceText,
): TrickleError {
  const names = [...definitions.keys()];
  const onlyName = names.length === 1 && statement.definition === null ? names[0] : undefined;
  const define = `\`define operator ${wanted.text} from …;\` first`;
  return new TrickleError(source, wanted.at, `operator \`${wanted.text}\` is not defined`, {
    expected: names.length === 0 ? undefined : oneOf(names),
    hint:
      suggest(wanted.text, names) ??
      (onlyName === undefined ? define : `\`create operator ${wanted.text} from ${onlyName}\``),
  });
}

function takenTwice(
  source: SourceText,
  name: Name,
  earlier: Name,
  done: "defined" | "created",
): TrickleError {
  const { line } = source.positionOf(earlier.at.start);
  return new TrickleError(source, name.at, `\`${name.text}\` is ${done} twice`, {
    hint: `the first one is in line ${line}; rename one of them`,
  });
}
