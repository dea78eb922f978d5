/** What options become: numbers at the addresses where the core reads them. */
import {
  BUCKET_COUNT_OFFSET,
  BUCKET_MS_OFFSET,
  BUCKET_SIZE,
  BUCKETS_OFFSET,
  CACHE_LINE_SIZE,
  CONSECUTIVE_LIMIT_OFFSET,
  COUNT_CALLS_OFFSET,
  COUNT_MAXIMUM_SLOW_RATE_OFFSET,
  COUNT_MINIMUM_CALLS_OFFSET,
  COUNT_REQUIRED_RATE_OFFSET,
  COUNT_RING_OFFSET,
  COUNT_SLOW_CALL_MS_OFFSET,
  COUNT_WINDOW_OFFSET,
  COUNT_WORD_OUTCOMES,
  COUNT_WORD_SIZE,
  DECAY_MS_OFFSET,
  DELAY_COUNT_OFFSET,
  DELAYS_OFFSET,
  DETECTOR_CONSECUTIVE,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  HUNG_AFTER_MS_OFFSET,
  HUNG_BUCKETS_OFFSET,
  JITTER_OFFSET,
  LEASE_OFFSET,
  LEASE_SIZE,
  LEASES_OFFSET,
  MAXIMUM_SLOW_RATE_OFFSET,
  MINIMUM_CALLS_OFFSET,
  PROBE_TIMEOUT_MS_OFFSET,
  PROBES_OFFSET,
  RAMP_STEP_MS_OFFSET,
  RAMP_STEPS_OFFSET,
  REGISTRY_ADDRESS,
  REGISTRY_OFFSET,
  REQUIRED_RATE_OFFSET,
  SHAPE_OFFSET,
  SHARED_STRIPES_OFFSET,
  SLOW_CALL_MS_OFFSET,
  START_MODE_OFFSET,
  STRIPE_COUNT_OFFSET,
  STRIPE_SIZE_OFFSET,
  STRIPES_OFFSET,
  SUCCESSES_TO_CLOSE_OFFSET,
} from "../../assembly/layout.ts";
import type { LinearMemory } from "./memory.ts";

/** Two rates and the calls that they need; the same for both kinds of window. */
export interface RateRule {
  /** Calls below which there is no verdict. */
  readonly minimumCalls: number;
  /** 0..1 */
  readonly requiredSuccessRate: number;
  /** ms; Infinity: no call is slow. */
  readonly slowCallMs: number;
  /** 0..1 */
  readonly maximumSlowRate: number;
}

/** The rule of a time window. */
export interface TimeRule extends RateRule {
  readonly bucketMs: number;
  readonly buckets: number;
  /** ms; calls that are out for longer count as failures; 0: none does. */
  readonly hungAfterMs: number;
}

/** A policy as plain numbers: everything in range, since the core checks nothing. */
export interface Policy {
  readonly timeWindow?: TimeRule;
  readonly countWindow?: RateRule & { readonly calls: number };
  /** Failures in a row that open; absent: they never do. */
  readonly consecutiveFailures?: number;
  /** A MODE_ code: that of a new breaker. */
  readonly startMode: number;
  /** ms by level; the last serves all higher levels. */
  readonly delaysMs: readonly number[];
  /** A JITTER_ code. */
  readonly jitter: number;
  readonly decayMs: number;
  readonly probes: number;
  readonly successesToClose: number;
  readonly probeTimeoutMs: number;
  /** Shares of calls to admit one after the other before it closes; absent: it closes at once. */
  readonly ramp?: RampRule;
}

export interface RampRule {
  /** Each above 0 and below 1. */
  readonly shares: readonly number[];
  /** ms for each of them. */
  readonly stepMs: number;
}

/** Where the parts of a breaker of one policy lie, in bytes from its address. */
export interface BreakerShape {
  readonly stripesOffset: number;
  readonly stripeSize: number;
  readonly leasesOffset: number;
  readonly countWindowOffset: number;
  readonly size: number;
}

