/** The state of a breaker as plain numbers, apart from its address and generation: what an export holds. */
import {
  BUCKET_CALLS_OFFSET,
  BUCKET_COUNT_OFFSET,
  BUCKET_FAILURES_OFFSET,
  BUCKET_MS_OFFSET,
  BUCKET_SIZE,
  BUCKET_SLOW_OFFSET,
  BUCKETS_OFFSET,
  CALLS_OFFSET,
  CONSECUTIVE_OFFSET,
  COUNT_CALLS_OFFSET,
  COUNT_GENERATION_SHIFT,
  COUNT_HEAD_OFFSET,
  COUNT_NUMBER_BITS,
  COUNT_NUMBER_SHIFT,
  COUNT_OUTCOME_BITS,
  COUNT_RING_OFFSET,
  COUNT_WINDOW_OFFSET,
  COUNT_WORD_OUTCOMES,
  COUNT_WORD_SIZE,
  DEADLINE_OFFSET,
  DELAY_OFFSET,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  END_OFFSET,
  FAILURES_OFFSET,
  GENERATION_SHIFT,
  LATEST_OFFSET,
  LEVEL_OFFSET,
  MODE_MASK,
  MODE_SHIFT,
  POLICY_OFFSET,
  PROBE_SUCCESSES_BITS,
  PROBE_SUCCESSES_OFFSET,
  SHARED_STRIPES_OFFSET,
  SLOW_OFFSET,
  STATE_CLOSED,
  STATE_MASK,
  STATE_RETURNING,
  STRIPE_COUNT_OFFSET,
  STRIPE_SIZE_OFFSET,
  STRIPES_OFFSET,
  TICKET_GENERATION_SHIFT,
  TICKET_OFFSET,
  WORD_OFFSET,
} from "../../assembly/layout.ts";
import type { Core } from "./core.ts";
import { LARGEST_BLOCK, type LinearMemory } from "./memory.ts";
import { type TotalCounts, totalsIn } from "./totals.ts";

