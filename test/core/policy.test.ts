import { describe, expect, it } from "vitest";
import {
  BREAKER_REMAINDER,
  BUCKET_MS_OFFSET,
  BUCKET_SIZE,
  BUCKETS_OFFSET,
  CACHE_LINE_SIZE,
  COUNT_MAXIMUM_SLOW_RATE_OFFSET,
  COUNT_RING_OFFSET,
  COUNT_SLOW_CALL_MS_OFFSET,
  COUNT_WINDOW_OFFSET,
  COUNT_WORD_SIZE,
  DECAY_MS_OFFSET,
  DELAY_COUNT_OFFSET,
  DELAYS_OFFSET,
  DETECTOR_CONSECUTIVE,
  DETECTOR_COUNT_WINDOW,
  DETECTOR_TIME_WINDOW,
  DETECTORS_OFFSET,
  HUNG_BUCKETS_OFFSET,
  LEASE_OFFSET,
  LEASE_SIZE,
  LEASES_OFFSET,
  MAXIMUM_SLOW_RATE_OFFSET,
  RAMP_STEP_MS_OFFSET,
  RAMP_STEPS_OFFSET,
  REGISTRY_OFFSET,
  SHAPE_OFFSET,
  SHARED_STRIPES_OFFSET,
  SLOW_CALL_MS_OFFSET,
  STRIPE_COUNT_OFFSET,
  STRIPE_SIZE_OFFSET,
  STRIPES_OFFSET,
} from "../../assembly/layout.ts";
import {
  type DetectorRule,
  decodePolicy,
  encodePolicy,
  type Policy,
  shapeOf,
} from "../../src/core/policy.ts";

const PLAIN: Policy = {
  detector: [],
  startMode: 0,
  delaysMs: [10, 20],
  jitter: 1,
  decayMs: 5,
  probes: 1,
  successesToClose: 2,
  probeTimeoutMs: 30,
};
const RATES = { requiredSuccessRate: 0.8, minimumCalls: 20 };
const TIME: DetectorRule = { ...RATES, kind: "success_rate_over_time_window", windowMs: 10_000, buckets: 10 };
const COUNT: DetectorRule = { ...RATES, kind: "success_rate_over_count_window", calls: 100 };
const CONSECUTIVE: DetectorRule = { kind: "consecutive_failures", failures: 7 };
const FULL: Policy = {
  ...PLAIN,
  detector: [
    { ...TIME, slowCallMs: 5, maximumSlowRate: 0.25, hungAfterMs: 2_500 },
    { ...COUNT, slowCallMs: 6, maximumSlowRate: 0.75 },
    CONSECUTIVE,
  ],
  startMode: 3,
  probes: 4,
  ramp: { shares: [0.1, 0.5], stepMs: 70 },
};

/** A policy in memory of its own, at that address. */
function placed(policy: Policy, { stripes = 1, shared = false, address = 0 } = {}) {
  const shape = shapeOf(policy, stripes, shared);
  const encoded = encodePolicy(policy, shape, stripes, 128, 4_096);
  const u32 = new Uint32Array(address / 4 + encoded.length);
  u32.set(encoded, address / 4);
  const f64 = new Float64Array(u32.buffer);
  const word = (offset: number) => u32[(address + offset) / 4];
  const number = (offset: number) => f64[(address + offset) / 8];
  return { u32, f64, shape, word, number };
}

describe("a policy in memory", () => {
  it.each([
    ["none", [], 0],
    ["a time window", [TIME], DETECTOR_TIME_WINDOW],
    ["a count window", [COUNT], DETECTOR_COUNT_WINDOW],
    ["failures in a row", [CONSECUTIVE], DETECTOR_CONSECUTIVE],
    ["all three", [CONSECUTIVE, COUNT, TIME], 7],
  ] as const)("has a bit for each detector: %s", (_, detector, bits) => {
    expect(placed({ ...PLAIN, detector }).word(DETECTORS_OFFSET)).toBe(bits);
  });

  it("has the address of its registry and of its shape", () => {
    const { word } = placed(FULL);
    expect([word(REGISTRY_OFFSET), word(SHAPE_OFFSET)]).toEqual([128, 4_096]);
  });

  it("has the shape of its breakers, and a count window only with its detector", () => {
    const { word, shape } = placed(FULL, { stripes: 3, shared: true });
    expect([word(STRIPE_SIZE_OFFSET), word(STRIPE_COUNT_OFFSET), word(LEASES_OFFSET)]).toEqual([
      shape.stripeSize,
      3,
      shape.leasesOffset,
    ]);
    expect(word(COUNT_WINDOW_OFFSET)).toBe(shape.countWindowOffset);
    expect(placed({ ...FULL, detector: [TIME] }).word(COUNT_WINDOW_OFFSET)).toBe(0);
  });

  it("has limits that nothing exceeds where no call is slow", () => {
    const { number } = placed({ ...PLAIN, detector: [TIME, COUNT] });
    expect([SLOW_CALL_MS_OFFSET, COUNT_SLOW_CALL_MS_OFFSET].map(number)).toEqual([Infinity, Infinity]);
    expect([MAXIMUM_SLOW_RATE_OFFSET, COUNT_MAXIMUM_SLOW_RATE_OFFSET].map(number)).toEqual([1, 1]);
  });

  it("has its delays, and the shares of its ramp behind them", () => {
    const { word, number } = placed(FULL);
    expect([word(DELAY_COUNT_OFFSET), number(RAMP_STEPS_OFFSET), number(RAMP_STEP_MS_OFFSET)]).toEqual([
      2, 2, 70,
    ]);
    expect([0, 8, 16, 24].map((offset) => number(DELAYS_OFFSET + offset))).toEqual([10, 20, 0.1, 0.5]);
    expect(number(DECAY_MS_OFFSET)).toBe(5);
  });

  it.each([
    [undefined, 10, 0],
    [1, 10, 2],
    [1_000, 10, 2],
    [1_000.5, 10, 3],
    [8_000, 10, 9],
    [10_000 - 2 * (10_000 / 3), 3, 2],
  ])(
    "of which calls are hung after %s ms of %s buckets compares with %s buckets",
    (hungAfterMs, buckets, hung) => {
      const rule = { ...TIME, buckets, ...(hungAfterMs !== undefined && { hungAfterMs }) };
      const { number } = placed({ ...PLAIN, detector: [rule] });
      expect(number(HUNG_BUCKETS_OFFSET)).toBe(hung);
      expect(number(BUCKET_MS_OFFSET)).toBe(10_000 / buckets);
    },
  );

  it("is the same memory for the same policy", () => {
    expect(placed(FULL).u32).toEqual(placed(structuredClone(FULL)).u32);
  });
});

