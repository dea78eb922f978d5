/**
 * A thread of the tests: runs the built library, since Node runs no TypeScript in workers. Takes orders as messages
 * `{ task, ...values }` and answers each with a message.
 */
import { parentPort, workerData } from "node:worker_threads";

const { handle, clockMs = 1_000, polls = false } = workerData;
if (polls) Atomics.waitAsync = undefined;
const { CircuitBreakerRegistry } = await import("../../dist/src/entry/shared.js");

let registry;
const heard = [];

/** All threads begin at once: `gate` counts those that have arrived. */
function meet(gate, index, threads) {
  const cell = new Int32Array(gate);
  const arrived = Atomics.add(cell, index, 1) + 1;
  if (arrived === threads) Atomics.notify(cell, index);
  for (let seen = arrived; seen < threads; seen = Atomics.load(cell, index))
    Atomics.wait(cell, index, seen, 1);
}

const TASKS = {
  attach() {
    registry = CircuitBreakerRegistry.attach(handle, { clock: () => clockMs });
  },
  detach() {
    registry.detach();
  },
  tryAcquire({ name, nowMs }) {
    return registry.get(name).tryAcquire(nowMs);
  },
  fail({ name, nowMs, calls }) {
    const breaker = registry.get(name);
    for (let call = 0; call < calls; call++) breaker.onFailure(breaker.tryAcquire(nowMs), nowMs);
  },
  listen({ kinds }) {
    for (const kind of kinds) registry.on(kind, (event) => heard.push(event));
  },
  heard() {
    return { events: heard.splice(0), missed: registry.missed };
  },
  state({ name }) {
    return registry.get(name).state;
  },
  /** Asks to pass; returns how many calls were admitted. */
  ask({ name, gate, threads, calls, nowMs }) {
    const breaker = registry.get(name);
    let admitted = 0;
    meet(gate, 0, threads);
    for (let call = 0; call < calls; call++) if (breaker.tryAcquire(nowMs) !== 0) admitted++;
    return admitted;
  },
  /** Reports calls in the one bucket of the clock; returns how many. */
  count({ name, gate, threads, seed, calls }) {
    const breaker = registry.get(name);
    let state = seed;
    const counted = { calls: 0, failures: 0 };
    meet(gate, 0, threads);
    for (let call = 0; call < calls; call++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const ticket = breaker.tryAcquire();
      if (ticket === 0) continue;
      counted.calls++;
      if (state >>> 31) {
        counted.failures++;
        breaker.onFailure(ticket);
      } else breaker.onSuccess(ticket);
    }
    return counted;
  },
  /** In every round all threads ask at once for the probes of a breaker of their own; returns the tickets by round. */
  probe({ gate, rounds, threads, nowMs }) {
    const got = new Uint8Array(rounds);
    for (let round = 0; round < rounds; round++) {
      const breaker = registry.get(`endpoint ${round}`);
      meet(gate, round, threads);
      while (breaker.tryAcquire(nowMs) > 0) got[round]++;
    }
    return got;
  },
  /** Gets and makes the same names as everybody else, from another one on. */
  get({ gate, threads, count, first }) {
    const ids = new Uint32Array(count);
    meet(gate, 0, threads);
    for (let n = 0; n < count; n++) {
      const number = (first + n) % count;
      ids[number] = registry.get(`name ${number}`).id;
    }
    return ids;
  },
  /** Opens, probes and closes breakers for that long. */
  flap({ names, until }) {
    let nowMs = clockMs;
    while (Date.now() < until) {
      nowMs += 1;
      for (const name of names) {
        const breaker = registry.get(name);
        const ticket = breaker.tryAcquire(nowMs);
        if (ticket > 0) breaker[nowMs % 3 === 0 ? "onSuccess" : "onFailure"](ticket, nowMs);
      }
    }
  },
  /** Makes, uses, evicts and deletes until it is stopped from outside. */
  churn({ seed }) {
    let state = seed;
    const chance = (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let nowMs = clockMs; ; nowMs += 0.01) {
      const name = `churned ${chance(300)}`;
      const breaker = registry.get(name);
      const ticket = breaker.tryAcquire(nowMs);
      if (ticket > 0) breaker[chance(2) === 0 ? "onFailure" : "onSuccess"](ticket, nowMs);
      if (chance(8) === 0) registry.delete(name);
      if (chance(16) === 0)
        breaker.configure({ decayMs: chance(4), halfOpen: { probes: 1 + chance(3) } }, nowMs);
      if (chance(2_000) === 0) registry.evictIdle(nowMs);
    }
  },
};

parentPort.on("message", ({ task, ...values }) => {
  try {
    parentPort.postMessage({ value: TASKS[task](values) });
  } catch (error) {
    parentPort.postMessage({ error: { code: error.code, message: error.message } });
  }
});
