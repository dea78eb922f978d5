/**
 * A registry with traffic of its own, for screenshots and measurements of the dashboard: services in zones, of which some fail.
 * Needs a build.
 */
import { CircuitBreakerRegistry } from "../../dist/esm/main.js";

const SERVICES =
  "accounts auth baskets billing catalog chat coupons delivery documents exports feeds fraud geo images inventory invoices ledger loyalty mail maps orders payments pricing profiles push ratings refunds reports routing search sessions shipping sms stock streams tax tickets translate video webhooks".split(
    " ",
  );
const ZONES = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1"];
/** Calls a second of those that the pictures are about. */
const BUSY = {
  "payments.eu-west-1": 84,
  "search.us-east-1": 52,
  "geo.eu-central-1": 37,
  "images.us-east-1": 61,
  "sms.ap-south-1": 12,
};
const STEP_MS = 100;

/** Numbers from 0 to 1 that are the same each time. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Names of so many breakers. */
function namesOf(count) {
  const names = [];
  for (let shard = 0; names.length < count; shard++) {
    for (const zone of ZONES) {
      for (const service of SERVICES)
        names.push(shard === 0 ? `${service}.${zone}` : `${service}-${shard}.${zone}`);
    }
  }
  return names.slice(0, count);
}

/**
 * @typedef {object} Scene
 * @property {CircuitBreakerRegistry} registry
 * @property {(name: string) => { p50Ms: number, p99Ms: number } | undefined} latency For the option of the dashboard.
 * @property {(name: string, failureRate: number, error?: Error) => void} fail From now on so many calls of it fail.
 * @property {() => void} step 100 ms of traffic at the present time.
 */

/** @returns {Scene} */
export function createScene({ breakers = 1_000, seed = 7, clock = Date.now } = {}) {
  const registry = new CircuitBreakerRegistry({ clock, seed });
  const random = randomFrom(seed);
  const endpoints = new Map();
  for (const name of namesOf(breakers)) {
    const spread = random() + random() + random();
    const options = name.startsWith("geo") ? { halfOpen: { ramp: { stepMs: 12_000 } } } : {};
    endpoints.set(name, {
      breaker: registry.get(name, options),
      rate: BUSY[name] ?? Math.exp(4 * spread - 3.4),
      phase: random() * 600_000,
      failureRate: random() < 0.9 ? 0.001 : 0.01,
      error: undefined,
      medianMs: 6 + 60 * random() * random(),
      debt: random(),
    });
  }
  const callOnce = ({ breaker, failureRate, error }) => {
    const ticket = breaker.tryAcquire();
    if (ticket === 0) return;
    if (random() < failureRate) breaker.onFailure(ticket, undefined, undefined, 1, 0, error);
    else breaker.onSuccess(ticket);
  };
  return {
    registry,
    fail(name, failureRate, error) {
      Object.assign(endpoints.get(name), { failureRate, error });
    },
    latency(name) {
      const { medianMs, failureRate, breaker } = endpoints.get(name);
      if (breaker.state === "open") return undefined;
      const p50Ms = medianMs * (1 + failureRate + 0.15 * random());
      return { p50Ms, p99Ms: p50Ms * (3 + 2 * random() + 20 * failureRate) };
    },
    step() {
      const nowMs = clock();
      for (const endpoint of endpoints.values()) {
        const wave = 1 + 0.3 * Math.sin((2 * Math.PI * (nowMs + endpoint.phase)) / 300_000);
        endpoint.debt += endpoint.rate * wave * (0.6 + 0.8 * random()) * (STEP_MS / 1_000);
        for (; endpoint.debt >= 1; endpoint.debt--) callOnce(endpoint);
      }
    },
  };
}

/** Calls `step` every 100 ms until what is returned is called. */
export function run({ step }) {
  const timer = setInterval(step, STEP_MS);
  return () => clearInterval(timer);
}

/** An error as `fetch` and others throw it. */
export function errorOf(code, message) {
  return Object.assign(new Error(message), { code });
}
