/** Two workers call the same origin all the time. When one of them finds that it is down, both leave it alone. */
import { createSharedRegistry, watchWorker } from "bluesmoke/threads";

const WORKERS = 2;
const element = (id) => document.querySelector(`#${id}`);

const breakers = createSharedRegistry({
  threads: WORKERS + 1, // a worker that is replaced may live a little longer
  defaults: {
    detector: { kind: "consecutive_failures", failures: 3 },
    backoff: { kind: "constant", delayMs: 500 },
  },
});
for (const kind of ["opened", "closed"]) {
  breakers.on(kind, ({ endpoint, cause }) => element("log").append(`${endpoint} ${kind}: ${cause}\n`));
}

const counts = new Map();
let started = 0;

function startWorker() {
  const name = `worker ${++started}`;
  const worker = new Worker("worker.mjs", { type: "module" });
  const handle = breakers.handle(); // one for each
  watchWorker(breakers, worker, handle); // frees its place when it has ended
  worker.postMessage(handle);
  worker.addEventListener("message", ({ data: { answered, failed, refused } }) => {
    counts.set(name, `${name}: ${answered} answered, ${failed} failed, ${refused} refused`);
    element("workers").textContent = [...counts.values()].join("\n");
  });
  return worker;
}

const workers = Array.from({ length: WORKERS }, startWorker);
element("replace").addEventListener("click", () => {
  workers.shift()?.terminate();
  workers.push(startWorker());
});
for (const change of ["down", "up"]) {
  element(change).addEventListener("click", () => fetch(`/flaky/${change}`, { method: "POST" }));
}
