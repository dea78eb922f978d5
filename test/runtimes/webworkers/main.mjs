/** With the workers of the Web: a registry on the main thread, and workers that use it; what it saw of them. */
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

const crew = Array.from({ length: WORKERS }, (_, number) => recruit(number));
await Promise.all(crew.map(({ started }) => started));
const { calls, failures } = registry.get("everybody's").snapshot();
registry.get("mine").forceOpen(); // heard by the workers
await opened; // nobody calls poll()
await Promise.all(crew.map(({ ended }) => ended));
for (const { worker, handle } of crew) {
  worker.terminate();
  registry.reclaim(handle);
}
CircuitBreakerRegistry.attach(registry.handle()).detach(); // there is room again

const said = crew.map((each) => each.said);
const hears = typeof Atomics.waitAsync;
console.log(JSON.stringify({ said, calls, failures, heard: heard.sort(), hears }));

function recruit(number) {
  const handle = registry.handle();
  const worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  const said = [];
  const hearing = [Promise.withResolvers(), Promise.withResolvers()];
  worker.onmessage = ({ data }) => hearing[said.push(data) - 1].resolve();
  worker.onerror = (error) => {
    console.error(error.message);
    for (const each of hearing) each.reject(error);
  };
  worker.postMessage({ handle, number, calls: CALLS });
  return { worker, handle, said, started: hearing[0].promise, ended: hearing[1].promise };
}
