import { describe, expect, it } from "vitest";
import type { CircuitBreakerOptions } from "../../src/entry/main.ts";
import { ALL_FLAVOURS, type Flavour } from "../flavours.ts";
import { delayOf, exponentialDelays } from "../model/backoff.ts";
import type { JitterKind } from "../model/options.ts";
import { RandomModel } from "../model/random.ts";
import { type Breaker, createBreaker, createOpenBreaker, fail, succeed } from "./fixture.ts";

/** The delays of so many openings in a row: each probe fails at once. */
function openings(
  flavour: Flavour,
  backoff: CircuitBreakerOptions["backoff"],
  count: number,
  seed = 0,
): number[] {
  const { breaker, events } = createBreaker(flavour, backoff === undefined ? {} : { backoff }, seed);
  fail(breaker, 0, 2);
  for (let level = 1; level < count; level++) fail(breaker, events.at(-1)?.retryAtMs ?? 0);
  return events.filter(({ kind }) => kind === "opened").map(({ delayMs }) => delayMs);
}

describe.each(ALL_FLAVOURS)("a backoff ($name)", (flavour) => {
  it("is the same each time when it is constant", () => {
    expect(openings(flavour, { kind: "constant", delayMs: 77.5 }, 4)).toEqual([77.5, 77.5, 77.5, 77.5]);
  });

  it("doubles up to five seconds unless told otherwise", () => {
    const delays = openings(flavour, { kind: "exponential", jitter: "none" }, 6);
    expect(delays).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  it("grows by any factor and ends with the maximum", () => {
    const backoff = {
      kind: "exponential",
      initialMs: 1.5,
      factor: 1.7,
      maximumMs: 1_000,
      jitter: "none",
    } as const;
    const delays = exponentialDelays(1.5, 1.7, 1_000);
    expect(openings(flavour, backoff, delays.length + 1)).toEqual([...delays, 1_000]);
  });

  it("goes through steps and repeats the last", () => {
    expect(openings(flavour, { kind: "steps", delaysMs: [5, 500, 50] }, 5)).toEqual([5, 500, 50, 50, 50]);
  });

  it.each<JitterKind>(["equal", "full", "decorrelated"])(
    "is scattered the same for the same seed: %s",
    (jitter) => {
      const delaysMs = [100, 300, 900, 2_700];
      const delays = openings(flavour, { kind: "steps", delaysMs, jitter }, 50, 42);
      const random = new RandomModel(42n);
      let previousMs = 0;
      for (const [level, delay] of delays.entries()) {
        previousMs = delayOf(delaysMs, jitter, level, previousMs, random);
        expect(delay).toBe(previousMs);
      }
    },
  );

  it("uses all 53 bits of a seed", () => {
    const full = { kind: "constant", delayMs: 1_000, jitter: "full" } as const;
    const seed = Number.MAX_SAFE_INTEGER;
    expect(openings(flavour, full, 1, seed)).toEqual([new RandomModel(BigInt(seed)).unit() * 1_000]);
  });
});

describe.each(ALL_FLAVOURS)("the level of a backoff ($name)", (flavour) => {
  const closeAt = (breaker: Breaker, nowMs: number) => {
    fail(breaker, 100);
    succeed(breaker, nowMs);
  };

  it("is not lowered by closing alone: a flapping endpoint waits longer each time", () => {
    const { breaker, events } = createOpenBreaker(flavour, {
      backoff: { kind: "steps", delaysMs: [100, 200, 400, 800] },
    });
    for (let round = 0; round < 3; round++) {
      const nowMs = events.at(-1)?.retryAtMs ?? 0;
      succeed(breaker, nowMs);
      fail(breaker, nowMs, 2);
    }
    const delays = events.filter(({ kind }) => kind === "opened").map(({ delayMs }) => delayMs);
    expect(delays).toEqual([100, 200, 400, 800]);
  });

  it("falls by one for each decay time of staying closed, and no further than 0", () => {
    const { breaker } = createOpenBreaker(flavour);
    closeAt(breaker, 300);
    expect(breaker.snapshot(1_299).level).toBe(2);
    expect(breaker.snapshot(1_300).level).toBe(1);
    expect(breaker.snapshot(2_300).level).toBe(0);
    expect(breaker.snapshot(9_999_999).level).toBe(0);
    fail(breaker, 1_300, 2);
    expect(breaker.snapshot(1_300)).toMatchObject({ level: 2, retryAfterMs: 200 });
  });

  it("does not fall while the breaker is open or half-open", () => {
    const { breaker } = createOpenBreaker(flavour, { halfOpen: { probes: 1, probeTimeoutMs: 86_400_000 } });
    expect(breaker.snapshot(3_600_000).level).toBe(1);
    const probe = breaker.tryAcquire(3_600_000);
    breaker.onFailure(probe, 7_200_000);
    expect(breaker.snapshot(7_200_000)).toMatchObject({ level: 2, retryAfterMs: 200 });
  });

  it("starts over at closing when there is no decay time", () => {
    const { breaker } = createOpenBreaker(flavour, { decayMs: 0 });
    closeAt(breaker, 300);
    expect(breaker.snapshot(300).level).toBe(0);
    fail(breaker, 300, 2);
    expect(breaker.retryAfterMs(300)).toBe(100);
  });
});
