/** Threads of Node. */
import { Worker } from "node:worker_threads";
import type { Duty } from "./duty.ts";

// Compiled by then: run.mjs sees to it.
const PROGRAM = new URL("./thread.js", import.meta.url);

/** See `Hire`. */
export async function hireThread(duty: Duty): Promise<void> {
  const worker = new Worker(PROGRAM, { workerData: duty });
  await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  worker.unref();
}
