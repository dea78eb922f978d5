/** What a pipeline defines and creates, by name. */
import type { OperatorDefinition } from "../flow/catalog.ts";
import type { CreateOperator, CreateStream, Define, Name, Statement } from "./ast.ts";
import { TrickleError } from "./diagnostic.ts";
import { instanceOptions, type Options } from "./options.ts";
import type { SourceText } from "./source.ts";
import { oneOf, suggest } from "./suggest.ts";

/** What a source is compiled against. */
export interface Context {
  readonly source: SourceText;
  readonly catalog: ReadonlyMap<string, OperatorDefinition>;
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
      readonly options: Options;
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

/** Collects definitions first, so that the order of statements does not matter. Throws a TrickleError. */
export function declare(statements: readonly Statement[], context: Context): Declarations {
  const definitions = new Map<string, Definition>();
  for (const statement of statements) {
    if (statement.kind === "define") addDefinition(definitions, statement, context);
  }
  const nodes = new Map<string, PipelineNode>();
  for (const statement of statements) {
    if (statement.kind === "create_operator") {
      addNode(nodes, statement, context.source, () => createOperator(statement, definitions, context.source));
    } else if (statement.kind === "create_stream") {
      addNode(nodes, statement, context.source, () => ({ kind: "stream", name: statement.name }));
    }
  }
  return { definitions, nodes };
}

function addDefinition(definitions: Map<string, Definition>, statement: Define, context: Context): void {
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
  definitions.set(name.text, { statement, operator });
}

function addNode(
  nodes: Map<string, PipelineNode>,
  { name }: CreateOperator | CreateStream,
  source: SourceText,
  create: () => PipelineNode,
): void {
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
  nodes.set(name.text, create());
}

function createOperator(
  statement: CreateOperator,
  definitions: ReadonlyMap<string, Definition>,
  source: SourceText,
): PipelineNode {
  const wanted = statement.definition ?? statement.name;
  const definition = definitions.get(wanted.text);
  if (definition === undefined) throw undefinedOperator(statement, wanted, definitions, source);
  const { operator } = definition;
  const options = instanceOptions(definition, statement, source);
  const outputs = operator.outputsFor?.(options) ?? operator.outputs;
  return { kind: "operator", name: statement.name, definition, options, outputs };
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
