/** Runs a pipeline inside a program. */
import { CircuitBreakerRegistry } from "../entry/main.ts";
import type { Accounting } from "../flow/graph/accounting.ts";
import { Graph } from "../flow/graph/graph.ts";
import type { RetryOptions } from "../flow/graph/retry-options.ts";
import type { OperatorHost } from "../flow/operators/host.ts";
import { runFlow } from "../flow/runtime/run-flow.ts";
import { type CompileOptions, compile } from "../trickle/compile.ts";
import type { Program } from "../trickle/program.ts";
import { type SinkLike, sinkOf } from "./sink.ts";
import { type SourceLike, sourceOf } from "./source.ts";

/** The text of a pipeline, one that was compiled, or a graph that was built by hand and has no sinks yet. */
export type Pipeline = string | Program | Graph;

/** What a pipeline needs besides its sources. All are optional. */
export interface HostOptions extends CompileOptions {
  /**
   * By port of the pipeline. Events that leave by a port without a sink are counted, and dropped. Default:
   * none.
   */
  readonly sinks?: Readonly<Record<string, SinkLike>>;
  /**
   * Takes each event that no try has delivered, as it was read, with the reason and the `tries` under
   * `failed` in its metadata. Default: they are only counted.
   */
  readonly failed?: SinkLike;
  /** Sends events again that a sink has failed. Default: never. `{}`: 16 times at most, for five minutes. */
  readonly retry?: RetryOptions;
  /**
   * Where the breakers are. Default: a registry of its own, for this thread alone, whichever entry of the
   * package the program imports. Give one to see its breakers, to seed it, or to share it with other graphs
   * and (a shared registry) other threads. A graph has its own already.
   */
  readonly registry?: OperatorHost["registry"];
  /** Endpoint of breakers that name none. Default: the name of their node. */
  readonly endpoint?: string;
  /** In ms; must not go back. Default: the time since 1970, in whole ms. */
  readonly clock?: () => number;
  /** Aborted: the flow reads no more, and ends when every event has ended. */
  readonly signal?: AbortSignal;
}

export interface DeployOptions extends HostOptions {
  /** By a name for messages. All of them lead to `in`, and are read side by side. */
  readonly sources: Readonly<Record<string, SourceLike>>;
}

/** A pipeline that runs. */
export interface Deployment {
  /** The graph that runs, for a closer look: its nodes, sinks and breakers. */
  readonly graph: Graph;
  /** Probable mistakes in the pipeline, one sentence each. */
  readonly warnings: readonly string[];
  /** Counts of events by how they ended, always up to date. */
  readonly accounting: Accounting;
  /**
   * Resolves when every source has ended and every event is accounted for. Rejects with the first error of a
   * source or sink.
   */
  readonly finished: Promise<Accounting>;
  /** Reads no more, waits until every event has ended, and returns `finished`. */
  stop(): Promise<Accounting>;
}

/**
 * Runs a pipeline from now on.
 *
 * @throws TrickleError for a mistake in the text of the pipeline
 * @throws OptionError for a source or a sink of another type, and for `retry` out of range
 * @throws GraphError for a sink at a port that the pipeline does not have
 */
export function deploy(pipeline: Pipeline, options: DeployOptions): Deployment {
  const sources = Object.entries(options.sources).map(([name, given]) => sourceOf(given, name));
  const { graph, warnings } = build(pipeline, options);
  for (const [port, given] of Object.entries(options.sinks ?? {})) graph.attach(port, sinkOf(given, port));
  if (options.failed !== undefined) graph.attachDeadLetter(sinkOf(options.failed, "failed"));
  if (options.retry !== undefined) graph.retry(options.retry);
  const abort = new AbortController();
  const signal =
    options.signal === undefined ? abort.signal : AbortSignal.any([abort.signal, options.signal]);
  const { clock } = options;
  const finished = runFlow({ graph, source: sources, signal, ...(clock === undefined ? {} : { clock }) });
  return {
    graph,
    warnings,
    accounting: graph.accounting,
    finished,
    stop() {
      abort.abort();
      return finished;
    },
  };
}

function build(pipeline: Pipeline, options: HostOptions): { graph: Graph; warnings: readonly string[] } {
  if (pipeline instanceof Graph) return { graph: pipeline, warnings: pipeline.warnings };
  const program = typeof pipeline === "string" ? compile(pipeline, options) : pipeline;
  const { registry = new CircuitBreakerRegistry(), endpoint } = options;
  const graph = program.deploy(endpoint === undefined ? { registry } : { registry, endpoint });
  return { graph, warnings: program.warnings.map(({ message }) => message) };
}
