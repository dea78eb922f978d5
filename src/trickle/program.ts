/** A checked pipeline, which can be deployed any number of times. */
import { GraphBuilder } from "../flow/graph/builder.ts";
import type { Graph } from "../flow/graph/graph.ts";
import { GraphError } from "../flow/graph/grapherror.ts";
import type { OperatorHost } from "../flow/operator/catalog.ts";
import type { Blueprint, BlueprintNode } from "./blueprint.ts";
import { type Diagnostic, TrickleError } from "./diagnostic.ts";
import type { SourceText } from "./source.ts";

/** A pipeline that was read and checked. May be deployed any number of times. */
export interface Program {
  /** What looks wrong but can run, in the order of the text. */
  readonly warnings: readonly Diagnostic[];
  /** Ports of the pipeline that a sink can be attached to; `err` is always among them. */
  readonly outputs: readonly string[];
  /** Names of the operators that the text creates, in its order; not those that a `select` becomes. */
  readonly operators: readonly string[];
  /** The nodes and links that `deploy` makes. */
  readonly blueprint: Blueprint;
  /**
   * A new graph with new operators.
   *
   * @throws TrickleError where an operator does not fit what there is already: a breaker of the same endpoint
   * with other options. Whatever else an operator throws that cannot be made passes through.
   */
  deploy(host: OperatorHost): Graph;
}

export class CompiledProgram implements Program {
  readonly warnings: readonly Diagnostic[];
  readonly blueprint: Blueprint;
  readonly #source: SourceText;

  constructor(source: SourceText, blueprint: Blueprint, warnings: readonly Diagnostic[]) {
    this.#source = source;
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
    try {
      return builder.build();
    } catch (error) {
      throw this.#placed(error);
    }
  }

  /** An operator that cannot start in this graph is shown where it is written. */
  #placed(error: unknown): unknown {
    if (!(error instanceof GraphError)) return error;
    const node = this.blueprint.nodes.find(({ name }) => name === error.nodes[0]);
    if (node === undefined || !("at" in node)) return error;
    return new TrickleError(this.#source, node.at, error.message, {}, error);
  }
}

function add(node: BlueprintNode, host: OperatorHost, builder: GraphBuilder): void {
  if ("make" in node) builder.addOperator(node.name, node.make(host));
  else if (node.kind === "output") builder.addOutput(node.port);
  else builder.addInput("in");
}
