/** From what a user types to a source or a sink. */
import { fstatSync, type Stats } from "node:fs";
import { numberOption, objectOption } from "../breaker/validate.ts";
import type { Sink, Source } from "../flow/ends.ts";
import { ConnectError } from "./errors.ts";
import { checkWritable, openStdout, openTarget } from "./file/file.ts";
import { StreamSink } from "./file/stream.ts";
import { HttpSink } from "./http/http.ts";
import type { HttpOptions } from "./http/httpoptions.ts";
import { HttpServerSource } from "./http/httpserver.ts";
import type { ListenOptions } from "./listenoptions.ts";
import { NullSink } from "./null.ts";
import { isUrl, NULL, STANDARD, schemeOf } from "./spec.ts";
import type { TcpOptions } from "./tcp/tcpoptions.ts";
import { TcpServerSource } from "./tcp/tcpserver.ts";
import { TcpSink } from "./tcp/tcpsink.ts";
import { TcpSource } from "./tcp/tcpsource.ts";
import { type ByteReader, FileBytes, openPipe, StreamBytes, statSource } from "./text/bytes.ts";
import { ElementSplitter } from "./text/elements.ts";
import { LineSplitter } from "./text/lines.ts";
import { MAXIMUM_LINE_BYTES, SplitSource, type Splitter } from "./text/splitter.ts";

/** Options by kind of source; those of other kinds are not looked at. */
export interface SourceOptions {
  /** A longer line or array element is malformed. In bytes, 1 to 268,435,456; default 1 MiB (1,048,576). */
  readonly maximumLineBytes?: number;
  /** For `tcp://`. */
  readonly tcp?: TcpOptions;
  /** For `listen:`. */
  readonly listen?: ListenOptions;
}

/** Options by kind of sink; those of other kinds are not looked at. */
export interface SinkOptions {
  /** For files: keep what is there. Default false: the file is emptied when the flow starts. */
  readonly append?: boolean;
  /** For `http://` and `https://`. */
  readonly http?: HttpOptions;
  /** For `tcp://`. */
  readonly tcp?: TcpOptions;
}

/** The longest string that every JavaScript engine we run on can hold is twice that. */
const MAXIMUM_LIMIT_BYTES = 268_435_456;
const STDIN_DESCRIPTOR = 0;
/** A JSON array that fills its file begins like this, after blanks and a byte order mark. */
const ARRAY_START = /^\uFEFF?[ \t\r\n]*\[/;

/**
 * Opens a source of newline-delimited JSON. It opens at once, and listens at once: what is wrong fails before anything
 * runs.
 *
 * A file whose name ends in `.json` and whose first character is `[` is read as one array, each element an event. A
 * name decides since a line may begin with `[` as well.
 *
 * @param spec a path to a file or named pipe, "-" for stdin, `tcp://host:port`, `listen:tcp://host:port` or
 * `listen:http://host:port/path`.
 * @throws ConnectError for a missing file, a folder, a file without permission, an address that is wrong,
 * cannot be reached or is in use; OptionError for an option out of range.
 */
export async function openSource(spec: string, options?: SourceOptions): Promise<Source> {
  const limit = limitOf(options);
  if (spec === STANDARD) return openStdin(limit);
  refuseEmptySpec(spec, "ERR_SOURCE");
  if (isUrl(spec)) return openUrl(spec, options, limit);
  const stats = await statSource(spec);
  refuseFolder(spec, stats);
  if (stats.isFIFO()) return new SplitSource(spec, await openPipe(spec), new LineSplitter(limit));
  const reader = await FileBytes.open(spec);
  if (!stats.isFile()) return new SplitSource(spec, reader, new LineSplitter(limit));
  return new SplitSource(spec, reader, await splitterFor(spec, reader, limit));
}

/**
 * Makes a sink. A path is checked here and touched when the flow starts; a URL is checked here and contacted by `start`.
 *
 * @param spec a path, "-" for stdout, a URL with http://, https:// or tcp://, or "null:" for a sink that only counts.
 * @throws ConnectError for a folder, a missing folder, no permission, a bad URL; OptionError for an option out of range.
 */
export async function openSink(spec: string, options?: SinkOptions): Promise<Sink> {
  objectOption("options", options, ["append", "http", "tcp"]);
  if (spec === NULL) return new NullSink();
  if (spec === STANDARD) return new StreamSink("stdout", async () => openStdout());
  refuseEmptySpec(spec, "ERR_SINK");
  if (schemeOf(spec) === "tcp") return new TcpSink(spec, options?.tcp);
  if (isUrl(spec)) return new HttpSink(spec, options?.http);
  await checkWritable(spec);
  return new StreamSink(spec, (closing) => openTarget(spec, options?.append === true, closing));
}

async function openUrl(spec: string, options: SourceOptions | undefined, limit: number): Promise<Source> {
  switch (schemeOf(spec)) {
    case "tcp":
      return TcpSource.open(spec, options?.tcp, limit);
    case "listen:tcp":
      return TcpServerSource.open(spec, options?.listen, limit);
    case "listen:http":
      return HttpServerSource.open(spec, options?.listen, limit);
    default:
      throw badSource(spec, `cannot be read: ${schemeOf(spec)} is no scheme of a source`, URL_HINT);
  }
}

const URL_HINT =
  'give tcp://host:port, listen:tcp://host:port or listen:http://host:port/path, or pipe into "-"';

function openStdin(limit: number): Source {
  const stats = fstatSync(STDIN_DESCRIPTOR);
  // Node reads nothing from a folder, without a word.
  refuseFolder("stdin", stats);
  return new SplitSource("stdin", new StreamBytes("stdin", process.stdin), new LineSplitter(limit));
}

async function splitterFor(path: string, reader: FileBytes, limit: number): Promise<Splitter> {
  try {
    const start = await reader.peek();
    const isArray = path.endsWith(".json") && ARRAY_START.test(start.toString());
    return isArray ? new ElementSplitter(limit) : new LineSplitter(limit);
  } catch (error) {
    await closeQuietly(reader);
    throw error;
  }
}

/** The error that led here matters more than one while closing. */
async function closeQuietly(reader: ByteReader): Promise<void> {
  await reader.close().catch(() => {});
}

function limitOf(options: SourceOptions | undefined): number {
  const given = objectOption("options", options, ["maximumLineBytes", "tcp", "listen"]);
  const range = { from: 1, to: MAXIMUM_LIMIT_BYTES, whole: true };
  return numberOption("maximumLineBytes", given.maximumLineBytes, range, MAXIMUM_LINE_BYTES);
}

function refuseEmptySpec(spec: string, code: "ERR_SOURCE" | "ERR_SINK"): void {
  if (spec !== "") return;
  throw new ConnectError(code, {
    where: '""',
    what: "is no path",
    hint: 'give a file, or "-" for stdin or stdout',
  });
}

function refuseFolder(where: string, stats: Stats): void {
  if (!stats.isDirectory()) return;
  throw badSource(where, "cannot be read: is a folder, not a file", "give a file in it");
}

function badSource(where: string, what: string, hint: string): ConnectError {
  return new ConnectError("ERR_SOURCE", { where, what, hint });
}
