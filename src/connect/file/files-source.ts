/** Several files as one source. */

import { stat } from "node:fs/promises";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { ConnectError, fileFaultOf } from "../base/errors.ts";
import type { LineOptions } from "../base/line-options.ts";
import { isPattern, pathsOf } from "../base/pattern.ts";
import { openFile } from "./open-file.ts";

/** True where the path is a pattern and no file has that name. */
export async function isPatternOfFiles(path: string): Promise<boolean> {
  if (!isPattern(path)) return false;
  return stat(path).then(
    () => false,
    () => true,
  );
}

/** Reads files one after the other. What is malformed says in which `file`. */
export class FilesSource implements Source {
  readonly name: string;
  readonly #paths: readonly string[];
  readonly #lines: LineOptions;
  #next = 0;
  #current: Source | undefined;
  #isClosed = false;

  private constructor(pattern: string, paths: readonly string[], lines: LineOptions) {
    this.name = pattern;
    this.#paths = paths;
    this.#lines = lines;
  }

  /** @throws ConnectError where no file matches the pattern */
  static async open(pattern: string, lines: LineOptions): Promise<FilesSource> {
    const paths = await pathsOf(pattern).catch((cause: unknown) => {
      throw unreadable(pattern, `cannot be read: ${fileFaultOf(cause)}`, cause);
    });
    if (paths.length === 0) throw unreadable(pattern, "cannot be read: no file matches the pattern");
    return new FilesSource(pattern, paths, lines);
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    const path = this.#paths[this.#next];
    if (this.#isClosed || path === undefined) return undefined;
    this.#current ??= await openFile(path, this.#lines);
    const items = await this.#current.pull();
    if (items !== undefined) return items.map((item) => locatedItem(item, path));
    await this.#current.close();
    this.#current = undefined;
    this.#next++;
    return this.pull();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#current?.close();
  }
}

function locatedItem(item: SourceItem, file: string): SourceItem {
  return "malformed" in item ? { malformed: { file, ...item.malformed } } : item;
}

function unreadable(where: string, what: string, cause?: unknown): ConnectError {
  return new ConnectError("ERR_SOURCE", {
    where,
    what,
    hint: "* and ? stand for characters of a name, ** for folders; put the pattern in quotes",
    cause,
  });
}
