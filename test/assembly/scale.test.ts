import { describe, expect, it } from "vitest";
import {
  configure,
  createBatch,
  exportState,
  importState,
  reportBatch,
  SUCCESS,
} from "../../src/entry/main.ts";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker } from "./fixture.ts";

const HOUR = 3_600_000;
const MILLION = 1_000_000;

/** Opens below 80 % of an hour. */
const OVER_AN_HOUR = {
  detector: { kind: "success_rate_over_time_window", windowMs: HOUR, buckets: 60, minimumCalls: 20 },
} as const;

describe.each(ALL_FLAVOURS)("counts at the edge of their width, in the $name core,", (flavour) => {
  /** Seconds of an outage after an hour without one until it opens, at so many million calls a second. */
  function secondsToOpen(millions: number, seconds = 3_600): number {
    const { breaker } = createBreaker(flavour, OVER_AN_HOUR);
    const ticket = breaker.tryAcquire(0);
    for (let second = 0; second < seconds; second++) {
      for (let n = 0; n < millions; n++) breaker.onSuccess(ticket, second * 1_000, undefined, MILLION);
    }
    for (let second = seconds; second < 2 * seconds; second++) {
      for (let n = 0; n < millions; n++) breaker.onFailure(ticket, second * 1_000, undefined, MILLION);
      if (breaker.state === "open") return second - seconds + 1;
    }
    return Number.POSITIVE_INFINITY;
  }

  it("give the verdict of smaller counts: an outage after an hour opens as soon at 4 million calls a second", () => {
    const few = secondsToOpen(1, 900); // 900 million calls fit
    expect(few).toBe(226);
    expect(secondsToOpen(4, 900)).toBe(few);
  });

  it("are exact to a small part when they were halved several times, and exact again when they have expired", () => {
    const { breaker } = createBreaker(flavour, OVER_AN_HOUR);
    const ticket = breaker.tryAcquire(0);
    for (let n = 0; n < 4_000; n++) {
      breaker.onSuccess(ticket, n, undefined, 900_001);
      breaker.onFailure(ticket, n, undefined, 100_003);
      if (n % 2 === 0) breaker.onSuccess(ticket, n, 5, 7);
    }
    const { calls, failures, successRate } = breaker.snapshot(4_000);
    expect(calls / (4_000 * 1_000_004 + 2_000 * 7)).toBeCloseTo(1, 6);
    expect(failures / (4_000 * 100_003)).toBeCloseTo(1, 6);
    expect(successRate).toBeCloseTo(1 - 100_003 / 1_000_007.5, 6);
    breaker.onFailure(ticket, 2 * HOUR);
    expect(breaker.snapshot(2 * HOUR)).toMatchObject({ calls: 1, failures: 1 });
  });

  it("count every call by units: single ones are not lost", () => {
    const { breaker } = createBreaker(flavour, OVER_AN_HOUR);
    const ticket = breaker.tryAcquire(0);
    for (let n = 0; n < 2_500; n++) breaker.onSuccess(ticket, 0, undefined, MILLION);
    for (let n = 0; n < 1_000; n++) breaker.onFailure(ticket, 0);
    expect(Math.abs(breaker.snapshot(0).failures - 1_000)).toBeLessThan(8);
  });

  it("survive an export, a configuration that moves the breaker, and a batch", () => {
    const { breaker } = createBreaker(flavour, OVER_AN_HOUR);
    const ticket = breaker.tryAcquire(0);
    for (let n = 0; n < 3_000; n++) breaker.onSuccess(ticket, 0, undefined, MILLION);
    for (let n = 0; n < 400; n++) breaker.onFailure(ticket, 0, undefined, MILLION);
    const { successRate } = breaker.snapshot(0);
    configure(breaker, { halfOpen: { probes: 7 } }, { nowMs: 0 });
    expect(breaker.snapshot(0)).toMatchObject({ calls: 3_400 * MILLION, failures: 400 * MILLION });
    const registry = flavour.createRegistry({ clock: () => 0 });
    importState(registry, JSON.parse(JSON.stringify(exportState(breaker, 0))), 0);
    const copy = registry.get("endpoint");
    expect(copy.snapshot(0).successRate).toBeCloseTo(successRate!, 6);
    const batch = createBatch(registry, 1);
    batch.breakers[0] = copy.id;
    batch.outcomes[0] = SUCCESS;
    batch.weights[0] = MILLION;
    for (let n = 0; n < 2_000; n++) reportBatch(batch, 1, 0);
    expect(copy.snapshot(0).successRate).toBeGreaterThan(successRate!);
  });
});