describe("a policy that was placed", () => {
  it.each([
    ["plain", PLAIN],
    ["full", FULL],
    ["without slow and hung calls", { ...PLAIN, detector: [TIME, COUNT] }],
    [
      "with a window that buckets do not divide",
      { ...PLAIN, detector: [{ ...TIME, windowMs: 0.1 + 0.2 + 2, buckets: 3 }] },
    ],
    ["with an odd window", { ...PLAIN, detector: [{ ...TIME, windowMs: 7.7, buckets: 7 }] }],
  ] as const)("reads as it was: %s", (_, policy) => {
    for (const address of [0, 64]) {
      const { u32, f64 } = placed(policy, { address });
      const { detector, ...rest } = decodePolicy({ u32, f64 }, address);
      expect(rest).toEqual({ ...policy, detector: undefined });
      detector.forEach((rule, index) => {
        const { windowMs, ...numbers } = rule;
        const { windowMs: wanted, ...expected } = policy.detector[index]!;
        expect(numbers).toEqual(expected);
        if (wanted !== undefined) expect(windowMs).toBeCloseTo(wanted, 12);
      });
      expect(detector).toHaveLength(policy.detector.length);
    }
  });

  it("becomes the same memory again", () => {
    for (const windowMs of [1, 7.7, 10_000, 1e5 / 3, 86_400_000]) {
      const policy = { ...FULL, detector: [{ ...TIME, windowMs, buckets: 7 }] };
      const first = placed(policy);
      expect(placed(decodePolicy(first, 0)).u32).toEqual(first.u32);
    }
  });
});

describe("the shape of a breaker", () => {
  it("in one thread has its stripe behind the control block, and no gaps", () => {
    expect(shapeOf({ ...PLAIN, detector: [TIME] }, 1, false)).toEqual({
      stripesOffset: STRIPES_OFFSET,
      stripeSize: BUCKETS_OFFSET + 10 * BUCKET_SIZE,
      leasesOffset: LEASE_OFFSET,
      countWindowOffset: STRIPES_OFFSET + BUCKETS_OFFSET + 10 * BUCKET_SIZE,
      size: 320,
    });
  });

  it("of several threads has each stripe on cache lines of its own", () => {
    const { stripesOffset, stripeSize } = shapeOf({ ...PLAIN, detector: [TIME] }, 3, true);
    expect(stripesOffset).toBe(SHARED_STRIPES_OFFSET);
    expect((stripesOffset + BREAKER_REMAINDER) % CACHE_LINE_SIZE).toBe(0);
    expect(stripeSize % CACHE_LINE_SIZE).toBe(0);
  });

  it("has leases behind the stripes if there are several, and the count window behind these", () => {
    const one = shapeOf({ ...PLAIN, detector: [COUNT] }, 1, false);
    const many = shapeOf({ ...PLAIN, probes: 5, detector: [COUNT] }, 1, false);
    expect([one.leasesOffset, many.leasesOffset]).toEqual([LEASE_OFFSET, one.countWindowOffset]);
    expect(many.countWindowOffset).toBe(one.countWindowOffset + 5 * LEASE_SIZE);
  });

  it("differs with the number of leases, also without a count window", () => {
    const shapes = [2, 3, 4].map((probes) => JSON.stringify(shapeOf({ ...PLAIN, probes }, 1, false)));
    expect(new Set(shapes).size).toBe(3);
  });

  it.each([
    [1, 1],
    [16, 1],
    [17, 2],
    [32, 2],
    [33, 4],
    [10_000, 1_024],
  ])("has a ring for %i calls of %i words", (calls, words) => {
    const { size, countWindowOffset } = shapeOf({ ...PLAIN, detector: [{ ...COUNT, calls }] }, 1, false);
    const bytes = countWindowOffset + COUNT_RING_OFFSET + words * COUNT_WORD_SIZE;
    expect(size).toBe(Math.ceil(bytes / CACHE_LINE_SIZE) * CACHE_LINE_SIZE);
  });
});
