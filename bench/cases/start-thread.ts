/** Threads of Node. */
import { Worker } from "node:worker_threads";
import type { ThreadTask } from "./thread-task.ts";

// run.mjs has compiled it.
const PROGRAM = new URL("./thread.js", import.meta.url);

/** See `StartThread`. */
export async function startNodeThread(task: ThreadTask): Promise<void> {
  const worker = new Worker(PROGRAM, { workerData: task });
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  worker.unref();
}
