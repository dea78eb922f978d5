/** What options become: numbers at the addresses where the core reads them. One table says which number is where. */
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

/** The numbers of a detector. Those of a rate and of calls are absent where it has none. */
export interface DetectorRule {
  readonly kind: "success_rate_over_time_window" | "success_rate_over_count_window" | "consecutive_failures";
  /** ms; of a time window. */
  readonly windowMs?: number;
  /** Of a time window. */
  readonly buckets?: number;
  /** ms; calls that are out for longer count as failures; absent: none does. */
  readonly hungAfterMs?: number;
  /** Of a count window. */
  readonly calls?: number;
  /** Of either window: 0..1. */
  readonly requiredSuccessRate?: number;
  /** Of either window: calls below which there is no verdict. */
  readonly minimumCalls?: number;
  /** ms; absent: no call is slow. */
  readonly slowCallMs?: number;
  /** 0..1; absent where `slowCallMs` is. */
  readonly maximumSlowRate?: number;
  /** Failures in a row that open. */
  readonly failures?: number;
}

/** A policy as plain numbers: everything in range, since the core checks nothing. */
export interface Policy {
  /** One of a kind. */
  readonly detector: readonly DetectorRule[];
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
  /** Behind the leases, also where there is no count window: breakers with fewer leases have another shape. */
  readonly countWindowOffset: number;
  readonly size: number;
}

/** Offsets by the name of the number: those of f64, and, negative, those of u32. */
type Offsets = Readonly<Record<string, number>>;

const POLICY: Offsets = {
  startMode: -START_MODE_OFFSET,
  jitter: -JITTER_OFFSET,
  decayMs: DECAY_MS_OFFSET,
  probes: -PROBES_OFFSET,
  successesToClose: -SUCCESSES_TO_CLOSE_OFFSET,
  probeTimeoutMs: PROBE_TIMEOUT_MS_OFFSET,
};

/** The bit of each kind, and its numbers. */
const DETECTORS: Readonly<Record<DetectorRule["kind"], readonly [bit: number, numbers: Offsets]>> = {
  success_rate_over_time_window: [
    DETECTOR_TIME_WINDOW,
    {
      bucketMs: BUCKET_MS_OFFSET,
      buckets: -BUCKET_COUNT_OFFSET,
      hungAfterMs: HUNG_AFTER_MS_OFFSET,
      hungBuckets: HUNG_BUCKETS_OFFSET,
      requiredSuccessRate: REQUIRED_RATE_OFFSET,
      minimumCalls: -MINIMUM_CALLS_OFFSET,
      slowCallMs: SLOW_CALL_MS_OFFSET,
      maximumSlowRate: MAXIMUM_SLOW_RATE_OFFSET,
    },
  ],
  success_rate_over_count_window: [
    DETECTOR_COUNT_WINDOW,
    {
      calls: -COUNT_CALLS_OFFSET,
      countWindowOffset: -COUNT_WINDOW_OFFSET,
      requiredSuccessRate: COUNT_REQUIRED_RATE_OFFSET,
      minimumCalls: -COUNT_MINIMUM_CALLS_OFFSET,
      slowCallMs: COUNT_SLOW_CALL_MS_OFFSET,
      maximumSlowRate: COUNT_MAXIMUM_SLOW_RATE_OFFSET,
    },
  ],
  consecutive_failures: [DETECTOR_CONSECUTIVE, { failures: -CONSECUTIVE_LIMIT_OFFSET }],
};

/** The shape of a breaker with that many stripes. */
export function shapeOf({ detector, probes }: Policy, stripes: number, shared: boolean): BreakerShape {
  // No two kinds have one of these both.
  const { buckets = 0, calls = 0 }: Partial<DetectorRule> = Object.assign({ __proto__: null }, ...detector);
  const bytes = BUCKETS_OFFSET + buckets * BUCKET_SIZE;
  const stripeSize = shared ? wholeLines(bytes) : bytes;
  const stripesOffset = shared ? SHARED_STRIPES_OFFSET : STRIPES_OFFSET;
  const stripesEnd = stripesOffset + stripes * stripeSize;
  const leasesEnd = stripesEnd + (probes > 1 ? probes * LEASE_SIZE : 0);
  return {
    stripesOffset,
    stripeSize,
    leasesOffset: probes > 1 ? stripesEnd : LEASE_OFFSET,
    countWindowOffset: leasesEnd,
    size: wholeLines(leasesEnd + (calls && COUNT_RING_OFFSET + ringSizeOf(calls))),
  };
}

/** Bytes of the ring of a count window: it has the least power of two of places that is not below `calls`. */
function ringSizeOf(calls: number): number {
  const places = 2 ** (32 - Math.clz32((calls - 1) | (COUNT_WORD_OUTCOMES - 1)));
  return (places / COUNT_WORD_OUTCOMES) * COUNT_WORD_SIZE;
}

function wholeLines(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE_SIZE) * CACHE_LINE_SIZE;
}

/**
 * A policy as the core reads it.
 *
 * @param registryAddress of the registry whose breakers have it
 * @param shapeAddress where its shape is
 */
