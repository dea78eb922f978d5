/** The cost of a failure, upon which a breaker judges, by the number of calls in its window. */
import { DEFAULT_POLICY } from "../byhand/policy.ts";
import type { Scale, Work } from "../section.ts";
import { Clock, counted, countedLater, LOOP } from "../work.ts";
import { type CircuitBreakerOptions, rawAt, rawBreakers } from "./fixtures.ts";
import { OPTIONS } from "./options.ts";
import { loadOpossum } from "./peers.ts";

const { windowMs, buckets, minimumCalls } = DEFAULT_POLICY;

/** Every second call fails, and the breaker stays closed. */
const PATIENT: CircuitBreakerOptions = {
  ...OPTIONS,
  detector: {
    kind: "success_rate_over_time_window",
    windowMs,
    buckets,
    minimumCalls,
    requiredSuccessRate: 0.25,
  },
};
const FEW_CALLS = 1_000;

function callsOf(calls: number, { short }: Scale): number {
  return short ? Math.min(calls, FEW_CALLS) : calls;
}

/**
 * A success and a failure in turns, at the pace at which the window holds that many calls.
 * An operation is a call: admission, report, and for each second one the verdict.
 */
export function judging(calls: number, scale: Scale): Work {
  const held = callsOf(calls, scale);
  const { core, addresses, stripeOffset } = rawBreakers(1, PATIENT);
  const breaker = addresses[0]!; // one was made
  const stripe = breaker + stripeOffset;
  const stepMs = windowMs / held;
  const clock = new Clock();
  const { tryAcquire, onSuccess, onFailure } = rawAt(core, breaker, stripe);
  for (let i = 0; i < held; i++) {
    clock.nowMs += stepMs;
    const report = i % 2 === 0 ? onSuccess : onFailure;
    report(tryAcquire(clock.nowMs), clock.nowMs, Number.NaN);
  }
  const { acquire, succeed, fail } = core.exports;
  const { calls: counts } = core.measure(breaker, clock.nowMs);
  if (counts < held * 0.85 || counts > held) throw new Error(`the window holds ${counts} of ${held} calls`);
  return counted(LOOP, LOOP, () => {
    let admitted = 0;
    let now = clock.nowMs;
    for (let i = 0; i < LOOP; i += 2) {
      now += stepMs;
      const first = acquire(breaker, stripe, now);
      succeed(breaker, stripe, first, now, Number.NaN, 1);
      now += stepMs;
      const second = acquire(breaker, stripe, now);
      fail(breaker, stripe, second, now, Number.NaN, 1);
      if (first !== 0 && second !== 0) admitted += 2;
    }
    clock.nowMs = now;
    return admitted;
  });
}

/** Long enough that nothing leaves the window during the run. */
const HOUR_MS = 3_600_000;

/** opossum lean, with a window that keeps the calls of the whole run: a success and a failure in turns. */
export async function judgingOfOpossum(calls: number, scale: Scale): Promise<Work> {
  const error = new Error("down");
  const call = async (fails: boolean): Promise<number> => {
    if (fails) throw error;
    return 1;
  };
  const breaker = await loadOpossum(call, { rollingCountTimeout: HOUR_MS, errorThresholdPercentage: 100 });
  const held = callsOf(calls, scale);
  for (let i = 0; i < held; i++) await breaker.fire(false);
  return countedLater(2, 2, async () => {
    let judged = await breaker.fire(false);
    await breaker.fire(true).catch(() => judged++);
    return judged;
  });
}
