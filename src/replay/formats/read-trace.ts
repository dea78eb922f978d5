/** Reads a trace of any format: that which is named, or that which it looks like. */
import { nameOption, objectOption } from "../../breaker/validate.ts";
import { type CallTrace, CallTraceBuilder, FAILURE, REFUSED, SUCCESS } from "../calls/call-trace.ts";
import { callsOf } from "../calls/from-recording.ts";
import { decodeRecording, isRecording } from "../record/recording.ts";
import { TraceError } from "../trace-error.ts";
import { APACHE } from "./apache.ts";
import { ENVOY } from "./envoy.ts";
import { HAPROXY } from "./haproxy.ts";
import { isHar, readHar } from "./har.ts";
import type { LineFormat, ParsedCall } from "./line-format.ts";
import { type FieldNames, ndjsonFormat } from "./ndjson.ts";
import { NGINX } from "./nginx.ts";
import { isPrometheus, readPrometheus } from "./prometheus.ts";
import { cutDocument, foreignLines, otherDocument, refuseNoText } from "./unreadable.ts";

/** Formats that can be read. */
export type TraceFormat =
  | "recording"
  | "ndjson"
  | "nginx"
  | "apache"
  | "envoy"
  | "haproxy"
  | "har"
  | "prometheus";
export const TRACE_FORMATS: readonly TraceFormat[] = [
  "recording",
  "ndjson",
  "nginx",
  "apache",
  "envoy",
  "haproxy",
  "har",
  "prometheus",
];

/** How a trace is read. */
export interface ReadOptions {
  /** Default: what the trace looks like. */
  readonly format?: TraceFormat | undefined;
  /** Of NDJSON: where the values are. Default: well-known names. */
  readonly fields?: FieldNames | undefined;
  /** What calls of one endpoint have in common: "endpoint" as the line names it, or the first part of the "path". Default "endpoint". */
  readonly by?: "endpoint" | "path" | undefined;
}

/** Lines that are looked at to find the format. */
const SAMPLE_LINES = 20;
/** ms: loggers with buffers and several processes write lines in another order. */
const TOLERANCE_MS = 60_000;
/** Name of the endpoint of lines that name none. */
const UNNAMED = "all";
const CODES: Readonly<Record<string, number>> = { success: SUCCESS, failure: FAILURE, refused: REFUSED };

/**
 * Reads a trace. Lines of another format are left out and counted in `warnings`; so is a last line that is cut off.
 * @throws TraceError where nothing can be read: empty, foreign, truncated or damaged; OptionError for bad options
 */
export function readTrace(bytes: Uint8Array, options: ReadOptions = {}): CallTrace {
  const given = objectOption("options", options, ["format", "fields", "by"]) as ReadOptions;
  const format = given.format && nameOption("format", given.format, TRACE_FORMATS);
  const by = nameOption("by", given.by, ["endpoint", "path"] as const, "endpoint");
  if (format === "recording" || (!format && (isRecording(bytes) || bytes.length === 0))) {
    return callsOf(decodeRecording(bytes));
  }
  const text = new TextDecoder().decode(bytes);
  refuseNoText(bytes, text);
  const builder = new CallTraceBuilder();
  if (!format || format === "har" || format === "prometheus") {
    if (readDocument(text, format, builder)) return builder.build();
  }
  readLines(text, format, given.fields, by, builder);
  return builder.build();
}

/** Whether it is one JSON document of a format. */
function readDocument(text: string, format: TraceFormat | undefined, builder: CallTraceBuilder): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const cut = cutDocument(text, error);
    if (cut) throw cut;
    if (!format) return false;
    throw new TraceError("damaged", `the trace is no JSON (${(error as Error).message})`, "byte 0", 0);
  }
  if (isHar(value) && format !== "prometheus") readHar(value, builder);
  else if (isPrometheus(value) && format !== "har") readPrometheus(value, builder);
  else {
    const other = otherDocument(value);
    if (other) throw other;
    if (!format) return false;
    throw new TraceError("foreign", `the trace is JSON, but not of the format ${format},`, "byte 0", 0);
  }
  return true;
}

