/** In Node, main thread: a registry, and workers that use it; what it saw of them. Ends by itself. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CircuitBreakerRegistry } from "bluesmoke/shared";

const WORKERS = 3;
const CALLS = 400;
const WINDOW = { requiredSuccessRate: 0, minimumCalls: 1, calls: 10_000 };

const registry = CircuitBreakerRegistry.shared({
  threads: WORKERS,
  defaults: { detector: { kind: "success_rate_over_count_window", ...WINDOW } },
});
const heard = [];
const opened = new Promise((resolve) => {
  registry.on("opened", ({ endpoint }) => {
    if (heard.push(endpoint) === WORKERS + 1) resolve();
  });
});

const crew = Array.from({ length: WORKERS }, (_, number) => {
  const handle = registry.handle();
  const worker = new Worker(new URL("worker.mjs", import.meta.url), {
    workerData: { handle, number, calls: CALLS },
  });
  registry.adopt(worker, handle);
  const said = [];
  worker.on("message", (message) => said.push(message));
  return { worker, said, started: once(worker, "message"), ended: once(worker, "exit") };
});
await Promise.all(crew.map(({ started }) => started));
const { calls, failures } = registry.get("everybody's").snapshot();
registry.get("mine").forceOpen(); // heard by the workers
await opened; // nobody calls poll()
await Promise.all(crew.map(({ ended }) => ended));
CircuitBreakerRegistry.attach(registry.handle()).detach(); // there is room again

const said = crew.map((each) => each.said);
const hears = typeof Atomics.waitAsync;
console.log(JSON.stringify({ said, calls, failures, heard: heard.sort(), hears }));