/** The shape of a breaker with that many stripes. */
export function shapeOf(policy: Policy, stripes: number, shared: boolean): BreakerShape {
  const bytes = BUCKETS_OFFSET + (policy.timeWindow?.buckets ?? 0) * BUCKET_SIZE;
  const stripeSize = shared ? roundUp(bytes, CACHE_LINE_SIZE) : bytes;
  const stripesOffset = shared ? SHARED_STRIPES_OFFSET : STRIPES_OFFSET;
  const stripesEnd = stripesOffset + stripes * stripeSize;
  const extraLeases = policy.probes > 1 ? policy.probes * LEASE_SIZE : 0;
  const countWindowOffset = stripesEnd + extraLeases;
  const countWindowSize = policy.countWindow === undefined ? 0 : countWindowSizeOf(policy.countWindow.calls);
  return {
    stripesOffset,
    stripeSize,
    leasesOffset: policy.probes > 1 ? stripesEnd : LEASE_OFFSET,
    countWindowOffset,
    size: roundUp(countWindowOffset + countWindowSize, CACHE_LINE_SIZE),
  };
}

/** Bytes of a count window: its ring has the least power of two of places that is not below `calls`. */
function countWindowSizeOf(calls: number): number {
  const places = 2 ** (32 - Math.clz32((calls - 1) | (COUNT_WORD_OUTCOMES - 1)));
  return COUNT_RING_OFFSET + (places / COUNT_WORD_OUTCOMES) * COUNT_WORD_SIZE;
}

/** A policy as the core reads it. `placed`: where its shape is. */
export function encodePolicy(
  policy: Policy,
  shape: BreakerShape,
  stripes: number,
  placed: number,
): Uint32Array<ArrayBuffer> {
  const { shares, stepMs } = policy.ramp ?? { shares: [], stepMs: 0 };
  const u32 = new Uint32Array((DELAYS_OFFSET + (policy.delaysMs.length + shares.length) * 8) / 4);
  const f64 = new Float64Array(u32.buffer);
  const set32 = (offset: number, value: number) => {
    u32[offset >>> 2] = value;
  };
  const setF64 = (offset: number, value: number) => {
    f64[offset >>> 3] = value;
  };
  const { timeWindow, countWindow, consecutiveFailures } = policy;
  set32(
    DETECTORS_OFFSET,
    (timeWindow === undefined ? 0 : DETECTOR_TIME_WINDOW) |
      (countWindow === undefined ? 0 : DETECTOR_COUNT_WINDOW) |
      (consecutiveFailures === undefined ? 0 : DETECTOR_CONSECUTIVE),
  );
  if (timeWindow !== undefined) {
    setF64(REQUIRED_RATE_OFFSET, timeWindow.requiredSuccessRate);
    setF64(SLOW_CALL_MS_OFFSET, timeWindow.slowCallMs);
    setF64(MAXIMUM_SLOW_RATE_OFFSET, timeWindow.maximumSlowRate);
    setF64(BUCKET_MS_OFFSET, timeWindow.bucketMs);
    set32(MINIMUM_CALLS_OFFSET, timeWindow.minimumCalls);
    set32(BUCKET_COUNT_OFFSET, timeWindow.buckets);
    setF64(HUNG_AFTER_MS_OFFSET, timeWindow.hungAfterMs);
    setF64(HUNG_BUCKETS_OFFSET, hungBucketsOf(timeWindow));
  }
  if (countWindow !== undefined) {
    setF64(COUNT_REQUIRED_RATE_OFFSET, countWindow.requiredSuccessRate);
    setF64(COUNT_SLOW_CALL_MS_OFFSET, countWindow.slowCallMs);
    setF64(COUNT_MAXIMUM_SLOW_RATE_OFFSET, countWindow.maximumSlowRate);
    set32(COUNT_MINIMUM_CALLS_OFFSET, countWindow.minimumCalls);
    set32(COUNT_CALLS_OFFSET, countWindow.calls);
    set32(COUNT_WINDOW_OFFSET, shape.countWindowOffset);
  }
  set32(CONSECUTIVE_LIMIT_OFFSET, consecutiveFailures ?? 0);
  set32(STRIPE_SIZE_OFFSET, shape.stripeSize);
  set32(STRIPE_COUNT_OFFSET, stripes);
  set32(REGISTRY_OFFSET, REGISTRY_ADDRESS);
  set32(SHAPE_OFFSET, placed);
  set32(START_MODE_OFFSET, policy.startMode);
  setF64(PROBE_TIMEOUT_MS_OFFSET, policy.probeTimeoutMs);
  setF64(DECAY_MS_OFFSET, policy.decayMs);
  set32(PROBES_OFFSET, policy.probes);
  set32(SUCCESSES_TO_CLOSE_OFFSET, policy.successesToClose);
  set32(LEASES_OFFSET, shape.leasesOffset);
  set32(JITTER_OFFSET, policy.jitter);
  set32(DELAY_COUNT_OFFSET, policy.delaysMs.length);
  setF64(RAMP_STEPS_OFFSET, shares.length);
  setF64(RAMP_STEP_MS_OFFSET, stepMs);
  [...policy.delaysMs, ...shares].forEach((value, index) => {
    setF64(DELAYS_OFFSET + index * 8, value);
  });
  return u32;
}

