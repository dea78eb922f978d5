/** `bluesmoke run`: ships the events of its sources through a pipeline. */
import { codeOf } from "../../connect/base/errors.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { faultOf } from "../base/fault.ts";
import type { RunOptions } from "../options/run-options.ts";
import { Interrupt, STOPPING } from "../run/interrupt.ts";
import { type PreparedRun, prepare } from "../run/prepare.ts";
import type { RunResult } from "../run/run-pipeline.ts";
import { type Display, openDisplay } from "../view/display.ts";
import { reportOf } from "../view/report.ts";
import { exitCodeOf, isAccountedFor } from "../view/summary.ts";

/** @throws whatever is wrong before the first event moves; what comes later is reported, with the summary. */
export async function run(path: string, options: RunOptions): Promise<ExitCode> {
  process.on("SIGHUP", () => {}); // a rotation while the run starts does not end it
  const prepared = await (options.workers > 1 ? prepareInThreads : prepare)(path, options);
  const { stdoutIsTaken, servers } = prepared;
  const plain = stdoutIsTaken && process.stdout.isTTY;
  const display = await openDisplay({ quiet: options.quiet === true, plain });
  const interrupt = new Interrupt({
    onStop() {
      prepared.state.stop();
      display.say(STOPPING);
    },
    onReopen: () => prepared.reopen(),
  });
  for (const notice of prepared.notices) display.say(notice);
  const reader = stdoutIsTaken ? stopWithReader(interrupt, display) : { isGone: false };
  const result = await prepared.run(display, interrupt.signal);
  interrupt.release();
  servers.close();
  const end = printEnd(result, options, stdoutIsTaken ? process.stderr : process.stdout);
  return end ?? exitCodeAfter(result, interrupt.exitCode, reader.isGone);
}

async function prepareInThreads(path: string, options: RunOptions): Promise<PreparedRun> {
  const { prepareWorkers } = await import("../workers/prepare-workers.ts");
  return prepareWorkers(path, options);
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
