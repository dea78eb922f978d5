/** What a pipeline defines and creates, by name. */
import type { OperatorDefinition } from "../flow/operator/catalog.ts";
import type { CreateOperator, CreateStream, Define, Name, Statement } from "./ast.ts";
import type { Constants } from "./constants.ts";
import { TrickleError } from "./diagnostic.ts";
import type { Faults } from "./faults.ts";
import { checkDefinition, instanceOptions, type Options } from "./options.ts";
import type { SourceText } from "./source.ts";
import { oneOf, suggest } from "./suggest.ts";

/** What a source is compiled against. */
export interface Context {
  readonly source: SourceText;
  readonly catalog: ReadonlyMap<string, OperatorDefinition>;
  /** Of the whole pipeline. */
  readonly constants: Constants;
  /** Takes the faults of single statements. */
  readonly faults: Faults;
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

/** Collects definitions first, so that the order of statements does not matter. What has a fault is left out. */
export function declare(statements: readonly Statement[], context: Context): Declarations {
  const { faults } = context;
  const definitions = new Map<string, Definition>();
  for (const statement of statements) {
    if (statement.kind !== "define") continue;
    const definition = faults.attempt(() => definitionOf(definitions, statement, context));
    if (definition === undefined) faults.spoil(statement.name.text);
    else definitions.set(statement.name.text, definition);
  }
  const nodes = new Map<string, PipelineNode>();
  for (const statement of statements) {
    if (statement.kind !== "create_operator" && statement.kind !== "create_stream") continue;
    const node = faults.attempt(() => nodeOf(nodes, statement, definitions, context));
    if (node !== undefined) nodes.set(statement.name.text, node);
    else faults.spoil(statement.name.text, ...wantedBy(statement));
  }
  return { definitions, nodes };
}

/** The name of the definition that it asks for. */
function wantedBy(statement: CreateOperator | CreateStream): readonly string[] {
  return statement.kind === "create_operator" ? [(statement.definition ?? statement.name).text] : [];
}

function definitionOf(
  definitions: ReadonlyMap<string, Definition>,
  statement: Define,
  context: Context,
): Definition {
  const { source, catalog, constants } = context;
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
  const definition: Definition = { statement, operator };
  checkDefinition(definition, constants, source);
  return definition;
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
  { source, constants, faults }: Context,
): PipelineNode {
  const wanted = statement.definition ?? statement.name;
  const definition = definitions.get(wanted.text);
  if (definition === undefined) faults.passOver(wanted.text);
  if (definition === undefined) throw undefinedOperator(statement, wanted, definitions, source);
  const { operator } = definition;
  const options = instanceOptions(definition, statement, constants, source);
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
