/**
 * A thread of the tests: runs the built library, since Node 20 runs no TypeScript in workers. Runs the tasks that it gets as
 * messages `{ task, ...values }` and answers each with a message.
 */
import { parentPort, workerData } from "node:worker_threads";

const { handle, clockMs = 1_000, polls = false } = workerData;
if (polls) Atomics.waitAsync = undefined;
const { attachRegistry } = await import("../../dist/esm/threads.js");
const { configure, evictIdle } = await import("../../dist/esm/main.js");

let registry;
const received = [];

/** All threads begin at once: the barrier counts those that have arrived. */
function waitForAll(barrier, index, threads) {
  const cell = new Int32Array(barrier);
  const arrived = Atomics.add(cell, index, 1) + 1;
  if (arrived === threads) Atomics.notify(cell, index);
  for (let seen = arrived; seen < threads; seen = Atomics.load(cell, index))
    Atomics.wait(cell, index, seen, 1);
}

const TASKS = {
  attach() {
    registry = attachRegistry(handle, { clock: () => clockMs });
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
    for (const kind of kinds) registry.on(kind, (event) => received.push(event));
  },
  received() {
    return { events: received.splice(0), missed: registry.missed };
  },
  state({ name }) {
    return registry.get(name).state;
  },
  /** Asks to pass; returns how many calls were admitted. */
  ask({ name, barrier, threads, calls, nowMs }) {
    const breaker = registry.get(name);
    let admitted = 0;
    waitForAll(barrier, 0, threads);
    for (let call = 0; call < calls; call++) if (breaker.tryAcquire(nowMs) !== 0) admitted++;
    return admitted;
  },
  /** Reports calls in the one bucket of the clock; returns how many. */
  count({ name, barrier, threads, seed, calls }) {
    const breaker = registry.get(name);
    let state = seed;
    const counted = { calls: 0, failures: 0 };
    waitForAll(barrier, 0, threads);
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
  probe({ barrier, rounds, threads, nowMs }) {
    const got = new Uint8Array(rounds);
    for (let round = 0; round < rounds; round++) {
      const breaker = registry.get(`endpoint ${round}`);
      waitForAll(barrier, round, threads);
      while (breaker.tryAcquire(nowMs) > 0) got[round]++;
    }
    return got;
  },
  /** Gets and creates the same names as every other thread, from another one on. */
  get({ barrier, threads, count, first }) {
    const ids = new Uint32Array(count);
    waitForAll(barrier, 0, threads);
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
  /** Moves a breaker, and creates and deletes others, for that long; returns how often. */
  move({ name, others, until }) {
    let rounds = 0;
    for (; Date.now() < until; rounds++) {
      configure(registry.get(name), { halfOpen: { probes: 1 + (rounds % 3) } });
      const other = `y${rounds % others}`;
      registry.get(other, { halfOpen: { probes: 1 + (rounds % 3) } }).tryAcquire();
      if (rounds % 2) registry.delete(other);
    }
    return rounds;
  },
  /** Does one of EXITS, and exits before its atomic step number `at`. */
  exitAt({ at, operation, name }) {
    let steps = 0;
    for (const step of ["load", "store", "add", "sub", "exchange", "compareExchange"]) {
      const real = Atomics[step];
      Atomics[step] = (...values) => {
        if (steps++ === at) process.exit();
        return real(...values);
      };
    }
    EXITS[operation](name);
  },
  /** Creates, uses, evicts and deletes until it is stopped from outside. */
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
        configure(breaker, { decayMs: chance(4), halfOpen: { probes: 1 + chance(3) } }, { nowMs });
      if (chance(2_000) === 0) evictIdle(registry, nowMs);
    }
  },
};

const EXITS = {
  move: (name) => configure(registry.get(name), { halfOpen: { probes: 2 } }),
  remove: (name) => registry.delete(name),
  evict: () => evictIdle(registry),
  create: (name) => registry.get(`new ${name}`),
};

parentPort.on("message", ({ task, ...values }) => {
  try {
    parentPort.postMessage({ value: TASKS[task](values) });
  } catch (error) {
    parentPort.postMessage({ error: { code: error.code, message: error.message } });
  }
});
