/** What is measured on a page, in this order: the sections that need nothing of Node. */
import type { ThreadTask } from "../cases/thread-task.ts";
import type { Section } from "../section.ts";
import { batch } from "../sections/batch.ts";
import { boundary } from "../sections/boundary.ts";
import { coreOf } from "../sections/core.ts";
import { threadsOf } from "../sections/threads.ts";

/** Chromium's V8 inlines calls into Wasm. */
const INLINES_WASM = true;

/** See `StartThread`. Called in a case's worker, which may start workers of its own. */
async function startWorkerThread(task: ThreadTask): Promise<void> {
  const worker = new Worker(new URL("./thread.js", import.meta.url), { type: "module" });
  worker.postMessage(task);
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

/** See the file. */
export const BROWSER_SECTIONS: readonly Section[] = [
  boundary,
  coreOf(INLINES_WASM),
  batch,
  threadsOf(startWorkerThread),
];
