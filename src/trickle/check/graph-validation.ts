/** Checks the blueprint with the graph builder, and gives its errors and warnings their location in the text. */
import { GraphBuilder } from "../../flow/graph/builder.ts";
import type { CheckedPlan, GraphWarning } from "../../flow/graph/plan.ts";
import { GraphError } from "../../flow/protocol/graph-error.ts";
import { OVERFLOW } from "../../flow/protocol/port-name.ts";
import { Diagnostic, TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Edge } from "./edges.ts";
import type { Blueprint, BlueprintNode, InnerNode } from "./lower.ts";

/** Of a longer cycle this many names are shown. */
const SHOWN_NAMES = 8;

/** The plan of the blueprint, from which graphs are made without another check. */
export type BlueprintPlan = CheckedPlan<InnerNode>;

/**
 * Checks the blueprint as a graph.
 *
 * @param edges those of the blueprint
 * @throws TrickleError at the `select` that closes a cycle, or is there twice
 */
export function checkGraph(
  { nodes, links }: Blueprint,
  edges: readonly Edge[],
  source: SourceText,
): BlueprintPlan {
  const builder = new GraphBuilder<InnerNode>();
  for (const node of nodes) {
    if ("create" in node) builder.addOperator(node.name, node);
    else if (node.kind === "output") builder.addOutput(node.port);
    else builder.addInput("in");
  }
  for (const { from, to } of links) builder.link(from, to);
  try {
    return builder.check();
  } catch (error) {
    throw error instanceof GraphError ? located(error, nodes, edges, source) : error;
  }
}

/** The links of an error that names one are a link that was made twice, of one that names several or a loop a cycle. */
function located(
  error: GraphError,
  nodes: readonly BlueprintNode[],
  edges: readonly Edge[],
  source: SourceText,
): unknown {
  const kinds = new Map(nodes.map(({ name, kind }) => [name, kind]));
  const names = error.nodes.filter((name) => kinds.get(name) !== "select");
  const isTwin = error.links.length === 1 && error.nodes.length === 2;
  return isTwin ? twin(names, edges, source, error) : cycle(names, edges, source, error);
}

/** Points at the statement that closes the cycle: the last one in the text. */
function cycle(
  names: readonly string[],
  edges: readonly Edge[],
  source: SourceText,
  cause: GraphError,
): unknown {
  const next = new Map(names.map((name, index) => [name, names[(index + 1) % names.length]]));
  const closing = edges.findLast(({ from, to }) => next.get(from.node) === to.node);
  if (closing === undefined) return cause;
  const shown = names.length > SHOWN_NAMES ? [...names.slice(0, SHOWN_NAMES), "…"] : names;
  const message = `events would move in a cycle: ${[...shown, names[0]].join(" → ")}`;
  const hint = "send them into another stream, or out of the pipeline";
  return new TrickleError(source, closing.statement.at, message, { hint }, cause);
}

function twin(
  names: readonly string[],
  edges: readonly Edge[],
  source: SourceText,
  cause: GraphError,
): unknown {
  const [link] = cause.links;
  const twins = edges.filter(
    ({ from, to, parts }) =>
      parts === undefined && from.node === names[0] && from.port === link?.from.port && to.node === names[1],
  );
  const [first, second] = twins.filter(({ to }) => to.port === link?.to.port);
  if (first === undefined || second === undefined) return cause;
  const { line } = source.positionOf(first.statement.at.start);
  const hint = `the first one is in line ${line}; remove one of them`;
  const message = "this select is there twice: every event would be sent twice";
  return new TrickleError(source, second.statement.at, message, { hint }, cause);
}

/** The warnings of the plan. Those of selects and outputs follow from others, and are left out. */
export function graphWarnings(
  { warnings }: BlueprintPlan,
  { nodes }: Blueprint,
  edges: readonly Edge[],
  source: SourceText,
): readonly Diagnostic[] {
  const inner = new Map(nodes.flatMap((node) => ("at" in node ? [[node.name, node]] : [])));
  return [
    ...warnings.flatMap((warning) => {
      const node = inner.get(warning.node);
      return node === undefined || node.kind === "select" ? [] : [ofNode(warning, node, source)];
    }),
    ...unreadInput(edges, source),
  ];
}

function ofNode({ kind, port }: GraphWarning, { name, at }: InnerNode, source: SourceText): Diagnostic {
  const warning = (message: string, hint: string) =>
    new Diagnostic("warning", source, at, message, { hint: `add ${hint}` });
  if (kind !== "port_not_read" || port === undefined) {
    return warning(`no event from \`in\` comes to \`${name}\``, `a \`select\` into \`${name}\``);
  }
  const result =
    port === OVERFLOW ? "refused events are counted, but not kept" : "events that leave there are dropped";
  const ends = port === "out" ? `${name} into out` : `${name}/${port} into out/${port}`;
  return warning(
    `nothing reads port \`${port}\` of \`${name}\`: ${result}`,
    `\`select event from ${ends};\``,
  );
}

function unreadInput(edges: readonly Edge[], source: SourceText): readonly Diagnostic[] {
  const [first] = edges;
  if (first === undefined || edges.some((edge) => edge.from.node === "in")) return [];
  const hint = "add `select event from in into …;`";
  const message = "nothing reads `in`: every event is dropped";
  return [new Diagnostic("warning", source, first.statement.at, message, { hint })];
}
