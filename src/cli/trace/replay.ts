/** `bluesmoke replay`: what breakers with given options would have done to the calls of a trace. */
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileFaultOf } from "../../connect/base/errors.ts";
import type { CallTrace } from "../../replay/calls/call-trace.ts";
import { spanOf } from "../../replay/calls/call-trace.ts";
import type { Recording } from "../../replay/record/recording.ts";
import { repeatRecording } from "../../replay/record/repeat.ts";
import { htmlReportOf } from "../../replay/report/html-report.ts";
import { RECORDED_LIMIT, SIMULATED_LIMIT } from "../../replay/report/limits.ts";
import { textReportOf } from "../../replay/report/text-report.ts";
import { timelineOf } from "../../replay/report/timeline.ts";
import type { ModelOptions } from "../../replay/whatif/endpoint-model.ts";
import { openingsOf, type ReplayResult, replayCalls } from "../../replay/whatif/replay-calls.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { loadOptions, loadTrace, type OptionsFile, type TraceFlags } from "./load-trace.ts";

export interface ReplayFlags extends TraceFlags {
  /** Path of a file of options. */
  readonly options?: string;
  readonly model?: ModelOptions;
  /** Path of a page to write. */
  readonly html?: string;
  readonly seed?: number;
  readonly json?: boolean;
}

/** @throws CommandError when trace or options cannot be read; OptionError for bad options */
export async function replay(path: string, flags: ReplayFlags): Promise<ExitCode> {
  const { calls, recording } = await loadTrace(path, flags);
  const given = flags.options === undefined ? undefined : await loadOptions(flags.options);
  const options = given ?? recordedOptions(recording);
  const [fromMs, toMs] = spanOf(calls);
  const timeline = timelineOf(calls, fromMs, toMs);
  const { seed, model } = flags;
  const whatIf = replayCalls(calls, { ...options, seed, model }, timeline.watch);
  const isRepeated = given === undefined && model === undefined && recording !== undefined;
  const result = isRepeated ? asItHappened(recording, calls, whatIf) : whatIf;
  if (flags.html !== undefined) {
    await writePage(flags.html, htmlReportOf(result, timeline.slices, basename(path)));
  }
  const limit = model ? SIMULATED_LIMIT : RECORDED_LIMIT;
  const text = flags.json ? JSON.stringify({ ...result, limit }) : textReportOf(result);
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

/** The options that each endpoint had when the recording began. */
function recordedOptions(recording: Recording | undefined): OptionsFile {
  if (!recording) return {};
  const { endpoints, options } = recording.header;
  // Own properties without a prototype: a name may be that of one of Object.prototype.
  const byName = Object.fromEntries(endpoints.map(({ name, options: index }) => [name, options[index]!]));
  return { endpoints: byName };
}

/** With its own options a recording is replayed exactly: its events, instead of those of a replay of calls. */
function asItHappened(recording: Recording, calls: CallTrace, result: ReplayResult): ReplayResult {
  const { events, differences } = repeatRecording(recording);
  const { inexact } = recording.header;
  const doubts = [
    ...(inexact === null ? [] : [`the replay is not exact: ${inexact}`]),
    ...(differences === 0
      ? []
      : [`the replay is not exact: ${differences} admissions were answered otherwise`]),
  ];
  const endpoints = result.endpoints.map((one) => ({
    ...one,
    openings: openingsOf(events.filter(({ endpoint }) => endpoint === one.endpoint)),
  }));
  return { ...result, endpoints, events, warnings: [...calls.warnings, ...doubts] };
}

async function writePage(path: string, html: string): Promise<void> {
  try {
    await writeFile(path, html);
  } catch (error) {
    throw new CommandError(EXIT.connection, `the page ${path} cannot be written: ${fileFaultOf(error)}`);
  }
}
