/** One thread of a crew, in Node. */
import { parentPort, workerData } from "node:worker_threads";
import type { Duty } from "./duty.ts";
import { work } from "./shift.ts";

work(workerData as Duty, () => parentPort?.postMessage("ready"));
