/** `bluesmoke run`: ships the events of its sources through a pipeline. */
import { codeOf } from "../../connect/base/errors.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { faultOf } from "../base/fault.ts";
import type { RunOptions } from "../options/run-options.ts";
import { type Display, openDisplay } from "../view/display.ts";
import { reportOf } from "../view/report.ts";
import { exitCodeOf, isAccountedFor } from "../view/summary.ts";
import type { FlowRun } from "./flow-run.ts";
import { Interrupt, STOPPING } from "./interrupt.ts";
import { prepare } from "./prepare.ts";
import { startRecording } from "./recording.ts";
import { type RunResult, runPipeline } from "./run-pipeline.ts";

/** @throws whatever is wrong before the first event moves; what comes later is reported, with the summary. */
export async function run(path: string, options: RunOptions): Promise<ExitCode> {
  process.on("SIGHUP", () => {}); // a rotation while the run starts does not end it
  const { stdoutIsTaken, notices, servers, state, ...prepared } = await prepare(path, options);
  const plain = stdoutIsTaken && process.stdout.isTTY;
  const display = await openDisplay({ quiet: options.quiet === true, plain });
  let flow: FlowRun | undefined;
  const interrupt = new Interrupt({
    onStop() {
      state.stop();
      display.say(STOPPING);
    },
    onReopen: () => void flow?.reopen(),
  });
  for (const notice of notices) display.say(notice);
  const reader = stdoutIsTaken ? stopWithReader(interrupt, display) : { isGone: false };
  const { endpoint, retries, stopTimeout } = options;
  const { signal } = interrupt;
  const recording = await startRecording(prepared.registry, options.record);
  const result = await runPipeline({
    ...prepared,
    endpoint,
    retries,
    stopTimeout,
    display,
    signal,
    onDeployed(deployed) {
      flow = deployed;
      state.start(() => deployed.snapshot());
    },
  });
  interrupt.release();
  servers.close();
  await recording?.write();
  const end = printEnd(result, options, stdoutIsTaken ? process.stderr : process.stdout);
  return end ?? exitCodeAfter(result, interrupt.exitCode, reader.isGone);
}

/** Of a run that no error ended. */
function exitCodeAfter(
  { summary, isCut }: RunResult,
  ofSignal: ExitCode | undefined,
  isReaderGone: boolean,
): ExitCode {
  const end = exitCodeOf(summary);
  // A stop that was cut says so, unless all that it cut off had been delivered.
  if (ofSignal !== undefined) return isCut && end !== EXIT.done ? end : ofSignal;
  return isReaderGone && isAccountedFor(summary) ? EXIT.abandoned : end;
}

/** Prints the summary, and the error that ended the run early; returns the exit code of that. */
function printEnd(
  { summary, error, isCut }: RunResult,
  { json, stopTimeout }: RunOptions,
  stream: NodeJS.WritableStream,
): ExitCode | undefined {
  const fault = error === undefined ? undefined : faultOf(error);
  if (isCut) process.stderr.write(`the stop took more than ${stopTimeout} s: what was left has failed\n`);
  if (json) stream.write(`${JSON.stringify(summary)}\n`);
  else if (fault === undefined || summary.events.read > 0) stream.write(`${reportOf(summary)}\n`);
  if (fault !== undefined) process.stderr.write(`${fault.message}\n`);
  return fault?.exitCode;
}

/** A reader of stdout that goes away (`| head`) has enough: that is no failure. */
function stopWithReader(interrupt: Interrupt, display: Display): { readonly isGone: boolean } {
  const reader = { isGone: false };
  process.stdout.once("error", (error) => {
    reader.isGone = codeOf(error) === "EPIPE";
    display.say(
      reader.isGone ? "the reader of stdout went away: no more is read" : "stdout is broken: no more is read",
    );
    interrupt.stop();
  });
  return reader;
}