/** Calls of one slice of a time window. */
export interface BucketState {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** Buckets of a time window, newest first, all stripes summed. */
export interface WindowState {
  /** ms: where the newest bucket ends. A bucket leaves the window one bucket's width after the one before it. */
  readonly endMs: number;
  /** ms: length of each. */
  readonly widthMs: number;
  readonly buckets: readonly BucketState[];
}

/** Times are ms on the clock of its calls. */
export interface BreakerState {
  /** The time at which it was looked at. */
  readonly nowMs: number;
  /** STATE_ code. */
  readonly state: number;
  /** MODE_ code. */
  readonly mode: number;
  /** How many times in a row it opened, not lowered by the healthy time since `deadlineMs`. */
  readonly level: number;
  /** Open: until when; Infinity: forced open. Closed, returning: since when. */
  readonly deadlineMs: number;
  /** The latest delay, from which decorrelated jitter goes on; single precision. */
  readonly delayMs: number;
  readonly consecutiveFailures: number;
  /** Successful probes of a half-open breaker; calls that asked, modulo 1024, of a returning one. */
  readonly probeSuccesses: number;
  readonly totals: TotalCounts;
  /** Only of a closed or returning breaker with a time window that holds calls. */
  readonly window: WindowState | undefined;
  /** The count window: COUNT_BIT_ of each call, oldest first; empty without one. */
  readonly outcomes: Uint8Array;
}

/** A breaker in memory, for reading and writing it. */
export interface BreakerAddress {
  readonly memory: LinearMemory;
  readonly breaker: number;
  readonly stripesOffset: number;
  /** Index of the stripe that this thread writes. */
  readonly stripe: number;
}

/** The breaker at that address of a core. */
export function addressIn(core: Core, breaker: number): BreakerAddress {
  core.cover(breaker + LARGEST_BLOCK);
  const { memory, stripe } = core;
  return { memory, breaker, stripesOffset: memory.shared ? SHARED_STRIPES_OFFSET : STRIPES_OFFSET, stripe };
}

/** Reads a breaker; nobody else may be writing it. The time is the latest that any of its stripes has seen. */
export function readState(place: BreakerAddress): BreakerState {
  const { memory, breaker } = place;
  const { u32, f64 } = memory;
  const at = (address: number) => u32[address >>> 2]!;
  const word = at(breaker + WORD_OFFSET);
  const generation = word >>> GENERATION_SHIFT;
  const stripes = stripesOf(place);
  const nowMs = latestIn(place, stripes);
  const successes = at(breaker + PROBE_SUCCESSES_OFFSET);
  const sameGeneration = at(breaker + CONSECUTIVE_OFFSET + 4) === generation;
  return {
    nowMs,
    state: word & STATE_MASK,
    mode: (word >>> MODE_SHIFT) & MODE_MASK,
    level: at(breaker + LEVEL_OFFSET),
    deadlineMs: f64[(breaker + DEADLINE_OFFSET) >>> 3]!,
    delayMs: floatOf(at(breaker + DELAY_OFFSET)),
    consecutiveFailures: sameGeneration ? at(breaker + CONSECUTIVE_OFFSET) : 0,
    probeSuccesses:
      successes >>> PROBE_SUCCESSES_BITS === generation ? successes & ((1 << PROBE_SUCCESSES_BITS) - 1) : 0,
    totals: totalsIn(memory, breaker, stripes),
    window: isCounting(word & STATE_MASK) ? readWindow(place, stripes, generation, nowMs) : undefined,
    outcomes: readOutcomes(place, generation),
  };
}

/** Whether a breaker in that state has a window: closed or returning. */
export function isCounting(state: number): boolean {
  return state === STATE_CLOSED || state === STATE_RETURNING;
}

/** Addresses of all stripes of a breaker. */
export function stripesOf({ memory, breaker, stripesOffset }: BreakerAddress): readonly number[] {
  const policy = memory.u32[(breaker + POLICY_OFFSET) >>> 2]!;
  const size = memory.u32[(policy + STRIPE_SIZE_OFFSET) >>> 2]!;
  const count = memory.u32[(policy + STRIPE_COUNT_OFFSET) >>> 2]!;
  return Array.from({ length: count }, (_, index) => breaker + stripesOffset + index * size);
}

/** ms: the latest time that any of its stripes has seen. */
export function latestOf(place: BreakerAddress): number {
  return latestIn(place, stripesOf(place));
}

function latestIn({ memory: { f64 } }: BreakerAddress, stripes: readonly number[]): number {
  return stripes.reduce((latest, stripe) => Math.max(latest, f64[(stripe + LATEST_OFFSET) >>> 3]!), 0);
}

/** The number of single precision with those bits. */
function floatOf(bits: number): number {
  SCRATCH.setUint32(0, bits);
  return SCRATCH.getFloat32(0);
}

const SCRATCH = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

/**
 * Buckets of all stripes by their number. An import may have left a stripe one bucket ahead of the time; the
 * oldest bucket of another one is then added to the last that the window has.
 */
function readWindow(
  { memory, breaker }: BreakerAddress,
  stripes: readonly number[],
  generation: number,
  nowMs: number,
): WindowState | undefined {
  const { u32, f64 } = memory;
  const policy = u32[(breaker + POLICY_OFFSET) >>> 2]!;
  if ((u32[(policy + DETECTORS_OFFSET) >>> 2]! & DETECTOR_TIME_WINDOW) === 0) return undefined;
  const width = f64[(policy + BUCKET_MS_OFFSET) >>> 3]!;
  const count = u32[(policy + BUCKET_COUNT_OFFSET) >>> 2]!;
  const counting = stripes.filter(
    (stripe) => u32[(stripe + TICKET_OFFSET) >>> 2]! >>> TICKET_GENERATION_SHIFT === generation,
  );
  if (counting.length === 0) return undefined;
  const newestOf = (stripe: number) => Math.round(f64[(stripe + END_OFFSET) >>> 3]! / width) - 1;
  const newest = Math.max(numberAt(nowMs, width), ...counting.map(newestOf));
  const buckets: { calls: number; failures: number; slow: number }[] = [];
  while (buckets.length < count) buckets.push({ calls: 0, failures: 0, slow: 0 });
  for (const stripe of counting) {
    const latest = newestOf(stripe);
    for (let n = Math.max(latest, numberAt(nowMs, width)) - count + 1; n <= latest; n++) {
      const address = stripe + BUCKETS_OFFSET + (n - Math.floor(n / count) * count) * BUCKET_SIZE;
      const counted = (inBucket: number, inStripe: number): number => {
        const held = u32[(address + inBucket) >>> 2]!;
        // Without threads the current bucket holds what the sums were when it began, see assembly/window.ts.
        return memory.shared || n < latest ? held : u32[(stripe + inStripe) >>> 2]! - held;
      };
      const bucket = buckets[Math.min(newest - n, count - 1)]!;
      bucket.calls += counted(BUCKET_CALLS_OFFSET, CALLS_OFFSET);
      bucket.failures += counted(BUCKET_FAILURES_OFFSET, FAILURES_OFFSET);
      bucket.slow += counted(BUCKET_SLOW_OFFSET, SLOW_OFFSET);
    }
  }
  if (buckets.every(({ calls }) => calls === 0)) return undefined;
  // No further ahead than a bucket, or else one import after the other could keep the window from moving on.
  return { endMs: Math.min((newest + 1) * width, nowMs + width), widthMs: width, buckets };
}

/** The latest outcome is in the head, the others are in the ring. */
function readOutcomes({ memory: { u32, heap }, breaker }: BreakerAddress, generation: number): Uint8Array {
  const policy = u32[(breaker + POLICY_OFFSET) >>> 2]!;
  if ((u32[(policy + DETECTORS_OFFSET) >>> 2]! & DETECTOR_COUNT_WINDOW) === 0) return new Uint8Array(0);
  const window = breaker + u32[(policy + COUNT_WINDOW_OFFSET) >>> 2]!;
  const head = new BigUint64Array(heap.buffer, window + COUNT_HEAD_OFFSET, 1)[0]!;
  const shift = BigInt(COUNT_GENERATION_SHIFT);
  if (head >> shift !== BigInt.asUintN(64 - COUNT_GENERATION_SHIFT, BigInt(generation)))
    return new Uint8Array(0);
  const size = u32[(policy + COUNT_CALLS_OFFSET) >>> 2]!;
  const number = Number(BigInt.asUintN(COUNT_NUMBER_BITS, head >> BigInt(COUNT_NUMBER_SHIFT)));
  const first = Math.max(0, number - size);
  return Uint8Array.from({ length: number - first }, (_, index) => {
    if (first + index === number - 1) return Number(BigInt.asUintN(COUNT_OUTCOME_BITS, head));
    return outcomeAt(u32, window, placeOf(size, first + index));
  });
}

function outcomeAt(u32: Uint32Array, window: number, place: number): number {
  const cell = window + COUNT_RING_OFFSET + Math.floor(place / COUNT_WORD_OUTCOMES) * COUNT_WORD_SIZE;
  return (u32[cell >>> 2]! >>> ((place % COUNT_WORD_OUTCOMES) * COUNT_OUTCOME_BITS)) & 3;
}

/** As in assembly/count.ts: where the outcome of that number is, in a ring for so many calls. */
function placeOf(size: number, number: number): number {
  return number & (0xffff_ffff >>> Math.clz32((size - 1) | (COUNT_WORD_OUTCOMES - 1)));
}

/** As in assembly/window.ts: the n with n * width <= time < (n + 1) * width. */
function numberAt(timeMs: number, width: number): number {
  const number = Math.floor(timeMs / width);
  if (timeMs < number * width) return number - 1;
  return timeMs < (number + 1) * width ? number : number + 1;
}
