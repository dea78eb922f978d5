/** A checked pipeline, which can be deployed any number of times. */
import { GraphBuilder } from "../flow/builder.ts";
import type { OperatorHost } from "../flow/catalog.ts";
import type { Graph } from "../flow/graph.ts";
import { Passthrough } from "../flow/passthrough.ts";
import { ERR } from "../flow/portname.ts";
import { Select } from "../flow/select.ts";
import type { Declarations, PipelineNode } from "./declarations.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { SourceText } from "./source.ts";
import type { Wire } from "./wires.ts";

export interface Program {
  /** What looks wrong but can run, in the order of the text. */
  readonly warnings: readonly Diagnostic[];
  /** Ports of the pipeline that a sink can be attached to; `err` is always among them. */
  readonly outputs: readonly string[];
  /** Names of the operators that the text creates, in its order; not those that a `select` becomes. */
  readonly operators: readonly string[];
  /** A new graph with new operators. Throws what an operator throws that cannot be made. */
  deploy(host: OperatorHost): Graph;
}

/** What `compile` found out about a source. */
export interface Parts {
  readonly source: SourceText;
  readonly declarations: Declarations;
  readonly wires: readonly Wire[];
  readonly warnings: readonly Diagnostic[];
}

const OUTPUT_PREFIX = "out/";

export class CompiledProgram implements Program {
  readonly warnings: readonly Diagnostic[];
  readonly outputs: readonly string[];
  readonly operators: readonly string[];
  readonly #parts: Parts;

  constructor(parts: Parts) {
    const outputs = parts.wires.map((wire) => wire.to.node).filter((node) => node.startsWith(OUTPUT_PREFIX));
    this.warnings = parts.warnings;
    this.outputs = [...new Set([...outputs.map((node) => node.slice(OUTPUT_PREFIX.length)), ERR])];
    this.operators = [...parts.declarations.nodes.values()]
      .filter((node) => node.kind === "operator")
      .map((node) => node.name.text);
    this.#parts = parts;
  }

  deploy(host: OperatorHost): Graph {
    const { declarations, wires } = this.#parts;
    const builder = new GraphBuilder();
    builder.addInput("in");
    for (const node of declarations.nodes.values()) {
      const operator = node.kind === "stream" ? new Passthrough() : createOperator(node, host);
      builder.addOperator(node.name.text, operator);
    }
    for (const port of this.outputs) builder.addOutput(port);
    for (const wire of wires) this.#lay(wire, builder);
    this.#leadErrors(builder);
    return builder.build();
  }

  #lay({ from, to, parts, statement }: Wire, builder: GraphBuilder): void {
    if (parts === undefined) {
      builder.link(from, to);
      return;
    }
    const { line, column } = this.#parts.source.positionOf(statement.at.start);
    const node = `select/${line}:${column}`; // no name in a pipeline has a slash
    builder.addOperator(node, new Select(parts));
    builder.link(from, { node, port: "in" });
    builder.link({ node, port: "out" }, to);
    linkToErr(builder, node);
  }

  /** An `err` that the pipeline does not read leads to the `err` of the pipeline: nothing malformed gets lost. */
  #leadErrors(builder: GraphBuilder): void {
    const { declarations, wires } = this.#parts;
    const read = new Set(wires.filter((wire) => wire.from.port === ERR).map((wire) => wire.from.node));
    for (const node of declarations.nodes.values()) {
      const name = node.name.text;
      if (node.kind === "operator" && node.outputs.includes(ERR) && !read.has(name)) {
        linkToErr(builder, name);
      }
    }
  }
}

function createOperator(node: PipelineNode & { kind: "operator" }, host: OperatorHost) {
  return node.definition.operator.create(node.options, host);
}

function linkToErr(builder: GraphBuilder, node: string): void {
  builder.link({ node, port: ERR }, { node: OUTPUT_PREFIX + ERR, port: "in" });
}
