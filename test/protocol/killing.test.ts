import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { MODE_ENABLED, STATE_CLOSED, STATE_MASK, STATE_OPEN, WORD_OFFSET } from "../../assembly/layout.ts";
import type { Policy } from "../../src/core/policy.ts";
import { countWindowOf } from "./ring.ts";
import { type Chances, SharedBreakers } from "./shared-breakers.ts";

const RUN_MS = Number(process.env.BLUESMOKE_THREADS_MS ?? 3_000);
const THREADS = 3;
/** On a loaded machine a thread takes seconds to start. */
const LEAST_DEATHS = 3;
const CALLS: Chances = { failing: 40, losing: 2, control: 20, weight: 2, pause: 5 };
const COUNT_CALLS = 20;

/** Opens all the time, by every detector, for a hundredth of a millisecond. */
const POLICY: Policy = {
  detector: [
    {
      kind: "success_rate_over_time_window",
      minimumCalls: 5,
      requiredSuccessRate: 0.55,
      windowMs: 4,
      buckets: 4,
    },
    {
      kind: "success_rate_over_count_window",
      minimumCalls: COUNT_CALLS,
      requiredSuccessRate: 0.4,
      calls: COUNT_CALLS,
    },
    { kind: "consecutive_failures", failures: 6 },
  ],
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
  shared: SharedBreakers,
  workers: Worker[],
  seed: number,
  durationMs: number,
): Promise<number> {
  const endMs = performance.now() + durationMs;
  let killed = 0;
  for (; performance.now() < endMs || killed < LEAST_DEATHS; killed++) {
    const index = (seed + killed * 7) % workers.length;
    await new Promise((resolve) => setTimeout(resolve, (seed + killed * 13) % 5));
    await workers[index]!.terminate();
    shared.core.recover!(shared.registry, index);
    for (const breaker of shared.breakers) {
      expect(shared.ownerOf(breaker), `seed ${seed}: owner after recover`).not.toBe(index + 1);
    }
    workers[index] = await shared.start(index, CALLS, seed + killed);
    shared.read();
  }
  return killed;
}

describe("threads that are killed in the middle of anything", () => {
  it("leave every transition written once, no breaker owned, and verdicts that are right", async () => {
    const seed = (Number(process.env.BLUESMOKE_THREADS_SEED ?? Date.now()) & 0x7fffffff) + 1;
    const shared = new SharedBreakers(POLICY, THREADS, 2);
    const workers = await Promise.all(
      Array.from({ length: THREADS }, (_, index) => shared.start(index, CALLS, seed + index)),
    );
    const killed = await killAndReplace(shared, workers, seed, RUN_MS);
    await shared.stop(workers);
    expect(killed, `seed ${seed}`).toBeGreaterThanOrEqual(LEAST_DEATHS);
    expect(shared.transitions, `seed ${seed}`).toBeGreaterThan(100);
    expect(shared.written, `seed ${seed}`).toBe(shared.transitions);
    // A dead thread may have counted a call without telling, or told nothing of a call that it was counting.
    const { totals, told } = shared;
    for (const key of ["succeeded", "failed", "late"] as const) {
      expect(Math.abs(totals[key] - told[key]), `seed ${seed}: ${key}`).toBeLessThanOrEqual(
        killed * CALLS.weight,
      );
    }
    for (const breaker of shared.breakers) {
      expect(shared.ownerOf(breaker), `seed ${seed}`).toBe(0);
      const { failures, recounted } = countWindowOf(shared, breaker, COUNT_CALLS);
      expect(failures, `seed ${seed}`).toBe(recounted);
      expectRightVerdict(shared, breaker, seed);
    }
  });
});

/** The breaker starts over on the stripe of a dead thread, and opens at its sixth failure in a row. */
function expectRightVerdict(shared: SharedBreakers, breaker: number, seed: number): void {
  const stripe = shared.stripeOf(breaker, 0);
  const nowMs = shared.nowMs();
  const stateOf = () => shared.u32(breaker + WORD_OFFSET) & STATE_MASK;
  expect(shared.core.reset(breaker, stripe, nowMs, 0), `seed ${seed}`).toBe(1);
  for (let call = 1; call <= 5; call++) {
    expect(stateOf(), `seed ${seed}: before failure ${call}`).toBe(STATE_CLOSED);
    shared.core.fail(breaker, stripe, shared.core.acquire(breaker, stripe, nowMs), nowMs, 1, 1);
  }
  expect(stateOf(), `seed ${seed}`).toBe(STATE_OPEN);
}
