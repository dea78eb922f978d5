/** The nodes and links of a pipeline by name: plain data and, of each inner node, how its operator is created. */

import type { OperatorHost } from "../../flow/operators/catalog.ts";
import { Passthrough } from "../../flow/operators/passthrough.ts";
import { Select } from "../../flow/operators/select.ts";
import type { GraphLink } from "../../flow/protocol/graph-error.ts";
import type { Operator } from "../../flow/protocol/operator.ts";
import { ERR } from "../../flow/protocol/port-name.ts";
import type { Expression, SelectStatement, Span } from "../syntax/ast.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Declarations, PipelineNode } from "./declarations.ts";
import type { Edge } from "./edges.ts";

/** Names are those of the graph: `in`, `out/<port>`, the name of an operator, `select/<line>:<column>`. */
export type BlueprintNode = EndNode | InnerNode;

/** Where events enter or leave the pipeline. */
export interface EndNode {
  /** Events enter here, or leave. */
  readonly kind: "input" | "output";
  /** `in`, or `out/` with the port. */
  readonly name: string;
  /** `in`, or the port that a sink is attached to. */
  readonly port: string;
}

/** An operator, a stream or a select. */
export interface InnerNode {
  /** Written as `create operator`, `create stream`, or `select`. */
  readonly kind: "operator" | "stream" | "select";
  /** Unique in the graph. */
  readonly name: string;
  /** Of an operator `qos::circuit_breaker` and the like; else the same as `kind`. */
  readonly type: string;
  /** In the text: its name, or the select. */
  readonly at: Span;
  /** Names of its input ports; the first is the default. */
  readonly inputs: readonly string[];
  /** Names of its output ports; the first is the default. */
  readonly outputs: readonly string[];
  /** True: each output gets a share of the events. Default: false. */
  readonly sharesOut?: boolean;
  /** Of a select: its expressions as written. Else empty. */
  readonly clauses: readonly Clause[];
  /** A new operator for one graph. Throws what the definition of the operator throws. */
  create(host: OperatorHost): Operator;
}

/** One part of a select, with its text. */
export interface Clause {
  /** Which part. */
  readonly word: "select" | "where" | "having";
  /** As written, without the word. */
  readonly text: string;
}

/** One link between two ports. */
export interface BlueprintLink extends GraphLink {
  /** It is not in the text: malformed events go to the `err` of the pipeline by themselves. */
  readonly implied: boolean;
}

/** The nodes and links of one pipeline. */
export interface Blueprint {
  /** The input first, then operators and streams, outputs, selects. */
  readonly nodes: readonly BlueprintNode[];
  /** In the order in which events are delivered. */
  readonly links: readonly BlueprintLink[];
}

const OUTPUT_PREFIX = "out/";

/** The blueprint of checked statements. */
export function lower(declarations: Declarations, edges: readonly Edge[], source: SourceText): Blueprint {
  const selects = edges.map((edge) => selectOf(edge, source));
  const read = new Set(edges.filter(({ from }) => from.port === ERR).map(({ from }) => from.node));
  const declared = Array.from(declarations.nodes.values());
  const malformed = declared.filter((node) => hasErr(node) && !read.has(node.name.text));
  return {
    nodes: [
      { kind: "input", name: "in", port: "in" },
      ...declared.map(nodeOf),
      ...portsOf(edges).map((port) => ({ kind: "output" as const, name: OUTPUT_PREFIX + port, port })),
      ...selects.filter((select) => select !== undefined),
    ],
    links: [
      ...edges.flatMap((edge, index) => linksOf(edge, selects[index])),
      ...malformed.map(({ name }) => linkToErr(name.text)),
    ],
  };
}

/** The ports of the pipeline, each once; `err` is always among them. */
function portsOf(edges: readonly Edge[]): readonly string[] {
  const outputs = edges.map(({ to }) => to.node).filter((node) => node.startsWith(OUTPUT_PREFIX));
  return [...new Set([...outputs.map((node) => node.slice(OUTPUT_PREFIX.length)), ERR])];
}

function hasErr(node: PipelineNode): boolean {
  return node.kind === "operator" && node.outputs.includes(ERR);
}

function nodeOf(node: PipelineNode): InnerNode {
  const name = node.name.text;
  if (node.kind === "stream") {
    const { INPUTS: inputs, OUTPUTS: outputs } = Passthrough;
    const create = () => new Passthrough();
    return { kind: "stream", name, type: "stream", at: node.name.at, inputs, outputs, clauses: [], create };
  }
  const { definition, read, outputs } = node;
  const { type, inputs, sharesOut = false } = definition.operator;
  const create = (host: OperatorHost) => definition.operator.create(read.settings, host);
  const ports = { inputs, outputs, sharesOut };
  return { kind: "operator", name, type, at: node.name.at, ...ports, clauses: [], create };
}

/** undefined: events pass the edge as they are. */
function selectOf({ parts, statement }: Edge, source: SourceText): InnerNode | undefined {
  if (parts === undefined) return undefined;
  const { line, column } = source.positionOf(statement.at.start);
  return {
    kind: "select",
    name: `select/${line}:${column}`, // no name in a pipeline has a slash
    type: "select",
    at: statement.at,
    inputs: Select.INPUTS,
    outputs: Select.OUTPUTS,
    clauses: clausesOf(statement, source),
    create: () => new Select(parts),
  };
}

function clausesOf({ project, where, having }: SelectStatement, source: SourceText): readonly Clause[] {
  const clause = (word: Clause["word"], expression: Expression | null): readonly Clause[] =>
    expression === null ? [] : [{ word, text: source.text.slice(expression.at.start, expression.at.end) }];
  return [...clause("select", project), ...clause("where", where), ...clause("having", having)];
}

function linksOf({ from, to }: Edge, select: InnerNode | undefined): readonly BlueprintLink[] {
  if (select === undefined) return [{ from, to, implied: false }];
  const { name } = select;
  return [
    { from, to: { node: name, port: "in" }, implied: false },
    { from: { node: name, port: "out" }, to, implied: false },
    linkToErr(name),
  ];
}

function linkToErr(node: string): BlueprintLink {
  return { from: { node, port: ERR }, to: { node: OUTPUT_PREFIX + ERR, port: "in" }, implied: true };
}
