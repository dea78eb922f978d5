/** `bluesmoke run`: ships the events of its sources through a pipeline. */
import { codeOf } from "../../connect/base/errors.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { faultOf } from "../base/fault.ts";
import type { RunOptions } from "../options/run-options.ts";
import { type Display, openDisplay } from "../view/display.ts";
import { reportOf } from "../view/report.ts";
import { exitCodeOf, isAccountedFor } from "../view/summary.ts";
import { Interrupt, STOPPING } from "./interrupt.ts";
import { prepare } from "./prepare.ts";
import { type RunResult, runPipeline } from "./run-pipeline.ts";

/** @throws whatever is wrong before the first event moves; what comes later is reported, with the summary. */
export async function run(path: string, options: RunOptions): Promise<ExitCode> {
  const { stdoutIsTaken, notices, page, ...prepared } = await prepare(path, options);
  const plain = stdoutIsTaken && process.stdout.isTTY;
  const display = await openDisplay({ quiet: options.quiet === true, plain });
  const interrupt = new Interrupt(() => display.say(STOPPING));
  for (const notice of notices) display.say(notice);
  const reader = stdoutIsTaken ? stopWithReader(interrupt, display) : { isGone: false };
  const { endpoint, retries } = options;
  const { signal } = interrupt;
  const result = await runPipeline({ ...prepared, endpoint, retries, display, signal });
  interrupt.release();
  page?.close();
  const end = printEnd(result, options, stdoutIsTaken ? process.stderr : process.stdout);
  if (end !== undefined) return end;
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  const { summary } = result;
  return reader.isGone && isAccountedFor(summary) ? EXIT.abandoned : exitCodeOf(summary);
}

/** Prints the summary, and the error that ended the run early; returns the exit code of that. */
function printEnd(
  { summary, error }: RunResult,
  { json }: RunOptions,
  stream: NodeJS.WritableStream,
): ExitCode | undefined {
  const fault = error === undefined ? undefined : faultOf(error);
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
