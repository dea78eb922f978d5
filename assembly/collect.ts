/** Totals and ranks of many breakers in one call from the host. Only reads the breakers. */
import { load32, loadF64, peek32, store32, storeF64 } from "./cell";
import { callsIn, headOf } from "./count";
import {
  BUCKET_PENDING_OFFSET,
  COLLECT_IDLE_OFFSET,
  COLLECT_PENDING_OFFSET,
  COLLECT_STATES_OFFSET,
  COUNT_WINDOW_OFFSET,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  HUNG_BUCKETS_OFFSET,
  MAXIMUM_PENDING_OFFSET,
  MODE_SHADOW,
  POLICY_OFFSET,
  RANK_NOT_CLOSED,
  STATE_CLOSED,
  WORD_OFFSET,
} from "./layout";
import { latestAt } from "./stripe";
import { callsAt, sumAt } from "./sum";
import { addTotals } from "./totals";
import { generationOf, isCounting, modeOf, plainTicket, stateOf } from "./word";

/**
 * Writes the rank of each of `count` breakers to `ranks` (u32), and adds their totals to
 * COLLECT_SIZE bytes at `out`. `breakers`: u32 addresses. A breaker is idle, with rank 0, if it is
 * closed and has counted no call since it was made.
 */
export function collect(breakers: usize, ranks: usize, count: u32, at: f64, out: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    store32(ranks + (i << 2), rank(load32(breakers + (i << 2)), at, out));
  }
}

function rank(breaker: usize, at: f64, out: usize): u32 {
  const policy: usize = load32(breaker + POLICY_OFFSET);
  const word = peek32(breaker + WORD_OFFSET);
  const counted = addTotals(breaker, policy, out);
  const detectors = load32(policy + DETECTORS_OFFSET);
  const isTimed = (detectors & DETECTOR_TIME_WINDOW) !== 0 && isCounting(word);
  let calls: f64 = 0;
  let pending: f64 = 0;
  if (isTimed) {
    const now = latestAt(breaker, policy, at);
    calls = callsAt(breaker, policy, plainTicket(word), now);
    if (loadF64(policy + HUNG_BUCKETS_OFFSET) > 0 || load32(policy + MAXIMUM_PENDING_OFFSET) !== 0)
      pending = sumAt(breaker, policy, plainTicket(word), now, BUCKET_PENDING_OFFSET);
  } else if (detectors & DETECTOR_COUNT_WINDOW) {
    const window = breaker + load32(policy + COUNT_WINDOW_OFFSET);
    calls = <f64>callsIn(headOf(window, generationOf(word)), policy);
  }
  const isIdle = counted + pending === 0 && stateOf(word) === STATE_CLOSED;
  if (isIdle) {
    add(out + COLLECT_IDLE_OFFSET, 1);
    return 0;
  }
  add(out + COLLECT_PENDING_OFFSET, pending);
  const state: u32 = modeOf(word) === MODE_SHADOW ? STATE_CLOSED : stateOf(word);
  add(out + COLLECT_STATES_OFFSET + (state << 3), 1);
  const order = 1 + <u32>Math.min(calls, <f64>(RANK_NOT_CLOSED - 2));
  return state === STATE_CLOSED ? order : order | RANK_NOT_CLOSED;
}

function add(address: usize, value: f64): void {
  storeF64(address, loadF64(address) + value);
}
