/**
 * Real threads on the build for threads, for as long as asked: what the models and the explorer cannot show, the order of memory
 * of this processor. Fails, and prints the seed, at the first invariant that does not hold.
 *
 * `node --import ./test/typescript.mjs scripts/stress.mjs [--minutes 10] [--threads 4] [--seed N]`, after `npm run build`.
 */
import { parseArgs } from "node:util";
import { countWindowOf } from "../test/protocol/ring.ts";
import { SharedBreakers } from "../test/protocol/shared-breakers.ts";

const ROUND_MS = 5_000;
const HOUR_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    threads: { type: "string", default: "4" },
    seed: { type: "string", default: String(Date.now() & 0x7fffffff) },
  },
});
const threads = numberOf("threads", 2, 63);
const minutes = numberOf("minutes", 0.1, 1_440);
let seed = numberOf("seed", 1, 2 ** 31 - 1);

function numberOf(name, least, most) {
  const number = Number(values[name]);
  if (number >= least && number <= most) return number;
  throw new RangeError(`--${name} must be ${least} to ${most}, got ${values[name]}`);
}

const CALLS = { failing: 40, losing: 2, control: 5, weight: 1, pause: 50 };
const RESTLESS = {
  detector: [{ kind: "consecutive_failures", failures: 2 }],
  delaysMs: [0.05],
  jitter: 0,
  startMode: 0,
  decayMs: 0,
  probes: 2,
  successesToClose: 2,
  probeTimeoutMs: 1,
};
const NEVER = { requiredSuccessRate: 0, minimumCalls: 1 };
const COUNT_CALLS = 100;
const COUNTED = {
  ...RESTLESS,
  detector: [
    {
      ...NEVER,
      kind: "success_rate_over_time_window",
      windowMs: 2 * HOUR_MS,
      buckets: 2,
      hungAfterMs: HOUR_MS / 2,
    },
    { ...NEVER, kind: "success_rate_over_count_window", calls: COUNT_CALLS },
  ],
};
/** Buckets turn all the time, calls hang, verdicts come by every rule. */
const TURNING = {
  ...RESTLESS,
  detector: [
    {
      kind: "success_rate_over_time_window",
      windowMs: 4,
      buckets: 4,
      minimumCalls: 5,
      requiredSuccessRate: 0.55,
      hungAfterMs: 1,
    },
    { kind: "success_rate_over_count_window", calls: 20, minimumCalls: 20, requiredSuccessRate: 0.4 },
    { kind: "consecutive_failures", failures: 6 },
  ],
  ramp: { shares: [0.25, 0.5], stepMs: 0.5 },
};

/** Every generation has one record, and no probe too many was out. */
async function expectTransitions(policy) {
  const shared = new SharedBreakers(policy, threads, 2);
  await shared.run(CALLS, seed, ROUND_MS);
  expectEqual("probes out beyond their maximum", shared.excess, 0);
  expectEqual("records of transitions", shared.written, shared.transitions);
  for (const breaker of shared.breakers) expectEqual("owner", shared.ownerOf(breaker), 0);
  return { calls: shared.made, transitions: shared.transitions };
}

/** Every call that ended is counted once, by both windows, and none is pending. */
async function expectCounts() {
  const shared = new SharedBreakers(COUNTED, threads, 1);
  await shared.run({ ...CALLS, losing: 0, control: 0, weight: 3, pause: 0 }, seed, ROUND_MS);
  const breaker = shared.breakers[0];
  const { calls, failures } = shared.measure(breaker);
  expectEqual("calls of the time window", calls, shared.reported.calls);
  expectEqual("failures of the time window", failures, shared.reported.failures);
  expectEqual("pending calls", shared.pendingOf(breaker), 0);
  const counted = countWindowOf(shared, breaker, COUNT_CALLS);
  expectEqual("failures of the count window", counted.failures, counted.recounted);
  return { calls: shared.made, transitions: 0 };
}

function expectEqual(what, got, expected) {
  if (got !== expected) throw new Error(`${what}: ${got}, not ${expected} (--seed ${seed})`);
}

const ROUNDS = [() => expectTransitions(RESTLESS), expectCounts, () => expectTransitions(TURNING)];
const endMs = performance.now() + minutes * 60_000;
const total = { rounds: 0, calls: 0, transitions: 0 };
while (performance.now() < endMs) {
  const { calls, transitions } = await ROUNDS[total.rounds % ROUNDS.length]();
  total.rounds++;
  total.calls += calls;
  total.transitions += transitions;
  seed = (seed % (2 ** 31 - 1)) + 1;
}
console.log(
  `stress: ${threads} threads, ${total.rounds} rounds, ${total.calls} calls, ${total.transitions} transitions, nothing broken`,
);
