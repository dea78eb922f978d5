/** The nodes and links of a pipeline by name: plain data and, of each inner node, how its operator is created. */

import type { OperatorHost } from "../../flow/operators/catalog.ts";
import { Passthrough } from "../../flow/operators/passthrough.ts";
import { Select, type SelectParts } from "../../flow/operators/select.ts";
import type { GraphLink } from "../../flow/protocol/graph-error.ts";
import type { Operator } from "../../flow/protocol/operator.ts";
import { ERR } from "../../flow/protocol/port-name.ts";
import type { SelectStatement, Span } from "../syntax/ast.ts";
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
  /** A new operator for one graph. Errors of the definition of the operator pass through. */
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
  const outputs = new Map<string, EndNode>();
  const selects: InnerNode[] = [];
  const links: BlueprintLink[] = [];
  const unreadErr = new Set<string>();
  const nodes: InnerNode[] = [];
  for (const node of declarations.nodes.values()) {
    nodes.push(nodeOf(node));
    if (node.kind === "operator" && node.outputs.includes(ERR)) unreadErr.add(node.name.text);
  }
  for (const edge of edges) {
    const { from, to } = edge;
    if (from.port === ERR) unreadErr.delete(from.node);
    if (to.node.startsWith(OUTPUT_PREFIX)) addOutput(outputs, to.node);
    if (edge.parts === undefined) links.push({ from, to, implied: false });
    else {
      const select = selectOf(edge, edge.parts, source);
      selects.push(select);
      linkSelect(edge, select.name, links);
    }
  }
  addOutput(outputs, OUTPUT_PREFIX + ERR);
  for (const name of unreadErr) links.push(linkToErr(name));
  return {
    nodes: [{ kind: "input", name: "in", port: "in" }, ...nodes, ...outputs.values(), ...selects],
    links,
  };
}

/** Each once, in the order of the text. */
function addOutput(outputs: Map<string, EndNode>, name: string): void {
  if (!outputs.has(name)) outputs.set(name, { kind: "output", name, port: name.slice(OUTPUT_PREFIX.length) });
}

function nodeOf(node: PipelineNode): InnerNode {
  const { text: name, at } = node.name;
  if (node.kind === "stream") {
    const { INPUTS: inputs, OUTPUTS: outputs } = Passthrough;
    const create = () => new Passthrough();
    return { kind: "stream", name, type: "stream", at, inputs, outputs, clauses: [], create };
  }
  const { definition, read, outputs } = node;
  const { type, inputs, sharesOut = false } = definition.operator;
  const create = (host: OperatorHost) => definition.operator.create(read.settings, host);
  return { kind: "operator", name, type, at, inputs, outputs, sharesOut, clauses: [], create };
}

function selectOf({ statement }: Edge, parts: SelectParts, source: SourceText): InnerNode {
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
  const clauses: Clause[] = [];
  for (const [word, expression] of Object.entries({ select: project, where, having })) {
    if (expression === null) continue;
    const text = source.text.slice(expression.at.start, expression.at.end);
    clauses.push({ word: word as Clause["word"], text });
  }
  return clauses;
}

function linkSelect({ from, to }: Edge, name: string, links: BlueprintLink[]): void {
  links.push(
    { from, to: { node: name, port: "in" }, implied: false },
    { from: { node: name, port: "out" }, to, implied: false },
    linkToErr(name),
  );
}

function linkToErr(node: string): BlueprintLink {
  return { from: { node, port: ERR }, to: { node: OUTPUT_PREFIX + ERR, port: "in" }, implied: true };
}
