/** What a pipeline becomes when it is deployed: nodes and links by name, before any operator is made. */

import type { PortRef } from "../flow/graph/builder.ts";
import { ERR } from "../flow/graph/portname.ts";
import type { OperatorHost } from "../flow/operator/catalog.ts";
import type { Operator } from "../flow/operator/operator.ts";
import { Passthrough } from "../flow/operator/passthrough.ts";
import { Select } from "../flow/operator/select.ts";
import type { Expression, SelectStatement, Span } from "./ast.ts";
import type { Declarations, PipelineNode } from "./declarations.ts";
import type { SourceText } from "./source.ts";
import type { Wire } from "./wires.ts";

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

/** What events pass. */
export interface InnerNode {
  /** Written as `create operator`, `create stream`, or `select`. */
  readonly kind: "operator" | "stream" | "select";
  /** Unique in the graph. */
  readonly name: string;
  /** Of an operator `qos::circuit_breaker` and the like; of the others the word for their kind. */
  readonly type: string;
  /** Where it is written: its name, or the select. */
  readonly at: Span;
  /** Names of its input ports; the first is the default. */
  readonly inputs: readonly string[];
  /** Names of its output ports; the first is the default. */
  readonly outputs: readonly string[];
  /** Of a select: what it makes of events, and which it keeps, as written. Else empty. */
  readonly clauses: readonly Clause[];
  /** A new operator for one graph. Throws what an operator throws that cannot be made. */
  make(host: OperatorHost): Operator;
}

/** One part of a select, with its text. */
export interface Clause {
  /** Which part. */
  readonly word: "select" | "where" | "having";
  /** As written, without the word. */
  readonly text: string;
}

/** One way that events take. */
export interface BlueprintLink {
  /** The output port that events leave by. */
  readonly from: PortRef;
  /** The input port that they come to. */
  readonly to: PortRef;
  /** Nobody wrote it: what is malformed goes to the `err` of the pipeline by itself. */
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

export function drawUp(declarations: Declarations, wires: readonly Wire[], source: SourceText): Blueprint {
  const selects = wires.map((wire) => selectOf(wire, source));
  const read = new Set(wires.filter(({ from }) => from.port === ERR).map(({ from }) => from.node));
  const declared = Array.from(declarations.nodes.values());
  const malformed = declared.filter((node) => hasErr(node) && !read.has(node.name.text));
  return {
    nodes: [
      { kind: "input", name: "in", port: "in" },
      ...declared.map(nodeOf),
      ...portsOf(wires).map((port) => ({ kind: "output" as const, name: OUTPUT_PREFIX + port, port })),
      ...selects.filter((select) => select !== undefined),
    ],
    links: [
      ...wires.flatMap((wire, index) => linksOf(wire, selects[index])),
      ...malformed.map(({ name }) => linkToErr(name.text)),
    ],
  };
}

/** The ports of the pipeline, each once; `err` is always among them. */
function portsOf(wires: readonly Wire[]): readonly string[] {
  const outputs = wires.map(({ to }) => to.node).filter((node) => node.startsWith(OUTPUT_PREFIX));
  return [...new Set([...outputs.map((node) => node.slice(OUTPUT_PREFIX.length)), ERR])];
}

function hasErr(node: PipelineNode): boolean {
  return node.kind === "operator" && node.outputs.includes(ERR);
}

function nodeOf(node: PipelineNode): InnerNode {
  const name = node.name.text;
  if (node.kind === "stream") {
    const { INPUTS: inputs, OUTPUTS: outputs } = Passthrough;
    const make = () => new Passthrough();
    return { kind: "stream", name, type: "stream", at: node.name.at, inputs, outputs, clauses: [], make };
  }
  const { definition, options, outputs } = node;
  const { type, inputs } = definition.operator;
  const make = (host: OperatorHost) => definition.operator.create(options, host);
  return { kind: "operator", name, type, at: node.name.at, inputs, outputs, clauses: [], make };
}

/** undefined: the wire passes everything on as it is. */
function selectOf({ parts, statement }: Wire, source: SourceText): InnerNode | undefined {
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
    make: () => new Select(parts),
  };
}

function clausesOf({ project, where, having }: SelectStatement, source: SourceText): readonly Clause[] {
  const clause = (word: Clause["word"], expression: Expression | null): readonly Clause[] =>
    expression === null ? [] : [{ word, text: source.text.slice(expression.at.start, expression.at.end) }];
  return [...clause("select", project), ...clause("where", where), ...clause("having", having)];
}

function linksOf({ from, to }: Wire, select: InnerNode | undefined): readonly BlueprintLink[] {
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
