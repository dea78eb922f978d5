/** A named pipe as a stream: waits for a reader, and can be given up at any time. */
import { constants, open } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { codeOf } from "../base/errors.ts";

/** Time between two looks for a reader, in ms. */
const RETRY_MS = 50;

/**
 * Opens a named pipe for writing when a reader has opened it. A blocking open would occupy a thread until then, and
 * neither `close` nor the end of the process could get past it.
 *
 * @throws whatever open(2) fails with, and an AbortError when `closing` is aborted first.
 */
export async function openPipeWritable(path: string, closing: AbortSignal): Promise<Writable> {
  for (;;) {
    closing.throwIfAborted();
    try {
      return await openNow(path);
    } catch (error) {
      // ENXIO: nobody reads.
      if (codeOf(error) !== "ENXIO") throw error;
    }
    await sleep(RETRY_MS, undefined, { signal: closing });
  }
}

async function openNow(path: string): Promise<Writable> {
  // A bare descriptor: a FileHandle would close it again when it is collected.
  const fd = await promisify(open)(path, constants.O_WRONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: false, writable: true });
}
