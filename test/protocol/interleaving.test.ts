import { describe, expect, it } from "vitest";
import { CAUSE_MODE, MODE_ENABLED, STATE_OPEN } from "../../assembly/layout.ts";
import type { Policy } from "../../src/core/policy.ts";
import { countWindowOf } from "./ring.ts";
import { type Chances, SharedBreakers } from "./shared-breakers.ts";

const RUN_MS = Number(process.env.BLUESMOKE_THREADS_MS ?? 800);
const HOUR_MS = 3_600_000;
const NEVER = { requiredSuccessRate: 0, minimumCalls: 1 } as const;

/** Opens at two failures in a row, for a twentieth of a millisecond. */
const RESTLESS: Policy = {
  detector: [{ kind: "consecutive_failures", failures: 2 }],
  delaysMs: [0.05],
  jitter: 0,
  startMode: MODE_ENABLED,
  decayMs: 0,
  probes: 1,
  successesToClose: 2,
  probeTimeoutMs: 1,
};
const CALLS: Chances = { failing: 40, losing: 2, control: 5, weight: 1, pause: 50 };

/** A seed that a failing run prints. */
function seedOf(): number {
  return (Number(process.env.BLUESMOKE_THREADS_SEED ?? Date.now()) & 0x7fffffff) + 1;
}

describe.each([2, 4, 8])("%i threads on the same breakers", (threads) => {
  it.each([1, 3])(
    "never have more than %i probes out at once, and write each transition once",
    async (probes) => {
      const seed = seedOf();
      const shared = new SharedBreakers({ ...RESTLESS, probes }, threads, 2);
      const records = await shared.run(CALLS, seed, RUN_MS);
      expect(shared.excess, `seed ${seed}`).toBe(0);
      expect(shared.transitions, `seed ${seed}`).toBeGreaterThan(100);
      expect(shared.written, `seed ${seed}`).toBe(shared.transitions);
      expect(records.length + shared.missed, `seed ${seed}`).toBe(shared.transitions);
      // Every generation of a breaker has one record, and it says what there is.
      const seen = new Set(records.map(({ breaker, generation }) => `${breaker} ${generation}`));
      expect(seen.size, `seed ${seed}`).toBe(records.length);
      const latest = new Map(shared.breakers.map((breaker) => [breaker, shared.generationOf(breaker)]));
      const strange = records.find(({ breaker, generation }) => generation > (latest.get(breaker) ?? 0));
      expect(strange, `seed ${seed}`).toBeUndefined();
    },
  );

  it.each([1, 4])(
    "count each call once in totals that only rise, while a window of %i ms turns and empties",
    async (windowMs) => {
      const seed = seedOf();
      const rule = { windowMs, buckets: 4, minimumCalls: 50, requiredSuccessRate: 0.59 } as const;
      const slow = { slowCallMs: 0.5, maximumSlowRate: 1 } as const; // every call takes 1 ms
      const policy: Policy = {
        ...RESTLESS,
        detector: [{ kind: "success_rate_over_time_window", ...rule, ...slow }],
      };
      const shared = new SharedBreakers(policy, threads, 2);
      const records = await shared.run({ ...CALLS, weight: 3, pause: 0 }, seed, RUN_MS);
      const opened = records.filter(({ cause, toState }) => cause < CAUSE_MODE && toState === STATE_OPEN);
      const { opened: counted, ...totals } = shared.totals;
      const { told } = shared;
      expect(totals, `seed ${seed}`).toEqual({
        ...told,
        slow: told.succeeded + told.failed,
        refusedForcedOpen: 0,
      });
      expect(counted, `seed ${seed}`).toBeGreaterThanOrEqual(opened.length);
      expect(counted, `seed ${seed}`).toBeLessThanOrEqual(opened.length + shared.missed);
      expect(opened.length).toBeGreaterThan(10);
      expect(shared.fallen, `seed ${seed}`).toEqual([]);
    },
  );

  it.each([1, 100, 10_000])(
    "count what they report, in the time window and in the last %i calls",
    async (calls) => {
      const seed = seedOf();
      const policy: Policy = {
        ...RESTLESS,
        detector: [
          { ...NEVER, kind: "success_rate_over_time_window", windowMs: 2 * HOUR_MS, buckets: 2 },
          { ...NEVER, kind: "success_rate_over_count_window", calls },
          { kind: "consecutive_failures", failures: 2 ** 30 },
        ],
      };
      const shared = new SharedBreakers(policy, threads, 1);
      await shared.run({ ...CALLS, losing: 0, control: 0, weight: 3, pause: 0 }, seed, RUN_MS);
      const breaker = shared.breakers[0]!;
      expect(shared.transitions).toBe(0);
      expect(shared.reported.calls).toBeGreaterThan(10_000);
      expect(shared.measure(breaker), `seed ${seed}`).toEqual(shared.reported);
      expect(shared.totals, `seed ${seed}`).toMatchObject(shared.told);
      const { failures, recounted, number } = countWindowOf(shared, breaker, calls);
      expect(number).toBeGreaterThanOrEqual(calls);
      expect(failures, `seed ${seed}`).toBe(recounted);
    },
  );
});
