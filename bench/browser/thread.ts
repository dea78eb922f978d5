/** The program of one thread, as a worker of a case's worker. */

import { work } from "../cases/thread-loop.ts";
import type { ThreadTask } from "../cases/thread-task.ts";

addEventListener("message", ({ data }: MessageEvent<ThreadTask>) => work(data, () => postMessage("ready")));
