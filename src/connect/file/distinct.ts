/** Sees to it that no file is read and written, or written twice, in one run. */
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConnectError } from "../errors.ts";
import { isPath } from "../spec.ts";

/**
 * A sink empties its file, so a source on the same file would lose what it has not read; two sinks on one file would
 * tear each other's lines. Links and different spellings of a path are seen through; stdin, stdout, URLs and devices
 * may be shared.
 *
 * @param source what `openSource` is given; several: for every source of the run.
 * @param sinks what `openSink` is given, for every sink of the run.
 * @throws ConnectError naming the file.
 */
export async function refuseSharedFiles(
  source: string | readonly string[],
  sinks: readonly string[],
): Promise<void> {
  const users = new Map<string, string>();
  const read = [source].flat().map((spec) => [spec, "read"] as const);
  for (const [spec, use] of [...read, ...sinks.map((spec) => [spec, "written"] as const)]) {
    const file = isPath(spec) ? await identityOf(spec) : undefined;
    if (file === undefined) continue;
    const before = users.get(file);
    if (before !== undefined) throw shared(spec, `cannot be ${use}: it is ${before} in the same run`);
    users.set(file, use);
  }
}

/** The same for two paths to one file; undefined for what may be shared. */
async function identityOf(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats !== undefined) return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path));
}

function shared(where: string, what: string): ConnectError {
  return new ConnectError("ERR_SINK", { where, what, hint: "give each source and sink a file of its own" });
}
