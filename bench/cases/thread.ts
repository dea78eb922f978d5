/** The program of one thread, in Node. */
import { parentPort, workerData } from "node:worker_threads";
import { work } from "./thread-loop.ts";
import type { ThreadTask } from "./thread-task.ts";

work(workerData as ThreadTask, () => parentPort?.postMessage("ready"));