function readLines(
  text: string,
  name: TraceFormat | undefined,
  fields: FieldNames | undefined,
  by: "endpoint" | "path",
  builder: CallTraceBuilder,
): void {
  const formats = [ndjsonFormat(fields), ENVOY, HAPROXY, NGINX, APACHE];
  const lines = text.split("\n");
  const format = name ? formats.find((one) => one.name === name)! : formatOf(lines, formats);
  if (!format) throw foreignLines(lines, TRACE_FORMATS);
  const bad: number[] = [];
  let filled = 0;
  const order = new OrderCheck();
  const spread = new SecondSpread(format.wholeSeconds, (one) => addCall(one, by, builder));
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    filled++;
    const call = format.parse(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (!call || !(call.startMs >= 0)) bad.push(index + 1);
    else {
      order.see(index + 1, call);
      if (call.outcome !== "ignored") spread.add(call);
    }
  }
  spread.flush();
  if (bad.length * 2 > filled) {
    throw new TraceError(
      "foreign",
      `${bad.length} of ${filled} lines are not of the format ${format.name}, the first`,
      `line ${bad[0]}`,
      builder.count,
    );
  }
  order.warn(builder);
  warn(builder, bad, lines.length, text.endsWith("\n"), format.name);
}

/** Spreads the calls of a second over it: they stand in the order of their starts, or of their ends. */
class SecondSpread {
  readonly #by: "start" | "end" | undefined;
  readonly #take: (call: ParsedCall) => void;
  #calls: ParsedCall[] = [];
  #second = 0;

  constructor(by: "start" | "end" | undefined, take: (call: ParsedCall) => void) {
    this.#by = by;
    this.#take = take;
  }

  add(call: ParsedCall): void {
    if (!this.#by) {
      this.#take(call);
      return;
    }
    const second = Math.round((call.startMs + (this.#by === "end" ? call.durationMs || 0 : 0)) / 1_000);
    if (second !== this.#second) this.flush();
    this.#second = second;
    this.#calls.push(call);
  }

  flush(): void {
    const calls = this.#calls;
    this.#calls = [];
    for (const [index, call] of calls.entries()) {
      this.#take({ ...call, startMs: call.startMs + (index / calls.length) * 1_000 });
    }
  }
}

/** Lines stand in the order of their starts or of their ends; a few of them, of several writers, beside it. */
class OrderCheck {
  #latestStartMs = 0;
  #latestEndMs = 0;
  #count = 0;
  #firstLine = 0;

  see(line: number, { startMs, durationMs }: ParsedCall): void {
    const endMs = startMs + (durationMs || 0);
    if (startMs < this.#latestStartMs - TOLERANCE_MS && endMs < this.#latestEndMs - TOLERANCE_MS) {
      if (this.#count++ === 0) this.#firstLine = line;
    }
    this.#latestStartMs = Math.max(this.#latestStartMs, startMs);
    this.#latestEndMs = Math.max(this.#latestEndMs, endMs);
  }

  warn({ warnings }: CallTraceBuilder): void {
    if (this.#count === 0) return;
    const what = this.#count === 1 ? "1 line is" : `${this.#count} lines are`;
    warnings.push(`${what} out of order by more than a minute, the first is line ${this.#firstLine}: sorted`);
  }
}

function addCall(call: ParsedCall, by: "endpoint" | "path", builder: CallTraceBuilder): void {
  const { path, startMs, durationMs, outcome } = call;
  const first = path && /^(?:https?:\/\/[^/]+)?(\/[^/?#]*)/.exec(path)?.[1];
  const name = (by === "path" ? first : call.endpoint) ?? UNNAMED;
  builder.add(name, startMs, durationMs, CODES[outcome]!);
}

function warn(
  builder: CallTraceBuilder,
  bad: readonly number[],
  last: number,
  isEnded: boolean,
  name: string,
): void {
  if (bad.length === 0) return;
  if (bad.length === 1 && bad[0] === last && !isEnded) {
    builder.warnings.push(
      `line ${last}, the last one, is cut off: left out; ${builder.count} calls were read before it`,
    );
  } else {
    const what = bad.length === 1 ? "1 line is" : `${bad.length} lines are`;
    builder.warnings.push(`${what} not of the format ${name}, the first is line ${bad[0]}: left out`);
  }
}

/** The first format that most of the first lines have. */
function formatOf(lines: readonly string[], formats: readonly LineFormat[]): LineFormat | undefined {
  const sample = lines.filter((line) => line.trim() !== "").slice(0, SAMPLE_LINES);
  return formats.find(
    (format) => sample.filter((line) => format.parse(line.replace(/\r$/, ""))).length * 2 > sample.length,
  );
}
