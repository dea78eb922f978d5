/** Opens sources and sinks by what a user types. */
import { stat } from "node:fs/promises";
import { numberOption, objectOption } from "../breaker/validate.ts";
import type { Sink, Source } from "../flow/protocol/source-and-sink.ts";
import { MAXIMUM_LINE_BYTES } from "../ndjson/item.ts";
import { ConnectError } from "./base/errors.ts";
import { flagOption } from "./base/flag.ts";
import type { LineOptions } from "./base/line-options.ts";
import type { ListenOptions } from "./base/listen-options.ts";
import { isPath, isUrl, NULL, STANDARD, schemeOf } from "./base/spec.ts";
import { textOption } from "./base/text-option.ts";
import { encodingByName } from "./file/decoded-bytes.ts";
import { FileSink } from "./file/file-sink.ts";
import { checkWritable, openStdout } from "./file/file-target.ts";
import { FilesSource, isPatternOfFiles } from "./file/files-source.ts";
import { type FollowOptions, FollowSource } from "./file/follow/follow-source.ts";
import { openFile, openStdin } from "./file/open-file.ts";
import { type RotationOptions, resolveRotation } from "./file/rotation.ts";
import { StreamSink } from "./file/stream-sink.ts";
import type { HttpOptions } from "./http/http-options.ts";
import { HttpServerSource } from "./http/http-server.ts";
import { HttpSink } from "./http/http-sink.ts";
import { NullSink } from "./null.ts";
import type { TcpOptions } from "./tcp/tcp-options.ts";
import { TcpServerSource } from "./tcp/tcp-server.ts";
import { TcpSink } from "./tcp/tcp-sink.ts";
import { TcpSource } from "./tcp/tcp-source.ts";

/** Options by kind of source; those of other kinds are not looked at. */
export interface SourceOptions {
  /** A longer line or array element is malformed. In bytes, 1 to 268,435,456; default 1 MiB (1,048,576). */
  readonly maximumLineBytes?: number;
  /**
   * False: lines are not looked at, which is faster. A malformed one is passed on as it is, or is malformed where something reads
   * its data. Default true.
   */
  readonly validate?: boolean;
  /**
   * For a file: its end is not the end of the source. It is read as it grows, also when it is renamed and made anew, or
   * truncated, and waited for where it does not exist. Default false.
   */
  readonly follow?: boolean;
  /**
   * For a file: where the source keeps how far the file was read and acknowledged, and from where it goes on. The source is
   * transactional then. Default: none.
   */
  readonly position?: string;
  /** For `tcp://` and `tls://`. */
  readonly tcp?: TcpOptions;
  /** For `listen:`. */
  readonly listen?: ListenOptions;
  /** Openers of further schemes, such as `kafka`. */
  readonly schemes?: Readonly<Record<string, (spec: string) => Promise<Source> | Source>> | undefined;
}

/** Options by kind of sink; those of other kinds are not looked at. */
export interface SinkOptions extends RotationOptions {
  /** For files: keep what is there. Default false: the file is emptied when the flow starts. */
  readonly append?: boolean;
  /** For `http://` and `https://`. */
  readonly http?: HttpOptions;
  /** For `tcp://` and `tls://`. */
  readonly tcp?: TcpOptions;
  /** Openers of further schemes, such as `kafka`. */
  readonly schemes?: Readonly<Record<string, (spec: string) => Promise<Sink> | Sink>> | undefined;
}

const SOURCE_KEYS = ["maximumLineBytes", "validate", "follow", "position", "tcp", "listen", "schemes"];
/** The longest string that every JavaScript engine we run on can hold is twice that. */
const MAXIMUM_LIMIT_BYTES = 268_435_456;

/**
 * Opens a source of newline-delimited JSON. It opens at once, and listens at once: what is wrong fails before anything
 * runs.
 *
 * A file whose name ends in `.json` and whose first character is `[` is read as one array, each element an event. A
 * name decides since a line may begin with `[` as well.
 *
 * gzip and zstd are found by their first bytes. Files of a pattern are one source, in the order of their names.
 *
 * @param spec a path to a file or named pipe, a pattern such as `logs/*.ndjson`, "-" for stdin, `tcp://host:port`, `tls://host:port`,
 * `listen:tcp://host:port`, `listen:tls://host:port`, `listen:http://host:port/path` or `listen:https://host:port/path`.
 * @throws ConnectError for a missing file, a folder, a file without permission, an address that is wrong,
 * cannot be reached or is in use; OptionError for an option out of range.
 */
