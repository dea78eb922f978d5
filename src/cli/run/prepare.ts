/** Opens and checks what a run needs. */
import { isListener, STANDARD } from "../../connect/base/spec.ts";
import { refuseSharedFiles } from "../../connect/file/same-file.ts";
import { openSink, openSource } from "../../connect/open.ts";
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import { OVERFLOW, turnsAway } from "../../flow/protocol/port-name.ts";
import type { Sink, Source } from "../../flow/protocol/source-and-sink.ts";
import type { Program } from "../../trickle/program.ts";
import { loadPipeline } from "../base/load-pipeline.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { Servers } from "../serve/open.ts";
import { RunState } from "../serve/run-state.ts";
import { openServers } from "../serve/servers.ts";
import { SINK_SCHEMES, SOURCE_SCHEMES } from "./broker-schemes.ts";
import { DeadLetterSource, deadLetterSink } from "./dead-letter.ts";
import { MappedSink } from "./mapped-sink.ts";
import { planRun, type RunPlan } from "./validate.ts";

/** Everything that a run needs, open and checked. */
export interface PreparedRun {
  readonly program: Program;
  /** Where the breakers of the run live. */
  readonly registry: CircuitBreakerRegistry;
  readonly sources: readonly Source[];
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly failed: Sink | undefined;
  /** Dashboard and status, where they are wanted. */
  readonly servers: Servers;
  /** The part of the run that the servers see. */
  readonly state: RunState;
  /** For the user, before the run starts. */
  readonly notices: readonly string[];
  /** A sink writes to stdout. */
  readonly stdoutIsTaken: boolean;
}

/** @throws whatever is wrong with the pipeline, an option, a source or a sink; everything is closed again. */
export async function prepare(path: string, options: RunOptions): Promise<PreparedRun> {
  const program = await loadPipeline(path);
  const plan = planRun(path, options, program);
  await refuseShared(path, options, plan);
  const { sinks, failed } = await openSinks(plan, options);
  const registry = new CircuitBreakerRegistry(options.seed === undefined ? {} : { seed: options.seed });
  const state = new RunState();
  const servers = await openServers(registry, state, options);
  const sources = await openSources(options, registry).catch((error: unknown) => {
    servers.close();
    throw error;
  });
  const listening = sources.filter((_, index) => isListener(options.in[index] ?? ""));
  const notices = [
    ...plan.warnings,
    ...servers.notices,
    ...listening.map(({ name }) => `listening at ${name}`),
  ];
  return {
    program,
    registry,
    sources,
    sinks,
    failed,
    servers,
    state,
    notices,
    stdoutIsTaken: plan.targets.includes(STANDARD),
  };
}

async function refuseShared(path: string, options: RunOptions, { targets }: RunPlan): Promise<void> {
  // The summary goes to stdout where no sink does.
  const written = targets.includes(STANDARD) ? targets : [...targets, STANDARD];
  await refuseSharedFiles(options.in, written);
  await refuseSharedFiles(path, written);
}

/** A server that listens keeps the process alive: where one source cannot be opened, the others are closed. */
async function openSources(
  { in: specs, source: general, tcp, listen, again }: RunOptions,
  registry: CircuitBreakerRegistry,
): Promise<readonly Source[]> {
  const listening = { ...listen, retryAfterMs: () => longestWaitMs(registry) };
  const options = { ...general, tcp, listen: listening, schemes: SOURCE_SCHEMES };
  const sources: Source[] = [];
  try {
    for (const spec of specs) {
      const source = await openSource(spec, options);
      sources.push(again ? new DeadLetterSource(source) : source);
    }
    return sources;
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
}

async function openSinks(
  { ports }: RunPlan,
  { overflow, failed, append = false, http, tcp }: RunOptions,
): Promise<Pick<PreparedRun, "sinks" | "failed">> {
  // --no-probe means every sink that can be reached.
  const options = {
    append,
    http: { ...http, ...(tcp.probe === undefined ? {} : { probe: tcp.probe }) },
    tcp,
    schemes: SINK_SCHEMES,
  };
  const keeping = { ...options, append: true };
  const sinks = new Map<string, Sink>();
  for (const [port, spec] of ports) {
    const sink = await openSink(spec, turnsAway(port) ? keeping : options);
    // --overflow keeps events as they were read, so that they can be shipped again; a --port takes what the pipeline made.
    const isAsRead = port === OVERFLOW && spec === overflow;
    sinks.set(port, isAsRead ? new MappedSink(sink, (event) => event.discardChanges()) : sink);
  }
  const deadLetters = failed === undefined ? undefined : deadLetterSink(await openSink(failed, keeping));
  return { sinks, failed: deadLetters };
}

/** ms until the last of the open breakers lets a probe through; 0: none is open, or it opens for no known time. */
function longestWaitMs(registry: CircuitBreakerRegistry): number {
  return Math.max(0, ...Array.from(registry, (breaker) => breaker.retryAfterMs()).filter(Number.isFinite));
}
