import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { MODE_ENABLED, STATE_CLOSED, STATE_MASK, STATE_OPEN, WORD_OFFSET } from "../../assembly/layout.ts";
import type { Policy } from "../../src/core/policy.ts";
import { countWindowOf } from "./ring.ts";
import { type Chances, Yard } from "./yard.ts";

const RUN_MS = Number(process.env.BLUESMOKE_THREADS_MS ?? 3_000);
const THREADS = 3;
const CALLS: Chances = { failing: 40, losing: 2, control: 20, weight: 2, pause: 5 };
const COUNT_CALLS = 20;

/** Opens all the time, by every detector, for a hundredth of a millisecond. */
const POLICY: Policy = {
  timeWindow: {
    minimumCalls: 5,
    requiredSuccessRate: 0.55,
    slowCallMs: Infinity,
    maximumSlowRate: 1,
    bucketMs: 1,
    buckets: 4,
    hungAfterMs: 0,
  },
  countWindow: {
    minimumCalls: COUNT_CALLS,
    requiredSuccessRate: 0.4,
    slowCallMs: Infinity,
    maximumSlowRate: 1,
    calls: COUNT_CALLS,
  },
  consecutiveFailures: 6,
  delaysMs: [0.01],
  jitter: 0,
  startMode: MODE_ENABLED,
  decayMs: 0,
  probes: 2,
  successesToClose: 2,
  probeTimeoutMs: 0.5,
};

/** Kills a thread at random, cleans up after it and gives its stripe to a new one, again and again. */
async function killAndReplace(
  yard: Yard,
  workers: Worker[],
  seed: number,
  durationMs: number,
): Promise<number> {
  const endMs = performance.now() + durationMs;
  let killed = 0;
  for (; performance.now() < endMs; killed++) {
    const index = (seed + killed * 7) % workers.length;
    await new Promise((resolve) => setTimeout(resolve, (seed + killed * 13) % 5));
    await workers[index]!.terminate();
    yard.core.recover(yard.registry, index);
    for (const breaker of yard.breakers) {
      expect(yard.ownerOf(breaker), `seed ${seed}: owner after recover`).not.toBe(index + 1);
    }
    workers[index] = await yard.start(index, CALLS, seed + killed);
    yard.read();
  }
  return killed;
}

describe("threads that are killed in the middle of anything", () => {
  it("leave every transition written once, no breaker owned, and verdicts that are right", async () => {
    const seed = (Number(process.env.BLUESMOKE_THREADS_SEED ?? Date.now()) & 0x7fffffff) + 1;
    const yard = new Yard(POLICY, THREADS, 2);
    const workers = await Promise.all(
      Array.from({ length: THREADS }, (_, index) => yard.start(index, CALLS, seed + index)),
    );
    const killed = await killAndReplace(yard, workers, seed, RUN_MS);
    await yard.stop(workers);
    expect(killed, `seed ${seed}`).toBeGreaterThan(5);
    expect(yard.transitions, `seed ${seed}`).toBeGreaterThan(100);
    expect(yard.written, `seed ${seed}`).toBe(yard.transitions);
    for (const breaker of yard.breakers) {
      expect(yard.ownerOf(breaker), `seed ${seed}`).toBe(0);
      const { failures, recounted } = countWindowOf(yard, breaker, COUNT_CALLS);
      expect(failures, `seed ${seed}`).toBe(recounted);
      expectRightVerdict(yard, breaker, seed);
    }
  });
});

/** The breaker starts over on the stripe of a dead thread, and opens at its sixth failure in a row. */
function expectRightVerdict(yard: Yard, breaker: number, seed: number): void {
  const stripe = yard.stripeOf(breaker, 0);
  const nowMs = yard.nowMs();
  const stateOf = () => yard.u32(breaker + WORD_OFFSET) & STATE_MASK;
  expect(yard.core.reset(breaker, stripe, nowMs), `seed ${seed}`).toBe(1);
  for (let call = 1; call <= 5; call++) {
    expect(stateOf(), `seed ${seed}: before failure ${call}`).toBe(STATE_CLOSED);
    yard.core.fail(breaker, stripe, yard.core.acquire(breaker, stripe, nowMs), nowMs, 1, 1);
  }
  expect(stateOf(), `seed ${seed}`).toBe(STATE_OPEN);
}
