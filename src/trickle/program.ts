/** A checked pipeline, which can be deployed any number of times. */
import { GraphBuilder } from "../flow/builder.ts";
import type { OperatorHost } from "../flow/catalog.ts";
import type { Graph } from "../flow/graph.ts";
import type { Blueprint, BlueprintNode } from "./blueprint.ts";
import type { Diagnostic } from "./diagnostic.ts";

export interface Program {
  /** What looks wrong but can run, in the order of the text. */
  readonly warnings: readonly Diagnostic[];
  /** Ports of the pipeline that a sink can be attached to; `err` is always among them. */
  readonly outputs: readonly string[];
  /** Names of the operators that the text creates, in its order; not those that a `select` becomes. */
  readonly operators: readonly string[];
  /** The nodes and links that `deploy` makes. */
  readonly blueprint: Blueprint;
  /** A new graph with new operators. Throws what an operator throws that cannot be made. */
  deploy(host: OperatorHost): Graph;
}

export class CompiledProgram implements Program {
  readonly warnings: readonly Diagnostic[];
  readonly blueprint: Blueprint;

  constructor(blueprint: Blueprint, warnings: readonly Diagnostic[]) {
    this.blueprint = blueprint;
    this.warnings = warnings;
  }

  get outputs(): readonly string[] {
    return this.blueprint.nodes.flatMap((node) => (node.kind === "output" ? [node.port] : []));
  }

  get operators(): readonly string[] {
    return this.blueprint.nodes.filter(({ kind }) => kind === "operator").map(({ name }) => name);
  }

  deploy(host: OperatorHost): Graph {
    const builder = new GraphBuilder();
    for (const node of this.blueprint.nodes) add(node, host, builder);
    for (const { from, to } of this.blueprint.links) builder.link(from, to);
    return builder.build();
  }
}

function add(node: BlueprintNode, host: OperatorHost, builder: GraphBuilder): void {
  if ("make" in node) builder.addOperator(node.name, node.make(host));
  else if (node.kind === "output") builder.addOutput(node.port);
  else builder.addInput("in");
}
