/** Files that a sink writes to. */
import { constants, ftruncateSync } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectError, codeOf, fileFaultOf } from "../errors.ts";
import type { Outlet } from "./stream.ts";

/**
 * Sees to it that `path` can be written, without touching it: what was in the file is lost only when the flow starts.
 *
 * @throws ConnectError for a folder, a missing folder, a file or folder without permission.
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const stats = await stat(path).catch(absent);
    if (stats?.isDirectory()) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
    await access(stats === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Opens `path` for writing.
 *
 * @param append false: what was in it is lost when the flow starts.
 * @throws ConnectError when it cannot be opened.
 */
export async function openOutlet(path: string, append: boolean): Promise<Outlet> {
  try {
    const handle = await open(path, "a");
    const isRegular = (await handle.stat()).isFile();
    const outlet = { stream: handle.createWriteStream(), closes: true };
    return append || !isRegular ? outlet : { ...outlet, empty: () => ftruncateSync(handle.fd) };
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** A missing file is nothing to worry about: it is made when the flow starts. */
function absent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

function unwritable(where: string, cause: unknown): ConnectError {
  const what = `cannot be written: ${fileFaultOf(cause)}`;
  const hint = 'give a file in a folder that exists, "-" for stdout, or a URL with http:// or https://';
  return new ConnectError("ERR_SINK", { where, what, hint, cause });
}
