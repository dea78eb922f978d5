/** Reads a trace and a file of options. */
import { readFile } from "node:fs/promises";
import type { CircuitBreakerOptions } from "../../breaker/options.ts";
import { fileFaultOf } from "../../connect/base/errors.ts";
import type { CallTrace } from "../../replay/calls/call-trace.ts";
import { callsOf } from "../../replay/calls/from-recording.ts";
import type { FieldNames } from "../../replay/formats/ndjson.ts";
import { readTrace, type TraceFormat } from "../../replay/formats/read-trace.ts";
import { decodeRecording, isRecording, type Recording } from "../../replay/record/recording.ts";
import { isTraceError } from "../../replay/trace-error.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";
import { parseCommentedJson } from "../options/commented-json.ts";

/** How the trace of a command is read. */
export interface TraceFlags {
  readonly format?: TraceFormat;
  readonly by?: "endpoint" | "path";
  readonly fields?: FieldNames;
}

/** A trace, and the recording that it came from. */
export interface LoadedTrace {
  readonly calls: CallTrace;
  readonly recording: Recording | undefined;
}

/** Options by endpoint, as a file has them. */
export interface OptionsFile {
  readonly defaults?: CircuitBreakerOptions;
  readonly endpoints?: Readonly<Record<string, CircuitBreakerOptions>>;
}

/** @throws CommandError for a file that cannot be read, is empty, foreign, truncated or damaged */
export async function loadTrace(path: string, flags: TraceFlags): Promise<LoadedTrace> {
  const bytes = await readBytes(path, "trace");
  try {
    const isOwn = isRecording(bytes) && (flags.format ?? "recording") === "recording";
    const recording = isOwn ? decodeRecording(bytes) : undefined;
    const { format, by, fields } = flags;
    const calls = recording ? callsOf(recording) : readTrace(bytes, { format, by, fields });
    if (calls.count === 0) throw new CommandError(EXIT.pipeline, `${path}: the trace has no calls`);
    return { calls, recording };
  } catch (error) {
    if (!isTraceError(error)) throw error;
    throw new CommandError(EXIT.pipeline, `${path}: ${error.message}`);
  }
}

/**
 * JSON with comments: the options of a breaker for all endpoints, or `{ "defaults": {}, "endpoints": { "name": {} } }`.
 * What is in them is checked where they are used.
 *
 * @throws CommandError for a file that cannot be read or is no such JSON
 */
export async function loadOptions(path: string): Promise<OptionsFile> {
  const text = new TextDecoder().decode(await readBytes(path, "options"));
  let value: unknown;
  try {
    ({ value } = parseCommentedJson(text));
  } catch (error) {
    throw new CommandError(EXIT.usage, `${path}: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CommandError(EXIT.usage, `${path}: expected an object of options`);
  }
  const { $schema: _, ...given } = value as Record<string, unknown>;
  return "defaults" in given || "endpoints" in given ? given : { defaults: given };
}

async function readBytes(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(EXIT.pipeline, `the ${what} ${path} cannot be read: ${fileFaultOf(error)}`);
  }
}
