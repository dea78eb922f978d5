/** What tests do with workers that share a registry with the main thread of a page. */
import { CircuitBreakerRegistry, systemClock } from "bluesmoke/shared";

const FRAIL = {
  detector: { kind: "consecutive_failures", failures: 3 },
  backoff: { kind: "constant", delayMs: 60_000 },
};
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A worker that does what it is told. */
class Mate {
  worker = new Worker(new URL("../bundled/mate.mjs", location.href), { type: "module" });

  async ask(task, values = {}) {
    const answer = new Promise((resolve, reject) => {
      this.worker.onmessage = ({ data }) => resolve(data);
      this.worker.onerror = ({ message }) => reject(new Error(message));
    });
    this.order(task, values);
    const { value, error } = await answer;
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return value;
  }

  order(task, values = {}) {
    this.worker.postMessage({ task, ...values });
  }
}

async function recruit(registry, count) {
  const mates = Array.from({ length: count }, () => new Mate());
  const about = await Promise.all(mates.map((mate) => mate.ask("attach", { handle: registry.handle() })));
  return { mates, about };
}

/** Waits until it holds, for five seconds at most; whether it does. */
async function comesTrue(holds) {
  for (const end = performance.now() + 5_000; performance.now() < end; await later(5))
    if (holds()) return true;
  return false;
}

/** One worker opens a breaker; the page and another worker hear of it, and see it. */
export async function openFromWorker() {
  const registry = CircuitBreakerRegistry.shared({ threads: 2, defaults: FRAIL });
  const heard = [];
  registry.on("opened", ({ endpoint, cause }) => heard.push(`${endpoint} by ${cause}`));
  const { mates, about } = await recruit(registry, 2);
  const skewMs = Math.max(...about.map(({ nowMs }) => Math.abs(nowMs - systemClock())));
  await mates[1].ask("listen", { kind: "opened" });
  await mates[0].ask("fail", { name: "payments", calls: 3 });
  const told = await comesTrue(() => heard.length > 0);
  const state = registry.get("payments").state;
  const elsewhere = await mates[1].ask("state", { name: "payments" });
  await later(50); // the worker that listens has been woken by then, or looks
  const heardElsewhere = await mates[1].ask("heard");
  for (const { worker } of mates) worker.terminate();
  return { told, heard, state, elsewhere, heardElsewhere, about, isClose: skewMs < 1_000 };
}

/** All count in one window; what the page reads at the end. */
export async function countTogether(threads, calls) {
  const detector = { kind: "success_rate_over_count_window", calls: 10_000 };
  const registry = CircuitBreakerRegistry.shared({ threads, defaults: { detector } });
  const { mates } = await recruit(registry, threads);
  await Promise.all(mates.map((mate) => mate.ask("succeed", { name: "a", calls })));
  const counted = registry.get("a").snapshot().calls;
  for (const { worker } of mates) worker.terminate();
  return counted;
}

/** More workers than there are places: what the last one is told. */
export async function crowd() {
  const registry = CircuitBreakerRegistry.shared({ threads: 1 });
  const { mates } = await recruit(registry, 1);
  const late = new Mate();
  const { code } = await late.ask("attach", { handle: registry.handle() }).catch((error) => error);
  await mates[0].ask("detach");
  await late.ask("attach", { handle: registry.handle() });
  for (const { worker } of [...mates, late]) worker.terminate();
  return code;
}

/** Workers that are ended in the middle of their work, or end themselves: their place is taken back each time. */
export async function endAndReplace(rounds, how) {
  const registry = CircuitBreakerRegistry.shared({ threads: 1, defaults: FRAIL });
  for (let round = 0; round < rounds; round++) {
    const handle = registry.handle();
    const mate = new Mate();
    registry.adopt(mate.worker, handle);
    const attached = await attachWhenFree(mate, handle);
    if (!attached) return `round ${round}: no place`;
    await mate.ask("fail", { name: `endpoint ${round}`, calls: 3 });
    if (how === "terminate") mate.order("churn");
    await later(100); // time to adopt it, and to be in the middle of something
    if (how === "terminate") mate.worker.terminate();
    else mate.order("end");
  }
  const states = Array.from({ length: rounds }, (_, round) => registry.get(`endpoint ${round}`).state);
  const mate = new Mate();
  const works = await attachWhenFree(mate, registry.handle());
  await mate.ask("fail", { name: "afterwards", calls: 3 });
  mate.worker.terminate();
  return { states: [...new Set(states)], works, afterwards: registry.get("afterwards").state };
}

async function attachWhenFree(mate, handle) {
  for (const end = performance.now() + 5_000; performance.now() < end; await later(10)) {
    const error = await mate.ask("attach", { handle }).then(
      () => undefined,
      (refusal) => refusal,
    );
    if (error === undefined) return true;
    if (error.code !== "ERR_NO_STRIPE") throw error;
  }
  return false;
}

/** A worker that was adopted and is alive: whether its place is left to it while others want one. */
export async function keepAlive(forMs) {
  const registry = CircuitBreakerRegistry.shared({ threads: 1, defaults: FRAIL });
  const handle = registry.handle();
  const mate = new Mate();
  registry.adopt(mate.worker, handle);
  await mate.ask("attach", { handle });
  const late = new Mate();
  const codes = new Set();
  for (const end = performance.now() + forMs; performance.now() < end; await later(20)) {
    await late.ask("attach", { handle: registry.handle() }).catch(({ code }) => codes.add(code));
  }
  const state = await mate.ask("fail", { name: "a", calls: 3 });
  for (const { worker } of [mate, late]) worker.terminate();
  return { codes: [...codes], state };
}

/** What whoever wants to share memory on a page that may not is told, and what works all the same. */
export function shareInVain() {
  const registry = new CircuitBreakerRegistry({ defaults: FRAIL });
  const breaker = registry.get("a");
  for (let call = 0; call < 3; call++) breaker.onFailure(breaker.tryAcquire());
  try {
    CircuitBreakerRegistry.shared({ threads: 1 });
    return { state: breaker.state };
  } catch ({ name, code, message }) {
    return { state: breaker.state, name, code, message };
  }
}
