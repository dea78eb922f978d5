/** In Node, main thread: a registry, and workers that use it. Prints the report, and ends by itself. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { attachRegistry, createSharedRegistry, watchWorker } from "bluesmoke/threads";

const WORKERS = 3;
const CALLS = 400;
const WINDOW = { requiredSuccessRate: 0, minimumCalls: 1, calls: 10_000 };

const registry = createSharedRegistry({
  threads: WORKERS,
  defaults: { detector: { kind: "success_rate_over_count_window", ...WINDOW } },
});
const opened = [];
const allOpened = new Promise((resolve) => {
  registry.on("opened", ({ endpoint }) => {
    if (opened.push(endpoint) === WORKERS + 1) resolve();
  });
});

const workers = Array.from({ length: WORKERS }, (_, number) => {
  const handle = registry.handle();
  const worker = new Worker(new URL("worker.mjs", import.meta.url), {
    workerData: { handle, number, calls: CALLS },
  });
  watchWorker(registry, worker, handle);
  const messages = [];
  worker.on("message", (message) => messages.push(message));
  return { worker, messages, started: once(worker, "message"), ended: once(worker, "exit") };
});
await Promise.all(workers.map(({ started }) => started));
const { calls, failures } = registry.get("shared").snapshot();
registry.get("main").forceOpen();
await allOpened; // without a call of poll()
await Promise.all(workers.map(({ ended }) => ended));
attachRegistry(registry.handle()).detach(); // a stripe is free again

const messages = workers.map((each) => each.messages);
const waitAsync = typeof Atomics.waitAsync;
console.log(JSON.stringify({ messages, calls, failures, opened: opened.sort(), waitAsync }));
