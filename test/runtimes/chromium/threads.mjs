/** On the main thread of a page: what tests do with workers that share its registry. */
import { CircuitBreakerRegistry, systemClock } from "bluesmoke";
import { createSharedRegistry, reclaim, watchWorker } from "bluesmoke/threads";

const FRAGILE = {
  detector: { kind: "consecutive_failures", failures: 3 },
  backoff: { kind: "constant", delayMs: 60_000 },
};
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A worker that runs the tasks of thread.mjs. */
class Thread {
  worker = new Worker(new URL("../bundled/thread.mjs", location.href), { type: "module" });

  /** Runs a task; its result. */
  async ask(task, values = {}) {
    const answer = new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data }) => resolve(data);
      this.worker.onerror = ({ message }) => reject(new Error(message));
    });
    this.send(task, values);
    const { value, error } = await answer;
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return value;
  }

  /** Starts a task without a result. */
  send(task, values = {}) {
    this.worker.postMessage({ task, ...values });
  }
}

async function startThreads(registry, count) {
  const threads = Array.from({ length: count }, () => new Thread());
  const about = await Promise.all(
    threads.map((thread) => thread.ask("attach", { handle: registry.handle() })),
  );
  return { threads, about };
}

/** Waits until a condition holds, for five seconds at most; whether it does. */
async function holds(condition) {
  for (const end = performance.now() + 5_000; performance.now() < end; await later(5))
    if (condition()) return true;
  return false;
}

/** One worker opens a breaker; the page and another worker get the event, and see the state. */
export async function openFromWorker() {
  const registry = createSharedRegistry({ threads: 2, defaults: FRAGILE });
  const opened = [];
  registry.on("opened", ({ endpoint, cause }) => opened.push(`${endpoint} by ${cause}`));
  const { threads, about } = await startThreads(registry, 2);
  const skewMs = Math.max(...about.map(({ nowMs }) => Math.abs(nowMs - systemClock())));
  await threads[1].ask("listen", { kind: "opened" });
  await threads[0].ask("fail", { name: "payments", calls: 3 });
  const arrived = await holds(() => opened.length > 0);
  const state = registry.get("payments").state;
  const stateElsewhere = await threads[1].ask("state", { name: "payments" });
  await later(50); // by then the event has reached the worker that listens
  const openedElsewhere = await threads[1].ask("events");
  for (const { worker } of threads) worker.terminate();
  return { arrived, opened, state, stateElsewhere, openedElsewhere, about, isClose: skewMs < 1_000 };
}

/** All threads count in one window; how many calls the page reads in the end. */
export async function countTogether(count, calls) {
  const detector = { kind: "success_rate_over_count_window", calls: 10_000 };
  const registry = createSharedRegistry({ threads: count, defaults: { detector } });
  const { threads } = await startThreads(registry, count);
  await Promise.all(threads.map((thread) => thread.ask("succeed", { name: "a", calls })));
  const counted = registry.get("a").snapshot().calls;
  for (const { worker } of threads) worker.terminate();
  return counted;
}

/** Calls of `execute` with a timeout in a worker: their ends. */
export async function timeOutInWorker() {
  const registry = createSharedRegistry({ threads: 1, defaults: FRAGILE });
  const { threads } = await startThreads(registry, 1);
  const ends = await threads[0].ask("execute", { name: "a", timeoutMs: 50 });
  const { consecutiveFailures } = registry.get("a").snapshot();
  threads[0].worker.terminate();
  return { ends, consecutiveFailures };
}

/** More workers than stripes: the error code of the last one. */
export async function exceedThreads() {
  const registry = createSharedRegistry({ threads: 1 });
  const { threads } = await startThreads(registry, 1);
  const late = new Thread();
  const { code } = await late.ask("attach", { handle: registry.handle() }).catch((error) => error);
  await threads[0].ask("detach");
  await late.ask("attach", { handle: registry.handle() });
  for (const { worker } of [...threads, late]) worker.terminate();
  return code;
}

/** Workers that are terminated in the middle of their work, or close themselves: each time their stripe is free again. */
export async function endAndReplace(rounds, how) {
  const registry = createSharedRegistry({ threads: 1, defaults: FRAGILE });
  for (let round = 0; round < rounds; round++) {
    const handle = registry.handle();
    const thread = new Thread();
    watchWorker(registry, thread.worker, handle);
    const attached = await attachWhenFree(thread, handle);
    if (!attached) return `round ${round}: no stripe`;
    await thread.ask("fail", { name: `endpoint ${round}`, calls: 3 });
    if (how === "terminate") thread.send("churn");
    await later(100); // time to request its lock, and to be in the middle of something
    if (how === "terminate") thread.worker.terminate();
    else thread.send("end");
  }
  const states = Array.from({ length: rounds }, (_, round) => registry.get(`endpoint ${round}`).state);
  const thread = new Thread();
  const works = await attachWhenFree(thread, registry.handle());
  await thread.ask("fail", { name: "afterwards", calls: 3 });
  thread.worker.terminate();
  return { states: [...new Set(states)], works, afterwards: registry.get("afterwards").state };
}

async function attachWhenFree(thread, handle) {
  for (const end = performance.now() + 5_000; performance.now() < end; await later(10)) {
    const error = await thread.ask("attach", { handle }).then(
      () => undefined,
      (refusal) => refusal,
    );
    if (error === undefined) return true;
    if (error.code !== "ERR_NO_STRIPE") throw error;
  }
  return false;
}

/** A watched worker that is alive keeps its stripe while others try to attach. */
export async function keepAlive(forMs) {
  const registry = createSharedRegistry({ threads: 1, defaults: FRAGILE });
  const handle = registry.handle();
  const thread = new Thread();
  watchWorker(registry, thread.worker, handle);
  await thread.ask("attach", { handle });
  const late = new Thread();
  const codes = new Set();
  for (const end = performance.now() + forMs; performance.now() < end; await later(20)) {
    await late.ask("attach", { handle: registry.handle() }).catch(({ code }) => codes.add(code));
  }
  const state = await thread.ask("fail", { name: "a", calls: 3 });
  for (const { worker } of [thread, late]) worker.terminate();
  return { codes: [...codes], state, reclaimed: reclaim(registry, registry.handle()) };
}

/** On a page that may not share memory: the error, and a breaker of a registry of its own. */
export function shareInVain() {
  const registry = new CircuitBreakerRegistry({ defaults: FRAGILE });
  const breaker = registry.get("a");
  for (let call = 0; call < 3; call++) breaker.onFailure(breaker.tryAcquire());
  try {
    createSharedRegistry({ threads: 1 });
    return { state: breaker.state };
  } catch ({ name, code, message }) {
    return { state: breaker.state, name, code, message };
  }
}
