/** One run of the demo: a pipeline, the events, and a server of its own. */
import { HttpSink } from "../../connect/http/http.ts";
import { NullSink } from "../../connect/null.ts";
import { openSink, openSource } from "../../connect/open.ts";
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import type { Sink, Source } from "../../flow/ends.ts";
import { OVERFLOW } from "../../flow/graph/portname.ts";
import { compile } from "../../trickle/compile.ts";
import type { Display } from "../display.ts";
import { count, seconds } from "../figures.ts";
import { ship } from "../shipment.ts";
import type { Summary } from "../summary.ts";
import type { Trial } from "./comparison.ts";
import { Endpoint } from "./endpoint.ts";
import { Feed } from "./feed.ts";
import type { FeedPlan } from "./plan.ts";
import type { PhaseKind, Scenario } from "./scenario.ts";
import { Spill } from "./spill.ts";

/** The name of the breaker in what the demo prints. */
const ENDPOINT = "server";
/** Shorter than by default, so that a hanging server shows soon. */
const TIMEOUT_MS = 1_000;

/** As by default of the command, with a breaker and without. */
const RETRIES = 16;

/** What the runs of one demo have in common. */
export interface Stage {
  readonly plan: FeedPlan;
  readonly scenario: Scenario;
  readonly display: Display;
  readonly signal: AbortSignal;
  /** Where the breaker lives, but not that of events that are shipped again. Default: a registry of its own. */
  readonly registry?: CircuitBreakerRegistry;
}

const DEEDS: Readonly<Record<PhaseKind, string>> = {
  healthy: "healthy: it answers 200",
  failing: "failing: it answers 503",
  hanging: "hanging: it does not answer",
  refusing: "refusing: it does not listen",
};

/** @throws what ended the run early; the server and the file of refused events are gone in any case. */
export async function tryOut(pipeline: string, stage: Stage): Promise<Trial> {
  let startedMs = performance.now();
  const endpoint = await Endpoint.open(stage.scenario, ({ kind }) => {
    stage.display.say(`${seconds(performance.now() - startedMs).padStart(7)}  the server is ${DEEDS[kind]}`);
  });
  const spill = await Spill.open();
  try {
    const source = await openFeed(stage.plan, () => {
      startedMs = performance.now();
      endpoint.begin();
    });
    const overflow = await openSink(spill.path);
    const summary = await finish(stage, { pipeline, source, url: endpoint.url, overflow }, stage.registry);
    const phases = await endpoint.counts();
    const isWorthIt = summary.events.overflow > 0 && !stage.signal.aborted;
    return { summary, phases, again: isWorthIt ? await shipAgain(pipeline, spill, endpoint, stage) : null };
  } finally {
    spill.close();
    await endpoint.close();
  }
}

async function openFeed({ path, eventsPerSecond, events }: FeedPlan, onBegin: () => void): Promise<Feed> {
  return new Feed(await openSource(path), { eventsPerSecond, limit: events, onBegin });
}

/** As fast as the server takes them. What is refused once more is only counted. */
async function shipAgain(pipeline: string, spill: Spill, { url }: Endpoint, stage: Stage): Promise<Summary> {
  const source = await openSource(spill.path);
  const summary = await finish(stage, { pipeline, source, url, overflow: new NullSink() });
  const { read, delivered } = summary.events;
  stage.display.say(
    `         the refused events, shipped again: ${count(delivered)} of ${count(read)} delivered`,
  );
  return summary;
}

interface Freight {
  readonly pipeline: string;
  readonly source: Source;
  readonly url: string;
  readonly overflow: Sink;
}

async function finish(
  { display, signal }: Stage,
  { pipeline, source, url, overflow }: Freight,
  registry = new CircuitBreakerRegistry(),
): Promise<Summary> {
  const program = compile(pipeline, { file: "demo.trickle" });
  const sinks = new Map<string, Sink>([["out", new HttpSink(url, { timeoutMs: TIMEOUT_MS })]]);
  if (program.outputs.includes(OVERFLOW)) sinks.set(OVERFLOW, overflow);
  const { summary, error } = await ship({
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
