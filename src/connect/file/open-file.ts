/** Files, named pipes and stdin as sources. */
import { fstatSync, type Stats } from "node:fs";
import { ArrayReader } from "../../ndjson/array-reader.ts";
import type { ItemReader } from "../../ndjson/item.ts";
import { LineReader } from "../../ndjson/line-reader.ts";
import { ConnectError } from "../base/errors.ts";
import type { LineOptions } from "../base/line-options.ts";
import { type ByteReader, FileBytes, openPipe, StreamBytes, statSource } from "./byte-reader.ts";
import { DecodedBytes, encodingByName, withoutEncoding } from "./decoded-bytes.ts";
import { SplitSource } from "./split-source.ts";

const STDIN_DESCRIPTOR = 0;
/** A JSON array that fills its file begins like this, after blanks and a byte order mark. */
const ARRAY_START = /^\uFEFF?[ \t\r\n]*\[/;

/**
 * A file, a device or a named pipe. A file is one array where its name, without `.gz` or `.zst`, ends in `.json` and it
 * begins with `[`; else it has lines.
 *
 * @param lines how lines are read.
 * @throws ConnectError for what is missing, for a folder, and for what may not be read
 */
export async function openFile(path: string, lines: LineOptions): Promise<SplitSource> {
  const stats = await statSource(path);
  refuseFolder(path, stats);
  const reader = stats.isFIFO() ? await openPipe(path) : await FileBytes.open(path);
  const mayBeArray = stats.isFile() && withoutEncoding(path).endsWith(".json");
  return sourceOf(path, reader, lines, mayBeArray);
}

/** @throws ConnectError where stdin is a folder */
export function openStdin(lines: LineOptions): SplitSource {
  // Node reads nothing from a folder, without a word.
  refuseFolder("stdin", fstatSync(STDIN_DESCRIPTOR));
  return sourceOf("stdin", new StreamBytes("stdin", process.stdin), lines, false);
}

function sourceOf(name: string, reader: ByteReader, lines: LineOptions, mayBeArray: boolean): SplitSource {
  const bytes = new DecodedBytes(name, reader, encodingByName(name));
  const choose = (start: Buffer): ItemReader =>
    mayBeArray && ARRAY_START.test(start.toString())
      ? new ArrayReader(lines.maximumLineBytes)
      : new LineReader(lines);
  return new SplitSource(name, bytes, choose);
}

function refuseFolder(where: string, stats: Stats): void {
  if (!stats.isDirectory()) return;
  throw new ConnectError("ERR_SOURCE", {
    where,
    what: "cannot be read: is a folder, not a file",
    hint: "give a file in it, or a pattern such as FOLDER/*.ndjson",
  });
}
