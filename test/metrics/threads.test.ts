import { describe, expect, it } from "vitest";
import { evictIdle } from "../../src/entry/main.ts";
import { metricsText } from "../../src/entry/metrics.ts";
import { attachRegistry, createSharedRegistry } from "../../src/entry/threads.ts";
import { manualClock } from "../../src/features/testing.ts";
import { valuesOf } from "./exposition.ts";

/** Two threads of one registry: the metrics are those of the first. */
function setUp() {
  const clock = manualClock();
  const shared = createSharedRegistry({ threads: 2, clock, seed: 1 });
  const other = attachRegistry(shared.handle(), { clock });
  return { clock, shared, other };
}

const OPTIONS = { maximumSeries: 100 };

/** All successes that are shown. */
function shownSuccesses(text: string): number {
  const calls = Object.entries(valuesOf(text, "_calls_total"));
  return calls.reduce((sum, [key, count]) => sum + (key.endsWith("success") ? count : 0), 0);
}

describe("metrics of a registry that threads share", () => {
  it("have the calls and transitions of all threads", () => {
    const { clock, shared, other } = setUp();
    metricsText(shared);
    shared.get("a").executeSync(() => 1);
    other.get("a").executeSync(() => 1);
    other.get("a").trip();
    metricsText(shared);
    clock.advance(500);
    const text = metricsText(shared);
    expect(valuesOf(text, "_calls_total")["a success"]).toBe(2);
    expect(valuesOf(text, "_transitions_total")).toEqual({ "a open tripped": 1 });
    expect(valuesOf(text, "_open_seconds_total")).toEqual({ a: 0.5 });
  });

  it("fall nowhere when another thread frees breakers, and count on from the next text", () => {
    const { clock, shared, other } = setUp();
    for (let n = 0; n < 30; n++) {
      const breaker = other.get(`host ${n}`);
      breaker.onSuccess(breaker.tryAcquire(), undefined, undefined, 10);
    }
    expect(shownSuccesses(metricsText(shared, OPTIONS))).toBe(300);
    clock.advance(60_000);
    evictIdle(other);
    const first = metricsText(shared, OPTIONS);
    const rest = valuesOf(first, "_calls_total")["* success"]!;
    expect(rest).toBeGreaterThan(200);
    const second = metricsText(shared, OPTIONS);
    expect(valuesOf(second, "_calls_total")).toEqual({ "* success": rest, "* failure": 0 });
    for (let n = 0; n < 30; n++) other.get(`host ${n}`).executeSync(() => 1);
    // Names that come back go on where they stopped: nothing was lost, since no call came between the last text and the end.
    expect(shownSuccesses(metricsText(shared, OPTIONS))).toBe(330);
  });

  it("end the open time of a breaker that another thread deletes", () => {
    const { clock, shared, other } = setUp();
    shared.get("a").executeSync(() => 1);
    metricsText(shared);
    other.get("a").trip(undefined, 86_400_000);
    metricsText(shared);
    clock.advance(300);
    other.delete("a");
    metricsText(shared);
    clock.advance(5_000);
    const open = valuesOf(metricsText(shared), "_open_seconds_total");
    expect(open).toEqual({ "*": 0.3 });
  });
});
