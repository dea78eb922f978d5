/**
 * A pool of worker threads behind one breaker: what one thread learns of an endpoint holds for all of them at their next
 * call. The endpoint here is down for a while.
 *
 *   node examples/node-worker-pool/main.mjs
 */
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { createSharedRegistry, watchWorker } from "bluesmoke/threads";
import { endpoint } from "./endpoint.mjs";

const THREADS = Math.max(2, Math.min(4, availableParallelism()));
const JOBS = 600;

const { server, url, calls } = await endpoint();
const breakers = createSharedRegistry({
  threads: THREADS,
  defaults: {
    detector: {
      kind: "success_rate_over_count_window",
      requiredSuccessRate: 0.8,
      minimumCalls: 10,
      calls: 20,
    },
    backoff: { kind: "constant", delayMs: 60 },
  },
});
for (const kind of ["opened", "half_opened", "closed"]) {
  // Events of all threads arrive here.
  breakers.on(kind, ({ cause }) => console.log(`${kind}: ${cause}`));
}

const results = await Promise.all(Array.from({ length: THREADS }, (_, thread) => run(thread)));
breakers.poll(); // events of the last moment of the threads
const sum = (name) => results.reduce((total, result) => total + result[name], 0);
console.log(
  `${JOBS} jobs in ${THREADS} threads: ${sum("done")} done, ${sum("failed")} failed, ${sum("refused")} refused`,
);
console.log(`the endpoint was called ${calls()} times`);
server.close();

/** Runs one thread with its share of the jobs; returns their counts. */
async function run(thread) {
  const handle = breakers.handle(); // one for each thread
  const worker = new Worker(new URL("worker.mjs", import.meta.url), {
    workerData: { handle, url, jobs: Math.floor(JOBS / THREADS) + (thread < JOBS % THREADS ? 1 : 0) },
  });
  watchWorker(breakers, worker, handle); // frees its place when the thread ends
  const [result] = await once(worker, "message");
  return result;
}
