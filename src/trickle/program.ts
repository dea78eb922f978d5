/** A checked pipeline, which can be deployed any number of times. */
import { graphOfPlan } from "../flow/graph/builder.ts";
import type { Graph } from "../flow/graph/graph.ts";
import type { OperatorHost } from "../flow/operators/host.ts";
import { GraphError } from "../flow/protocol/graph-error.ts";
import type { BlueprintPlan } from "./check/graph-validation.ts";
import type { Blueprint } from "./check/lower.ts";
import { type Diagnostic, TrickleError } from "./syntax/diagnostic.ts";
import type { SourceText } from "./syntax/source-text.ts";

/** A pipeline that was parsed and checked. It may be deployed any number of times. */
export interface Program {
  /** Doubts about a pipeline that can run, in the order of the text. */
  readonly warnings: readonly Diagnostic[];
  /** Ports of the pipeline that a sink can be attached to; `err` is always among them. */
  readonly outputs: readonly string[];
  /** Names of the operators that the text creates, in its order; those of a `select` are left out. */
  readonly operators: readonly string[];
  /** The nodes and links of each graph. */
  readonly blueprint: Blueprint;
  /**
   * A new graph with new operators. Nothing is parsed, checked or read again.
   *
   * @throws TrickleError where an operator does not fit the breakers that exist: one of the same endpoint has other
   * options. Any other error of an operator that is created passes through.
   */
  deploy(host: OperatorHost): Graph;
}

/** The results of a compilation. */
export interface CompiledParts {
  readonly source: SourceText;
  readonly blueprint: Blueprint;
  readonly plan: BlueprintPlan;
  readonly warnings: readonly Diagnostic[];
}

export class CompiledProgram implements Program {
  readonly warnings: readonly Diagnostic[];
  readonly blueprint: Blueprint;
  readonly #source: SourceText;
  readonly #plan: BlueprintPlan;

  constructor({ source, blueprint, plan, warnings }: CompiledParts) {
    this.#source = source;
    this.#plan = plan;
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
    try {
      return graphOfPlan(this.#plan, (node) => node.create(host));
    } catch (error) {
      throw this.#located(error);
    }
  }

  /** An operator that does not fit is shown where it is written. */
  #located(error: unknown): unknown {
    if (!(error instanceof GraphError)) return error;
    const node = this.blueprint.nodes.find(({ name }) => name === error.nodes[0]);
    if (node === undefined || !("at" in node)) return error;
    return new TrickleError(this.#source, node.at, error.message, {}, error);
  }
}
