/** Files that a sink writes to. */
import { closeSync, constants, fstatSync } from "node:fs";
import { access, type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectError, codeOf, fileFaultOf } from "../base/errors.ts";
import { FileWritable } from "./file-writable.ts";
import { openPipeWritable } from "./pipe-writable.ts";
import type { WritableTarget } from "./stream-sink.ts";

/**
 * Checks that `path` can be written, and does not touch it: what was in the file is lost only when the flow starts.
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
 * Opens `path` for writing. A named pipe opens when a reader has opened it, or when `closing` is aborted.
 *
 * @param append false: what was in it is lost when the flow starts. True: a last line without its line feed gets one.
 * @throws ConnectError when it cannot be opened.
 */
export async function openTarget(
  path: string,
  append: boolean,
  closing: AbortSignal,
): Promise<WritableTarget> {
  try {
    const stats = await stat(path).catch(absent);
    if (stats?.isFIFO()) return { stream: await openPipeWritable(path, closing), closes: true };
    return await targetOf(await open(path, "a"), append);
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function targetOf(handle: FileHandle, append: boolean): Promise<WritableTarget> {
  if (!(await handle.stat()).isFile()) return { stream: handle.createWriteStream(), closes: true };
  const stream = new FileWritable(handle.fd);
  stream.once("close", () => void handle.close());
  return { stream, closes: true, prepare: () => (append ? stream.beginLine() : stream.empty()) };
}

/** A descriptor of a file that is added to; the target closes it. */
export function targetOfDescriptor(fd: number): WritableTarget {
  const stream = new FileWritable(fd);
  stream.once("close", () => closeSync(fd));
  return { stream, closes: true, prepare: () => stream.beginLine() };
}

/** stdout. Redirected to a file, it is written as a file to which events are added. */
export function openStdout(): WritableTarget {
  const stdout: WritableTarget = { stream: process.stdout, closes: false, mayLeave: true };
  if (!fstatSync(process.stdout.fd).isFile()) return stdout;
  const stream = new FileWritable(process.stdout.fd);
  return { stream, closes: false, prepare: () => stream.beginLine() };
}

/** A missing file is made when the flow starts. */
function absent(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}

function unwritable(where: string, cause: unknown): ConnectError {
  const what = `cannot be written: ${fileFaultOf(cause)}`;
  const hint = 'give a file in a folder that exists, "-" for stdout, or a URL with http:// or https://';
  return new ConnectError("ERR_SINK", { where, what, hint, cause });
}
