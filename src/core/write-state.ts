/** Writing the state of a breaker, on another clock than it was read on. */
import {
  BUCKET_COUNT_OFFSET,
  BUCKET_MS_OFFSET,
  BUCKET_SIZE,
  BUCKETS_OFFSET,
  CALLS_OFFSET,
  CONSECUTIVE_OFFSET,
  COUNT_BIT_FAILURE,
  COUNT_BIT_SLOW,
  COUNT_CALLS_OFFSET,
  COUNT_FAILURES_SHIFT,
  COUNT_GENERATION_SHIFT,
  COUNT_HEAD_OFFSET,
  COUNT_NUMBER_SHIFT,
  COUNT_OUTCOME_BITS,
  COUNT_RING_OFFSET,
  COUNT_SLOW_SHIFT,
  COUNT_WINDOW_OFFSET,
  COUNT_WORD_OUTCOMES,
  COUNT_WORD_SIZE,
  CURRENT_OFFSET,
  DEADLINE_OFFSET,
  DELAY_OFFSET,
  DETECTOR_CONSECUTIVE,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  END_OFFSET,
  FAILURES_OFFSET,
  GENERATION_SHIFT,
  HUNG_BUCKETS_OFFSET,
  LATEST_OFFSET,
  LEASE_SIZE,
  LEASES_OFFSET,
  LEVEL_OFFSET,
  MODE_SHIFT,
  PENDING_NUMBERS,
  PENDING_TICKET_OFFSET,
  POLICY_OFFSET,
  PROBE_SUCCESSES_BITS,
  PROBE_SUCCESSES_OFFSET,
  PROBES_OFFSET,
  SLOT_PENDING,
  SLOT_SLOW_PATH,
  SLOW_OFFSET,
  STRIPE_SIZE_OFFSET,
  TICKET_GENERATION_SHIFT,
  TICKET_OFFSET,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import {
  type BreakerAddress,
  type BreakerState,
  type BucketState,
  stripesOf,
  type WindowState,
} from "./state.ts";
import { writeTotals } from "./totals.ts";

/**
 * Replaces what the breaker holds. It begins `generation`, so that every ticket issued before is late; no lease is
 * out. `nowMs` here is what `state.nowMs` was there: all times are moved by the difference. Of its windows it
 * takes what its own policy has room for. Cannot fail; nobody else may be using the breaker.
 */
export function writeState(
  place: BreakerAddress,
  content: BreakerState,
  nowMs: number,
  generation: number,
): void {
  const { memory, breaker } = place;
  const { u32, f64 } = memory;
  const set = (offset: number, value: number) => {
    u32[(breaker + offset) >>> 2] = value;
  };
  const policy = u32[(breaker + POLICY_OFFSET) >>> 2]!;
  const detectors = u32[(policy + DETECTORS_OFFSET) >>> 2]!;
  const shiftMs = nowMs - content.nowMs;
  emptyStripes(place);
  const stripe = stripesOf(place)[place.stripe]!; // this thread has one
  f64[(stripe + LATEST_OFFSET) >>> 3] = nowMs;
  f64[(breaker + DEADLINE_OFFSET) >>> 3] = content.deadlineMs + shiftMs;
  new Float32Array(memory.heap.buffer, breaker + DELAY_OFFSET, 1)[0] = content.delayMs;
  set(LEVEL_OFFSET, content.level);
  set(CONSECUTIVE_OFFSET, detectors & DETECTOR_CONSECUTIVE ? content.consecutiveFailures : 0);
  set(CONSECUTIVE_OFFSET + 4, generation);
  set(PROBE_SUCCESSES_OFFSET, (generation << PROBE_SUCCESSES_BITS) | content.probeSuccesses);
  const leases = (breaker + u32[(policy + LEASES_OFFSET) >>> 2]!) >>> 2;
  u32.fill(0, leases, leases + (u32[(policy + PROBES_OFFSET) >>> 2]! * LEASE_SIZE) / 4);
  if (content.window !== undefined && detectors & DETECTOR_TIME_WINDOW) {
    writeWindow(place, stripe, content.window, shiftMs, generation);
  }
  writeTotals(memory, breaker, stripe, content.totals);
  if (detectors & DETECTOR_COUNT_WINDOW) writeOutcomes(place, content.outcomes, generation);
  const word = (generation << GENERATION_SHIFT) | (content.mode << MODE_SHIFT) | content.state;
  Atomics.store(u32, (breaker + WORD_OFFSET) >>> 2, word >>> 0); // last, so that who sees it sees the rest
}

/**
 * All but the latest time that each has seen. The current bucket is the first: a thread that counts here against the rules
 * must not write outside of the buckets.
 */
function emptyStripes(place: BreakerAddress): void {
  const { u32 } = place.memory;
  const policy = u32[(place.breaker + POLICY_OFFSET) >>> 2]!;
  const size = u32[(policy + STRIPE_SIZE_OFFSET) >>> 2]!;
  for (const stripe of stripesOf(place)) {
    u32.fill(0, (stripe + END_OFFSET) >>> 2, (stripe + size) >>> 2);
    u32[(stripe + CURRENT_OFFSET) >>> 2] = BUCKETS_OFFSET;
  }
}

/**
 * The buckets, newest first, where buckets are as long as those that were taken. If the two clocks do not cut time
 * at the same places, every bucket stays until the next cut: no call leaves the window sooner than it would have,
 * and none stays longer than by one bucket.
 */
function writeWindow(
  { memory: { u32, f64, shared }, breaker }: BreakerAddress,
  stripe: number,
  { endMs, buckets, widthMs }: WindowState,
  shiftMs: number,
  generation: number,
): void {
  const policy = u32[(breaker + POLICY_OFFSET) >>> 2]!;
  const width = f64[(policy + BUCKET_MS_OFFSET) >>> 3]!;
  if (width !== widthMs) return;
  const count = u32[(policy + BUCKET_COUNT_OFFSET) >>> 2]!;
  const end = cutAt(endMs + shiftMs, width, Math.abs(shiftMs));
  const addressOf = (n: number) => BUCKETS_OFFSET + (n - Math.floor(n / count) * count) * BUCKET_SIZE;
  const add = (offset: number, value: number) => {
    u32[(stripe + offset) >>> 2]! += value;
  };
  const addTo = (sums: number, { calls, failures, slow }: BucketState) => {
    add(sums, calls);
    add(sums + FAILURES_OFFSET - CALLS_OFFSET, failures); // buckets have the order of the sums
    add(sums + SLOW_OFFSET - CALLS_OFFSET, slow);
  };
  buckets.slice(0, count).forEach((content, age) => {
    addTo(CALLS_OFFSET, content);
    // Without threads the current bucket holds what the others have counted, see assembly/window.ts.
    if (shared || age > 0) addTo(addressOf(end - 1 - age), content);
    if (!shared && age > 0) addTo(addressOf(end - 1), content);
  });
  u32[(stripe + CURRENT_OFFSET) >>> 2] = addressOf(end - 1);
  f64[(stripe + END_OFFSET) >>> 3] = end * width;
  const canHang = f64[(policy + HUNG_BUCKETS_OFFSET) >>> 3] !== 0;
  const plain = generation << TICKET_GENERATION_SHIFT;
  add(PENDING_TICKET_OFFSET, plain | (SLOT_PENDING + ((end - 1) % PENDING_NUMBERS)));
  add(TICKET_OFFSET, plain | (canHang ? SLOT_SLOW_PATH : 0));
}

/** The first whole number of widths at or after `timeMs`, but for the rounding of a time that was moved so far. */
function cutAt(timeMs: number, width: number, movedMs: number): number {
  const rounding = movedMs === 0 ? 0 : 4 * Number.EPSILON * Math.max(Math.abs(timeMs), movedMs);
  const nearest = Math.round(timeMs / width);
  return Math.abs(nearest * width - timeMs) <= rounding ? nearest : Math.ceil(timeMs / width);
}

/** The newest calls that the window has room for. The count of changes of each word of the ring goes on. */
function writeOutcomes(
  { memory: { u32, heap }, breaker }: BreakerAddress,
  all: Uint8Array,
  generation: number,
): void {
  const policy = u32[(breaker + POLICY_OFFSET) >>> 2]!;
  const size = u32[(policy + COUNT_CALLS_OFFSET) >>> 2]!;
  const window = breaker + u32[(policy + COUNT_WINDOW_OFFSET) >>> 2]!;
  const outcomes = all.subarray(Math.max(0, all.length - size));
  for (let first = 0; first < outcomes.length; first += COUNT_WORD_OUTCOMES) {
    const cell = (window + COUNT_RING_OFFSET + (first / COUNT_WORD_OUTCOMES) * COUNT_WORD_SIZE) >>> 2;
    u32[cell] = 0;
    u32[cell + 1]! += 1;
    outcomes.subarray(first, first + COUNT_WORD_OUTCOMES).forEach((bits, index) => {
      u32[cell]! |= bits << (index * COUNT_OUTCOME_BITS);
    });
  }
  const count = (bit: number) => BigInt(outcomes.reduce((sum, bits) => sum + (bits & bit ? 1 : 0), 0));
  new BigUint64Array(heap.buffer, window + COUNT_HEAD_OFFSET, 1)[0] =
    BigInt(outcomes.at(-1) ?? 0) |
    (count(COUNT_BIT_SLOW) << BigInt(COUNT_SLOW_SHIFT)) |
    (count(COUNT_BIT_FAILURE) << BigInt(COUNT_FAILURES_SHIFT)) |
    (BigInt(outcomes.length) << BigInt(COUNT_NUMBER_SHIFT)) |
    (BigInt(generation) << BigInt(COUNT_GENERATION_SHIFT)); // its upper bits are cut off
}