export function encodePolicy(
  policy: Policy,
  shape: BreakerShape,
  stripes: number,
  registryAddress: number,
  shapeAddress: number,
): Uint32Array {
  const { detector, delaysMs, ramp = { shares: [], stepMs: 0 } } = policy;
  const table = [...delaysMs, ...ramp.shares];
  const u32 = new Uint32Array(DELAYS_OFFSET / 4 + table.length * 2);
  const f64 = new Float64Array(u32.buffer);
  const set = (offset: number, value: number) => {
    if (offset < 0) u32[-offset / 4] = value;
    else f64[offset / 8] = value;
  };
  const setAll = (offsets: Offsets, numbers: object) => {
    for (const name of Object.keys(offsets)) set(offsets[name]!, (numbers as Offsets)[name]!);
  };
  setAll(POLICY, policy);
  for (const rule of detector) {
    const [bit, offsets] = DETECTORS[rule.kind];
    u32[DETECTORS_OFFSET / 4]! |= bit;
    setAll(offsets, { ...shape, ...numbersOf(rule) });
  }
  const bits = u32[DETECTORS_OFFSET / 4]!;
  const ownSlow = bits & DETECTOR_COUNT_WINDOW ? f64[COUNT_SLOW_CALL_MS_OFFSET / 8]! : Infinity;
  if (!(bits & DETECTOR_TIME_WINDOW)) set(SLOW_CALL_MS_OFFSET, ownSlow);
  set(-STRIPE_COUNT_OFFSET, stripes);
  set(-STRIPE_SIZE_OFFSET, shape.stripeSize);
  set(-LEASES_OFFSET, shape.leasesOffset);
  set(-REGISTRY_OFFSET, registryAddress);
  set(-SHAPE_OFFSET, shapeAddress);
  set(-DELAY_COUNT_OFFSET, delaysMs.length);
  set(RAMP_STEPS_OFFSET, ramp.shares.length);
  set(RAMP_STEP_MS_OFFSET, ramp.stepMs);
  f64.set(table, DELAYS_OFFSET / 8);
  return u32;
}

/** What the core reckons with where a number is absent, and what it need not reckon itself. */
function numbersOf(rule: DetectorRule): object {
  const bucketMs = rule.windowMs! / rule.buckets!;
  // No rate exceeds 1: calls that were slow by earlier options are not judged by options without `slowCallMs`.
  const numbers = {
    slowCallMs: Infinity,
    maximumSlowRate: 1,
    hungAfterMs: 0,
    bucketMs,
    ...rule,
  };
  // How many buckets a call's own one must lie behind the current one so that the call is older than `hungAfterMs`,
  // even if it was admitted at the very end of it; 0: no call hangs. The oldest bucket at the latest: the longest
  // `hungAfterMs` that there is, divided, may be a bit above whole.
  const { hungAfterMs, buckets } = numbers;
  return {
    ...numbers,
    hungBuckets: hungAfterMs && Math.min(Math.ceil(hungAfterMs / bucketMs) + 1, buckets! - 1),
  };
}

/** The inverse of `encodePolicy`: a policy that another thread has placed. */
export function decodePolicy({ u32, f64 }: Pick<LinearMemory, "u32" | "f64">, address: number): Policy {
  const get = (offset: number) =>
    offset < 0 ? u32[(address - offset) >>> 2]! : f64[(address + offset) >>> 3]!;
  const getAll = (offsets: Offsets) =>
    Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, get(offset)]));
  const bits = get(-DETECTORS_OFFSET);
  const delayCount = get(-DELAY_COUNT_OFFSET);
  const first = (address + DELAYS_OFFSET) >>> 3;
  const table = [...f64.subarray(first, first + delayCount + get(RAMP_STEPS_OFFSET))];
  const shares = table.slice(delayCount);
  const policy = {
    detector: Object.entries(DETECTORS)
      .filter(([, [bit]]) => bits & bit)
      .map(([kind, [, offsets]]) => ruleOf(kind, getAll(offsets))),
    ...getAll(POLICY),
    delaysMs: table.slice(0, delayCount),
    ...(shares.length > 0 && { ramp: { shares, stepMs: get(RAMP_STEP_MS_OFFSET) } }),
  };
  return policy as unknown as Policy; // the tables name every number of it
}

/** The inverse of `numbersOf`. */
function ruleOf(kind: string, numbers: Offsets) {
  const { bucketMs, hungBuckets, hungAfterMs, slowCallMs, maximumSlowRate, countWindowOffset, ...rest } =
    numbers;
  return {
    kind,
    ...rest,
    ...(bucketMs && { windowMs: windowOf(bucketMs, rest.buckets!) }),
    ...(hungBuckets && { hungAfterMs }),
    ...(slowCallMs! < Infinity && { slowCallMs, maximumSlowRate }),
  };
}

/** The window whose buckets are that wide: the product may be off in its last bit, and people write short numbers. */
function windowOf(bucketMs: number, buckets: number): number {
  const short = Number((bucketMs * buckets).toPrecision(15));
  return short / buckets === bucketMs ? short : bucketMs * buckets;
}
