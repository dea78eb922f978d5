/** One run of the demo: a pipeline, the events, and a server of its own. */
import { HttpSink } from "../../connect/http/http-sink.ts";
import { NullSink } from "../../connect/null.ts";
import { openSink, openSource } from "../../connect/open.ts";
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import { OVERFLOW } from "../../flow/protocol/port-name.ts";
import type { Sink, Source } from "../../flow/protocol/source-and-sink.ts";
import { compile } from "../../trickle/compile.ts";
import { count, seconds } from "../base/number-format.ts";
import { runPipeline } from "../run/run-pipeline.ts";
import type { Display } from "../view/display.ts";
import type { Summary } from "../view/summary.ts";
import type { Measurement } from "./comparison.ts";
import { Endpoint } from "./endpoint.ts";
import { Feed } from "./feed.ts";
import { KeptFile } from "./kept-file.ts";
import type { FeedPlan } from "./plan.ts";
import type { PhaseKind, Scenario } from "./scenario.ts";

/** The name of the breaker in what the demo prints. */
const ENDPOINT = "server";
/** Shorter than by default, so that a hanging server shows soon. */
const TIMEOUT_MS = 1_000;

/** As by default of the command, with a breaker and without. */
const RETRIES = 16;

/** What the runs of one demo have in common. */
export interface DemoParts {
  readonly plan: FeedPlan;
  readonly scenario: Scenario;
  readonly display: Display;
  readonly signal: AbortSignal;
  /** Where the breaker lives, but not that of events that are shipped again. Default: a registry of its own. */
  readonly registry?: CircuitBreakerRegistry;
}

const BEHAVIOUR: Readonly<Record<PhaseKind, string>> = {
  healthy: "healthy: it answers 200",
  failing: "failing: it answers 503",
  hanging: "hanging: it does not answer",
  refusing: "refusing: it does not listen",
};

/** @throws what ended the run early; the server and the file of refused events are gone in any case. */
export async function measure(pipeline: string, parts: DemoParts): Promise<Measurement> {
  let startedMs = performance.now();
  const endpoint = await Endpoint.open(parts.scenario, ({ kind }) => {
    parts.display.say(
      `${seconds(performance.now() - startedMs).padStart(7)}  the server is ${BEHAVIOUR[kind]}`,
    );
  });
  const kept = await KeptFile.open("refused.ndjson");
  try {
    const source = await openFeed(parts.plan, () => {
      startedMs = performance.now();
      endpoint.begin();
    });
    const overflow = await openSink(kept.path);
    const summary = await finish(parts, { pipeline, source, url: endpoint.url, overflow }, parts.registry);
    const phases = await endpoint.counts();
    const isWorthIt = summary.events.overflow > 0 && !parts.signal.aborted;
    return { summary, phases, again: isWorthIt ? await shipAgain(pipeline, kept, endpoint, parts) : null };
  } finally {
    kept.close();
    await endpoint.close();
  }
}

async function openFeed({ path, eventsPerSecond, events }: FeedPlan, onBegin: () => void): Promise<Feed> {
  return new Feed(await openSource(path), { eventsPerSecond, limit: events, onBegin });
}

/** As fast as the server takes them. Events that are refused once more are only counted. */
async function shipAgain(
  pipeline: string,
  kept: KeptFile,
  { url }: Endpoint,
  parts: DemoParts,
): Promise<Summary> {
  const source = await openSource(kept.path);
  const summary = await finish(parts, { pipeline, source, url, overflow: new NullSink() });
  const { read, delivered } = summary.events;
  parts.display.say(
    `         the refused events, shipped again: ${count(delivered)} of ${count(read)} delivered`,
  );
  return summary;
}

interface RunEnds {
  readonly pipeline: string;
  readonly source: Source;
  readonly url: string;
  readonly overflow: Sink;
}

async function finish(
  { display, signal }: DemoParts,
  { pipeline, source, url, overflow }: RunEnds,
  registry = new CircuitBreakerRegistry(),
): Promise<Summary> {
  const program = compile(pipeline, { file: "demo.trickle" });
  const sinks = new Map<string, Sink>([["out", new HttpSink(url, { timeoutMs: TIMEOUT_MS })]]);
  if (program.outputs.includes(OVERFLOW)) sinks.set(OVERFLOW, overflow);
  const { summary, error } = await runPipeline({
    program,
    registry,
    sources: [source],
    sinks,
    retries: RETRIES,
    endpoint: ENDPOINT,
    display,
    signal,
  });
  if (error !== undefined) throw error;
  return summary;
}
