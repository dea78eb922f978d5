/** A pipeline with its sources and sinks: deployed, run, looked at, stopped. */
import { HttpServerSource } from "../../connect/http/http-server.ts";
import { HttpSink } from "../../connect/http/http-sink.ts";
import type { CircuitBreakerRegistry } from "../../entry/main.ts";
import type { Accounting } from "../../flow/graph/accounting.ts";
import type { Graph } from "../../flow/graph/graph.ts";
import { ERR } from "../../flow/protocol/port-name.ts";
import type { Sink, Source } from "../../flow/protocol/source-and-sink.ts";
import { runFlow } from "../../flow/runtime/run-flow.ts";
import { innermostSource } from "../../flow/runtime/source-decorator.ts";
import type { Program } from "../../trickle/program.ts";
import type { RunSnapshot, SinkSummary, SourceSummary } from "../view/snapshot.ts";
import { MalformedSink } from "./malformed.ts";
import { innermost } from "./mapped-sink.ts";
import { reopenSinks } from "./reopen.ts";
import { StopTimeout } from "./stop-timeout.ts";

export interface FlowRunParts {
  readonly program: Program;
  /** Where the breakers of the run live. */
  readonly registry: CircuitBreakerRegistry;
  /** Read side by side. */
  readonly sources: readonly Source[];
  /** By port. Malformed events are shown where nothing takes `err`. */
  readonly sinks: ReadonlyMap<string, Sink>;
  /** Takes what the others fail. Default: that is only counted. */
  readonly failed?: Sink | undefined;
  /** Tries after the first, for each event that a sink fails. Default: none. */
  readonly retries?: number | undefined;
  /** s for which an event is sent again. Default: 300. */
  readonly retryFor?: number | undefined;
  /** Events that wait to be sent again, at most. Default: 20,000. */
  readonly maxWaiting?: number | undefined;
  /** The name of the breaker that the pipeline gives none. Default: the name of the operator. */
  readonly endpoint?: string | undefined;
  /** s from the abort of `signal` until the sinks are closed, whatever they still hold. Default: no end. */
  readonly stopTimeout?: number | undefined;
  /** Aborted: no more is read, what is under way ends. */
  readonly signal: AbortSignal;
  /** Prints a line for the user. */
  readonly say: (line: string) => void;
}

/** How a run ended. */
export interface FlowEnd {
  /** The error that ended it early; undefined: none. */
  readonly error: unknown;
  /** The stop timeout ended it: what had not been delivered by then has failed. */
  readonly isCut: boolean;
}

export class FlowRun {
  readonly #parts: FlowRunParts;
  readonly #graph: Graph;

  /** Deploys the pipeline and attaches the sinks. Nothing moves before `run`. */
  constructor(parts: FlowRunParts) {
    const { program, registry, endpoint, sinks, failed, retries, retryFor, maxWaiting, say } = parts;
    this.#parts = parts;
    this.#graph = program.deploy({ registry, onProblem: say, ...(endpoint !== undefined && { endpoint }) });
    for (const [port, sink] of sinks) this.#graph.attach(port, sink);
    if (!sinks.has(ERR)) this.#graph.attach(ERR, new MalformedSink(parts.say));
    if (failed !== undefined) this.#graph.attachDeadLetter(failed);
    if (retries !== undefined) {
      this.#graph.retry({
        retries,
        ...(retryFor !== undefined && { forMs: retryFor * 1_000 }),
        ...(maxWaiting !== undefined && { maximumWaiting: maxWaiting }),
      });
    }
  }

  /** Always up to date. */
  get accounting(): Accounting {
    return this.#graph.accounting;
  }

  /** Runs it to its end, whatever happens on the way; sources and sinks are closed afterwards. */
  async run(): Promise<FlowEnd> {
    const { sources, sinks, failed, signal, stopTimeout } = this.#parts;
    const timeout = new StopTimeout({ seconds: stopTimeout, signal, sinks: [...sinks.values()], failed });
    const error: unknown = await runFlow({ graph: this.#graph, source: sources, signal }).then(
      () => undefined,
      (reason: unknown) => reason ?? new Error("the flow ended early"),
    );
    timeout.end();
    return { error, isCut: timeout.isOver };
  }

  /** Opens the files of all sinks again, such as after a rotation; says what cannot be opened. */
  async reopen(): Promise<void> {
    const { sinks, failed, say } = this.#parts;
    await reopenSinks([...sinks.values(), ...(failed === undefined ? [] : [failed])], say);
  }

  snapshot(): RunSnapshot {
    const graph = this.#graph;
    const { logs } = graph;
    return {
      ...(logs.length > 0 && { logs }),
      accounting: { ...graph.accounting },
      failures: Object.fromEntries(graph.failures),
      resent: graph.resent,
      triggered: graph.triggered,
      failedTo: this.#parts.failed?.name ?? null,
      sources: this.#parts.sources.map((source, number) => sourceSummaryOf(source, graph.readFrom(number))),
      sinks: Array.from(this.#parts.sinks, ([port, sink]) => sinkSummaryOf(port, sink, graph.takenBy(sink))),
    };
  }
}

function sourceSummaryOf(source: Source, read: number): SourceSummary {
  const { name } = source;
  const end = innermostSource(source);
  if (!(end instanceof HttpServerSource)) return { name, read };
  return { name, read, answers: Object.fromEntries(end.answers) };
}

function sinkSummaryOf(port: string, sink: Sink, taken: number): SinkSummary {
  const { name } = sink;
  const end = innermost(sink);
  if (!(end instanceof HttpSink)) return { port, name, taken };
  const { requests, requestsFailed, statuses, sockets } = end.counters;
  return { port, name, taken, requests, requestsFailed, statuses: Object.fromEntries(statuses), sockets };
}
