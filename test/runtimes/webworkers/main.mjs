/** With the workers of the Web: a registry on the main thread, and workers that use it. Prints the report. */
import { attachRegistry, createSharedRegistry, reclaim } from "bluesmoke/threads";

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

const workers = Array.from({ length: WORKERS }, (_, number) => startWorker(number));
await Promise.all(workers.map(({ started }) => started));
const { calls, failures } = registry.get("shared").snapshot();
registry.get("main").forceOpen();
await allOpened; // without a call of poll()
await Promise.all(workers.map(({ ended }) => ended));
for (const { worker, handle } of workers) {
  worker.terminate();
  reclaim(registry, handle);
}
attachRegistry(registry.handle()).detach(); // a stripe is free again

const messages = workers.map((each) => each.messages);
const waitAsync = typeof Atomics.waitAsync;
console.log(JSON.stringify({ messages, calls, failures, opened: opened.sort(), waitAsync }));

function startWorker(number) {
  const handle = registry.handle();
  const worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  const messages = [];
  const arrivals = [Promise.withResolvers(), Promise.withResolvers()];
  worker.onmessage = ({ data }) => arrivals[messages.push(data) - 1].resolve();
  worker.onerror = (error) => {
    console.error(error.message);
    for (const each of arrivals) each.reject(error);
  };
  worker.postMessage({ handle, number, calls: CALLS });
  return { worker, handle, messages, started: arrivals[0].promise, ended: arrivals[1].promise };
}
