/** The numbers of a snapshot. Only reads the breaker. */
import { add32, clear, isZero, load32, peek32, peek64, store32, storeCount, storeF64 } from "./cell";
import { callsIn, failuresIn, headOf, slowIn } from "./count";
import { streakOf } from "./detector";
import {
  BUCKET_PENDING_OFFSET,
  COUNT_WINDOW_OFFSET,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  HUNG_BUCKETS_OFFSET,
  LATE_OFFSET,
  MEASURE_BUSY_OFFSET,
  MEASURE_CALLS_OFFSET,
  MEASURE_CONSECUTIVE_OFFSET,
  MEASURE_COUNT_CALLS_OFFSET,
  MEASURE_COUNT_FAILURES_OFFSET,
  MEASURE_COUNT_SLOW_OFFSET,
  MEASURE_HUNG_OFFSET,
  MEASURE_LATE_OFFSET,
  MEASURE_LEVEL_OFFSET,
  MEASURE_REFUSED_OFFSET,
  MEASURE_SHARE_OFFSET,
  MEASURE_SIZE,
  MEASURE_THROTTLED_OFFSET,
  OVERLOAD_BUSY_OFFSET,
  OVERLOAD_OFFSET,
  OVERLOAD_THROTTLED_OFFSET,
  POLICY_OFFSET,
  REFUSED_OFFSET,
  SHARE_ONE,
  WORD_OFFSET,
} from "./layout";
import { hasStripe, latestAt, stripeOf } from "./stripe";
import { HUNG, sumAt } from "./sum";
import { blockOf, throttleShare } from "./throttle";
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
  addCounters(breaker, policy, out);
  store32(out + MEASURE_SHARE_OFFSET, SHARE_ONE);
  if (load32(policy + OVERLOAD_OFFSET) === 0) return;
  const block = blockOf(breaker, policy);
  store32(out + MEASURE_SHARE_OFFSET, throttleShare(breaker, policy, generationOf(word)));
  storeF64(out + MEASURE_THROTTLED_OFFSET, <f64>peek64(block + OVERLOAD_THROTTLED_OFFSET));
  storeF64(out + MEASURE_BUSY_OFFSET, <f64>peek64(block + OVERLOAD_BUSY_OFFSET));
}

/** Adds the counters of the stripes that are outside the window. */
function addCounters(breaker: usize, policy: usize, out: usize): void {
  let index: u32 = 0;
  do {
    const stripe = stripeOf(breaker, policy, index);
    add32(out + MEASURE_LATE_OFFSET, load32(stripe + LATE_OFFSET));
    add32(out + MEASURE_REFUSED_OFFSET, load32(stripe + REFUSED_OFFSET));
  } while (hasStripe(policy, ++index));
}
