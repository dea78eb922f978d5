/** The same-file check: no file is read and written, or written twice, in one run. */
import { fstatSync } from "node:fs";
import { lstat, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConnectError } from "../base/errors.ts";
import { pathsOf } from "../base/pattern.ts";
import { isPath, STANDARD } from "../base/spec.ts";
import { isPatternOfFiles } from "./files-source.ts";

const STDIN = { name: "stdin", descriptor: 0 };
const STDOUT = { name: "stdout", descriptor: 1 };
/** Links to links that are followed where the file does not exist: as many as Linux follows. */
const MAXIMUM_LINKS = 40;

/** How a file is used in a run. */
interface Use {
  readonly spec: string;
  readonly verb: "read" | "written";
}

/**
 * A sink empties its file or adds to it, so a source on the same file would lose what it has not read, or never end; two
 * sinks on one file would tear each other's lines. Links, different spellings of a path, and stdin and stdout that were
 * redirected to a file are followed. stdout may be given several times. URLs, pipes and devices may be shared.
 *
 * @param source what `openSource` is given; several: for every source of the run.
 * @param sinks what `openSink` is given, for every sink of the run.
 * @throws ConnectError naming the file.
 */
export async function refuseSharedFiles(
  source: string | readonly string[],
  sinks: readonly string[],
): Promise<void> {
  const uses = new Map<string, Use>();
  const read = [source].flat().map((spec): Use => ({ spec, verb: "read" }));
  const written = sinks.map((spec): Use => ({ spec, verb: "written" }));
  for (const use of [...(await Promise.all(read.map(eachFile))).flat(), ...written]) {
    const file = await identityOf(use);
    if (file === undefined) continue;
    const before = uses.get(file);
    if (before !== undefined && !isSameStream(before, use)) throw shared(use, before);
    uses.set(file, use);
  }
}

/** A pattern reads several files. What cannot be looked up is an error of the source. */
async function eachFile(use: Use): Promise<readonly Use[]> {
  if (!isPath(use.spec) || !(await isPatternOfFiles(use.spec))) return [use];
  const paths = await pathsOf(use.spec).catch(() => []);
  return paths.map((spec) => ({ spec, verb: use.verb }));
}

/** Several sinks may write to stdout: they are one stream. */
function isSameStream(before: Use, use: Use): boolean {
  return use.spec === STANDARD && before.spec === STANDARD && before.verb === use.verb;
}

/** The same for two names of one file; undefined for what may be shared. */
async function identityOf({ spec, verb }: Use): Promise<string | undefined> {
  if (spec === STANDARD) return identityOfDescriptor(verb === "read" ? STDIN.descriptor : STDOUT.descriptor);
  return isPath(spec) ? identityOfPath(spec, MAXIMUM_LINKS) : undefined;
}

function identityOfDescriptor(descriptor: number): string | undefined {
  try {
    return identityIn(fstatSync(descriptor));
  } catch {
    return undefined; // it is closed
  }
}

async function identityOfPath(path: string, links: number): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats !== undefined) return identityIn(stats);
  const link = await lstat(path).catch(() => undefined);
  if (link?.isSymbolicLink() && links > 0) {
    return identityOfPath(resolve(dirname(path), await readlink(path)), links - 1);
  }
  const folder = await realpath(dirname(path)).catch(() => resolve(dirname(path)));
  return join(folder, basename(path));
}

function identityIn(stats: {
  isFile(): boolean;
  readonly dev: number;
  readonly ino: number;
}): string | undefined {
  return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
}

function shared(use: Use, before: Use): ConnectError {
  const what = `cannot be ${use.verb}: it is ${before.verb} in the same run${nameOf(before) === nameOf(use) ? "" : ` as ${nameOf(before)}`}`;
  return new ConnectError("ERR_SINK", {
    where: nameOf(use),
    what,
    hint: "give each source and sink a file of its own",
  });
}

function nameOf({ spec, verb }: Use): string {
  if (spec !== STANDARD) return spec;
  return verb === "read" ? STDIN.name : STDOUT.name;
}