/**
 * How many buckets a call's own one must lie behind the current one so that the call is older than `hungAfterMs`, even
 * if it was admitted at the very end of it; 0: no call hangs.
 */
function hungBucketsOf({ hungAfterMs, bucketMs, buckets }: TimeRule): number {
  if (hungAfterMs === 0) return 0;
  // The oldest bucket at the latest: the longest `hungAfterMs` that there is, divided, may be a bit above whole.
  return Math.min(Math.ceil(hungAfterMs / bucketMs) + 1, buckets - 1);
}

/** The inverse of `encodePolicy`: a policy that another thread has placed. */
export function decodePolicy({ u32, f64 }: LinearMemory, address: number): Policy {
  const get32 = (offset: number) => u32[(address + offset) >>> 2]!;
  const getF64 = (offset: number) => f64[(address + offset) >>> 3]!;
  const detectors = get32(DETECTORS_OFFSET);
  const delayCount = get32(DELAY_COUNT_OFFSET);
  const steps = getF64(RAMP_STEPS_OFFSET);
  const table = (from: number, length: number) =>
    Array.from({ length }, (_, index) => getF64(DELAYS_OFFSET + (from + index) * 8));
  return {
    startMode: get32(START_MODE_OFFSET),
    delaysMs: table(0, delayCount),
    jitter: get32(JITTER_OFFSET),
    decayMs: getF64(DECAY_MS_OFFSET),
    probes: get32(PROBES_OFFSET),
    successesToClose: get32(SUCCESSES_TO_CLOSE_OFFSET),
    probeTimeoutMs: getF64(PROBE_TIMEOUT_MS_OFFSET),
    ...(steps > 0 && { ramp: { shares: table(delayCount, steps), stepMs: getF64(RAMP_STEP_MS_OFFSET) } }),
    ...(detectors & DETECTOR_TIME_WINDOW && {
      timeWindow: {
        minimumCalls: get32(MINIMUM_CALLS_OFFSET),
        requiredSuccessRate: getF64(REQUIRED_RATE_OFFSET),
        slowCallMs: getF64(SLOW_CALL_MS_OFFSET),
        maximumSlowRate: getF64(MAXIMUM_SLOW_RATE_OFFSET),
        bucketMs: getF64(BUCKET_MS_OFFSET),
        buckets: get32(BUCKET_COUNT_OFFSET),
        hungAfterMs: getF64(HUNG_AFTER_MS_OFFSET),
      },
    }),
    ...(detectors & DETECTOR_COUNT_WINDOW && {
      countWindow: {
        minimumCalls: get32(COUNT_MINIMUM_CALLS_OFFSET),
        requiredSuccessRate: getF64(COUNT_REQUIRED_RATE_OFFSET),
        slowCallMs: getF64(COUNT_SLOW_CALL_MS_OFFSET),
        maximumSlowRate: getF64(COUNT_MAXIMUM_SLOW_RATE_OFFSET),
        calls: get32(COUNT_CALLS_OFFSET),
      },
    }),
    ...(detectors & DETECTOR_CONSECUTIVE && { consecutiveFailures: get32(CONSECUTIVE_LIMIT_OFFSET) }),
  };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
