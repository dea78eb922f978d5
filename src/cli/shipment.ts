/** One run of a pipeline, from its source to its sinks. */
import { reasonOf } from "../connect/errors.ts";
import { HttpSink } from "../connect/http/http.ts";
import { HttpServerSource } from "../connect/http/httpserver.ts";
import { CircuitBreakerRegistry } from "../entry/main.ts";
import type { Sink, Source } from "../flow/ends.ts";
import { ERR } from "../flow/graph/portname.ts";
import { runFlow } from "../flow/run/runtime.ts";
import type { Program } from "../trickle/program.ts";
import { Chronicle } from "./chronicle.ts";
import type { Display } from "./display.ts";
import { MalformedSink } from "./malformed.ts";
import { Progress } from "./progress.ts";
import { accountOf, requestsOf, type SinkSummary, type SourceSummary, type Summary } from "./summary.ts";
import { sentenceOf } from "./wording.ts";

/** Breakers in a summary, at most. */
const LISTED_BREAKERS = 100;

export interface ShipmentParts {
  readonly program: Program;
  /** Where the breakers of the run live. Default: one of its own. */
  readonly registry?: CircuitBreakerRegistry;
  /** Read side by side. */
  readonly sources: readonly Source[];
  /** By port. Malformed events are shown where nothing takes `err`. */
  readonly sinks: ReadonlyMap<string, Sink>;
  /** Takes what the others fail. Default: that is only counted. */
  readonly failed?: Sink | undefined;
  /** Tries after the first, for each event that a sink fails. Default: none. */
  readonly retries?: number | undefined;
  /** The name of the breaker that the pipeline gives none. Default: the name of the operator. */
  readonly endpoint?: string | undefined;
  readonly display: Display;
  /** Aborted: no more is read, what is under way ends. */
  readonly signal: AbortSignal;
}

export interface Shipment {
  readonly summary: Summary;
  /** What ended it early; undefined: nothing. */
  readonly error: unknown;
}

/** Runs it to its end, whatever happens on the way; source and sinks are closed afterwards. */
export async function ship(parts: ShipmentParts): Promise<Shipment> {
  const {
    program,
    registry = new CircuitBreakerRegistry(),
    sources,
    failed,
    endpoint,
    display,
    signal,
  } = parts;
  const graph = program.deploy(endpoint === undefined ? { registry } : { registry, endpoint });
  for (const [port, sink] of parts.sinks) graph.attach(port, sink);
  if (failed !== undefined) graph.keepFailed(failed);
  if (parts.retries !== undefined) graph.retry({ retries: parts.retries });

  const chronicle = new Chronicle(registry, (event) => {
    display.say(`${progress.stamp}  ${sentenceOf(event, registry.peek(event.endpoint)?.options.detector)}`);
  });
  const progress = new Progress({ display, ledger: graph.ledger, registry, chronicle });
  if (!parts.sinks.has(ERR)) {
    graph.attach(ERR, new MalformedSink((line) => display.say(`${progress.stamp}  ${line}`)));
  }

  const startedMs = performance.now();
  const error: unknown = await runFlow({ graph, source: sources, signal }).then(
    () => undefined,
    (reason: unknown) => reason ?? new Error("the flow ended early"),
  );
  const durationMs = performance.now() - startedMs;
  progress.end();
  chronicle.end();

  const { read, breakerEvents, breakerEventsFailed } = graph.ledger;
  const summary: Summary = {
    format: 1,
    end: error !== undefined ? "failed" : signal.aborted ? "interrupted" : "finished",
    error: error === undefined ? null : reasonOf(error),
    source: sources.map(({ name }) => name).join(", "),
    sources: sources.map((source, number) => sourceSummaryOf(source, graph.readFrom(number))),
    ...accountOf(graph.ledger),
    failures: Object.fromEntries(graph.failures),
    resent: graph.resent,
    failedTo: failed?.name ?? null,
    failedKept: graph.ledger.failedKept,
    sinks: Array.from(parts.sinks, ([port, sink]) => summaryOf(port, sink, graph.takenBy(sink))),
    breakers: chronicle.histories(registry.now()).slice(0, LISTED_BREAKERS),
    breakerCount: registry.size,
    breakersForcedOpen: Array.from(registry).filter(({ mode }) => mode === "forced_open").length,
    breakerEvents,
    breakerEventsFailed,
    durationMs: Math.round(durationMs),
    eventsPerSecond: Math.round((read * 1_000) / durationMs),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1_024,
  };
  return { summary, error };
}

function sourceSummaryOf(source: Source, read: number): SourceSummary {
  const { name } = source;
  if (!(source instanceof HttpServerSource)) return { name, read };
  return { name, read, answers: Object.fromEntries(source.answers) };
}

function summaryOf(port: string, sink: Sink, taken: number): SinkSummary {
  return { port, name: sink.name, taken, ...(sink instanceof HttpSink ? requestsOf(sink.counters) : {}) };
}
