/** One run of a pipeline in this thread, from its sources to its summary. */
import { CircuitBreakerRegistry } from "../../entry/main.ts";
import type { Display } from "../view/display.ts";
import type { Summary } from "../view/summary.ts";
import { FlowRun, type FlowRunParts } from "./flow-run.ts";
import { RunWatch } from "./run-watch.ts";

export interface RunParts extends Omit<FlowRunParts, "registry" | "say"> {
  /** Where the breakers of the run live. Default: one of its own. */
  readonly registry?: CircuitBreakerRegistry;
  readonly display: Display;
  /** Called when the run is ready to begin. */
  readonly onDeployed?: (run: FlowRun) => void;
}

export interface RunResult {
  readonly summary: Summary;
  /** The error that ended it early; undefined: none. */
  readonly error: unknown;
  /** The stop timeout ended it: what had not been delivered by then has failed. */
  readonly isCut: boolean;
}

/** Runs it to its end, whatever happens on the way; sources and sinks are closed afterwards. */
export async function runPipeline({ onDeployed, display, ...parts }: RunParts): Promise<RunResult> {
  const { registry = new CircuitBreakerRegistry(), signal } = parts;
  const run = new FlowRun({ ...parts, registry, say: (line) => watch.say(line) });
  const watch = new RunWatch({
    display,
    registry,
    accounting: () => run.accounting,
    snapshot: () => run.snapshot(),
  });
  onDeployed?.(run);
  const { error, isCut } = await run.run();
  return { summary: watch.end(error, signal), error, isCut };
}