export async function openSource(spec: string, options?: SourceOptions): Promise<Source> {
  const given = objectOption("options", options, SOURCE_KEYS);
  const lines = lineOptionsOf(given);
  const follow = flagOption("follow", given.follow, false);
  const position = textOption("position", given.position);
  if (follow || position !== undefined) return openFollowed(spec, { follow, position, lines });
  if (spec === STANDARD) return openStdin(lines);
  refuseEmptySpec(spec, "ERR_SOURCE");
  const open = openerOf(spec, options?.schemes);
  if (open !== undefined) return open(spec);
  if (isUrl(spec)) return openUrl(spec, options, lines);
  return (await isPatternOfFiles(spec)) ? FilesSource.open(spec, lines) : openFile(spec, lines);
}

/**
 * Makes a sink. A path is checked here and touched when the flow starts; a URL is checked here and contacted by `start`.
 *
 * @param spec a path, "-" for stdout, a URL with http://, https://, tcp:// or tls://, or "null:" for a sink that only counts.
 * @throws ConnectError for a folder, a missing folder, no permission, a bad URL; OptionError for an option out of range.
 */
export async function openSink(spec: string, options?: SinkOptions): Promise<Sink> {
  const given = objectOption("options", options, [
    "append",
    "rotateBytes",
    "rotateMs",
    "http",
    "tcp",
    "schemes",
  ]);
  const rotation = resolveRotation(given);
  if (spec === NULL) return new NullSink();
  if (spec === STANDARD) return new StreamSink("stdout", async () => openStdout());
  refuseEmptySpec(spec, "ERR_SINK");
  const open = openerOf(spec, options?.schemes);
  if (open !== undefined) return open(spec);
  if (["tcp", "tls"].includes(schemeOf(spec) ?? "")) return new TcpSink(spec, options?.tcp);
  if (isUrl(spec)) return new HttpSink(spec, options?.http);
  await checkWritable(spec);
  return new FileSink(spec, { append: flagOption("append", given.append, false), rotation });
}

/** The opener that was given for the scheme of a URL. */
function openerOf<Opener>(spec: string, schemes: Readonly<Record<string, Opener>> = {}): Opener | undefined {
  const scheme = schemeOf(spec);
  return scheme !== undefined && Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
}

async function openUrl(
  spec: string,
  options: SourceOptions | undefined,
  lines: LineOptions,
): Promise<Source> {
  switch (schemeOf(spec)) {
    case "tcp":
    case "tls":
      return TcpSource.open(spec, options?.tcp, lines);
    case "listen:tcp":
    case "listen:tls":
      return TcpServerSource.open(spec, options?.listen, lines);
    case "listen:http":
    case "listen:https":
      return HttpServerSource.open(spec, options?.listen, lines);
    default:
      throw badSource(spec, `cannot be read: ${schemeOf(spec)} is no scheme of a source`, URL_HINT);
  }
}

const URL_HINT =
  'give tcp://host:port, tls://host:port, listen:tcp://host:port or listen:http://host:port/path (or listen:tls, listen:https), or pipe into "-"';

/** Of one file whose bytes are its lines. */
async function openFollowed(spec: string, options: FollowOptions): Promise<Source> {
  const fault = await unfollowableBecause(spec, options.follow);
  if (fault === undefined) return FollowSource.open(spec, options);
  throw badSource(spec, `cannot be followed: ${fault}`, "follow and position are for one file of lines");
}

async function unfollowableBecause(spec: string, mayBeMissing: boolean): Promise<string | undefined> {
  if (!isPath(spec) || spec === "") return "it is no file";
  if (await isPatternOfFiles(spec)) return "it is a pattern";
  if (encodingByName(spec) !== undefined) return "it is compressed";
  const stats = await stat(spec).catch(() => undefined);
  if (stats === undefined) return mayBeMissing ? undefined : "it does not exist";
  return stats.isFile() ? undefined : "it is no regular file";
}

function lineOptionsOf(given: Readonly<Record<string, unknown>>): LineOptions {
  const range = { from: 1, to: MAXIMUM_LIMIT_BYTES, whole: true };
  return {
    maximumLineBytes: numberOption("maximumLineBytes", given.maximumLineBytes, range, MAXIMUM_LINE_BYTES),
    validate: flagOption("validate", given.validate, true),
  };
}

function refuseEmptySpec(spec: string, code: "ERR_SOURCE" | "ERR_SINK"): void {
  if (spec !== "") return;
  throw new ConnectError(code, {
    where: '""',
    what: "is no path",
    hint: 'give a file, or "-" for stdin or stdout',
  });
}

function badSource(where: string, what: string, hint: string): ConnectError {
  return new ConnectError("ERR_SOURCE", { where, what, hint });
}
