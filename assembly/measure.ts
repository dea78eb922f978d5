/** The numbers of a snapshot. Only reads the breaker. */
import { clear, isZero, load32, peek32, store32, storeCount } from "./cell";
import { callsIn, failuresIn, headOf, slowIn } from "./count";
import { streakOf } from "./detector";
import {
  BUCKET_PENDING_OFFSET,
  COUNT_WINDOW_OFFSET,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  HUNG_BUCKETS_OFFSET,
  MEASURE_CALLS_OFFSET,
  MEASURE_CONSECUTIVE_OFFSET,
  MEASURE_COUNT_CALLS_OFFSET,
  MEASURE_COUNT_FAILURES_OFFSET,
  MEASURE_COUNT_SLOW_OFFSET,
  MEASURE_HUNG_OFFSET,
  MEASURE_LEVEL_OFFSET,
  MEASURE_SHARE_OFFSET,
  MEASURE_SIZE,
  MEASURE_TOTALS_OFFSET,
  OVERLOAD_OFFSET,
  POLICY_OFFSET,
  SHARE_ONE,
  WORD_OFFSET,
} from "./layout";
import { latestAt } from "./stripe";
import { HUNG, sumAt } from "./sum";
import { throttleShare } from "./throttle";
import { addTotals } from "./totals";
import { levelAt } from "./transition";
import { generationOf, isCounting, plainTicket } from "./word";

/**
 * Writes MEASURE_SIZE bytes to `out`: the breaker at the time that counts at `at`, see `latestAt`.
 */
export function measure(breaker: usize, at: f64, out: usize): void {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const word = peek32(breaker + WORD_OFFSET);
  const now = latestAt(breaker, policy, at);
  clear(out, MEASURE_SIZE);
  const detectors = load32(policy + DETECTORS_OFFSET);
  if (detectors & DETECTOR_TIME_WINDOW && isCounting(word)) {
    const ticket = plainTicket(word);
    // Calls last, so that they are at least the failures.
    for (let field: i32 = BUCKET_PENDING_OFFSET; field >= 0; field -= 4) {
      storeCount(out + MEASURE_CALLS_OFFSET + field, sumAt(breaker, policy, ticket, now, field));
    }
    if (!isZero(policy + HUNG_BUCKETS_OFFSET))
      storeCount(out + MEASURE_HUNG_OFFSET, sumAt(breaker, policy, ticket, now, HUNG));
  }
  if (detectors & DETECTOR_COUNT_WINDOW) {
    const head = headOf(breaker + load32(policy + COUNT_WINDOW_OFFSET), generationOf(word));
    store32(out + MEASURE_COUNT_CALLS_OFFSET, callsIn(head, policy));
    store32(out + MEASURE_COUNT_FAILURES_OFFSET, failuresIn(head));
    store32(out + MEASURE_COUNT_SLOW_OFFSET, slowIn(head));
  }
  // While half-open it counts failed probes.
  if (isCounting(word)) store32(out + MEASURE_CONSECUTIVE_OFFSET, streakOf(breaker, generationOf(word)));
  store32(out + MEASURE_LEVEL_OFFSET, levelAt(breaker, policy, word, now));
  addTotals(breaker, policy, out + MEASURE_TOTALS_OFFSET);
  const isLimited = load32(policy + OVERLOAD_OFFSET) !== 0;
  store32(
    out + MEASURE_SHARE_OFFSET,
    isLimited ? throttleShare(breaker, policy, generationOf(word)) : SHARE_ONE,
  );
}
