/** Opens and checks what a run needs. */
import { isListener, STANDARD } from "../../connect/base/spec.ts";
import { refuseSharedFiles } from "../../connect/file/same-file.ts";
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import type { Program } from "../../trickle/program.ts";
import { compilePipeline, type PipelineText, readPipeline } from "../base/load-pipeline.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { Servers } from "../serve/open.ts";
import { RunState } from "../serve/run-state.ts";
import { openServers } from "../serve/servers.ts";
import type { Display } from "../view/display.ts";
import { openFleet, type RunFleet } from "./fleet.ts";
import type { FlowRun } from "./flow-run.ts";
import { openSinks, openSources } from "./open.ts";
import { startRecording } from "./recording.ts";
import { type RunResult, runPipeline } from "./run-pipeline.ts";
import { planRun, type RunPlan } from "./validate.ts";

/** A run that is ready to begin, in one thread or in several. */
export interface PreparedRun {
  /** For the user, before the run starts. */
  readonly notices: readonly string[];
  /** Dashboard and status, where they are wanted. */
  readonly servers: Servers;
  /** The part of the run that the servers see. */
  readonly state: RunState;
  /** A sink writes to stdout. */
  readonly stdoutIsTaken: boolean;
  /** Opens the files of all sinks again. */
  reopen(): void;
  /** Runs it to its end, whatever happens on the way. @param signal aborted: no more is read */
  run(display: Display, signal: AbortSignal): Promise<RunResult>;
}

/** A run whose pipeline and options are right. */
export interface CheckedRun {
  readonly pipeline: PipelineText;
  readonly program: Program;
  readonly plan: RunPlan;
}

/** @throws whatever is wrong with the pipeline or an option; nothing is opened */
export async function checkRun(path: string, options: RunOptions): Promise<CheckedRun> {
  const pipeline = await readPipeline(path);
  const program = compilePipeline(pipeline);
  const plan = planRun(path, options, program);
  const { targets } = plan;
  // The summary goes to stdout where no sink does.
  const written = targets.includes(STANDARD) ? targets : [...targets, STANDARD];
  await refuseSharedFiles(options.in, written);
  await refuseSharedFiles(path, written);
  return { pipeline, program, plan };
}

/** A run in this thread. @throws whatever is wrong, also with a source or a sink; everything is closed again. */
export async function prepare(path: string, options: RunOptions): Promise<PreparedRun> {
  const { program, plan } = await checkRun(path, options);
  const { endpoint, retries, retryFor, maxWaiting, stopTimeout, seed } = options;
  const ends = await openSinks(plan.ports, options);
  const registry = new CircuitBreakerRegistry(seed === undefined ? {} : { seed });
  const state = new RunState();
  const servers = await openServers(registry, state, options);
  const fleet = await openFleet(registry, options.fleet, options.tcp.probe !== false).catch(
    (error: unknown) => {
      servers.close();
      throw error;
    },
  );
  state.fleet = fleet.summary;
  const sources = await openSources(options, registry).catch((error: unknown) => {
    servers.close();
    fleet.close();
    throw error;
  });
  const listening = sources.filter((_, index) => isListener(options.in[index] ?? ""));
  let flow: FlowRun | undefined;
  const onDeployed = (deployed: FlowRun): void => {
    flow = deployed;
    state.start(() => deployed.snapshot());
  };
  const limits = { retries, retryFor, maxWaiting, stopTimeout };
  const parts = { program, registry, sources, ...ends, endpoint, ...limits, onDeployed };
  return {
    notices: [
      ...plan.warnings,
      ...servers.notices,
      ...fleet.notices,
      ...listening.map(({ name }) => `listening at ${name}`),
    ],
    servers,
    state,
    stdoutIsTaken: plan.targets.includes(STANDARD),
    reopen: () => void flow?.reopen(),
    async run(display, signal) {
      const recording = await startRecording(registry, options.record);
      fleet.watch((line) => display.say(line));
      const result = await runPipeline({ ...parts, display, signal });
      await recording?.write();
      return withFleet(result, fleet);
    },
  };
}

/** The result with what the fleet has done, which ends here. */
export function withFleet({ summary, ...rest }: RunResult, fleet: RunFleet): RunResult {
  const counts = fleet.summary();
  fleet.close();
  return { ...rest, summary: counts === undefined ? summary : { ...summary, fleet: counts } };
}
