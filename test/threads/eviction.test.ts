import { describe, expect, it } from "vitest";
import { evictIdle } from "../../src/features/index.ts";
import { BreakerModel } from "../model/breaker.ts";
import type { ModelOptions } from "../model/options.ts";
import { RandomModel } from "../model/random.ts";
import { ALL_FLAVOURS } from "./all-flavours.ts";
import { generatorOf } from "./random.ts";

const WINDOW = { requiredSuccessRate: 0.5, minimumCalls: 3, maximumSlowRate: 1 };
const MODEL: ModelOptions = {
  timeWindow: { ...WINDOW, slowCallMs: Number.POSITIVE_INFINITY, windowMs: 100, buckets: 4 },
  consecutiveFailures: 4,
  delaysMs: [50, 100, 200],
  jitter: "none",
  decayMs: 80,
  probes: 1,
  successesToClose: 1,
  probeTimeoutMs: 60,
  mode: "enabled",
};
const defaults = {
  detector: [
    {
      kind: "success_rate_over_time_window",
      requiredSuccessRate: 0.5,
      minimumCalls: 3,
      windowMs: 100,
      buckets: 4,
    },
    { kind: "consecutive_failures", failures: 4 },
  ],
  backoff: { kind: "steps", delaysMs: [50, 100, 200] },
  decayMs: 80,
  halfOpen: { probeTimeoutMs: 60 },
} as const;

describe.each(ALL_FLAVOURS)("evicting what is idle ($name)", ({ createRegistry }) => {
  it.each([1, 2, 3, 4])("changes nothing that a caller sees (seed %i)", (seed) => {
    const registry = createRegistry({ defaults, seed });
    const random = new RandomModel(BigInt(seed));
    const held = Array.from({ length: 6 }, (_, n) => registry.get(`endpoint ${n}`));
    const models = held.map(() => new BreakerModel(MODEL, random));
    const next = generatorOf(seed);
    let now = 1_000;
    let evicted = 0;
    for (let step = 0; step < 5_000; step++) {
      now += [0, 1, 5, 20, 60, 400][next(6)]!;
      if (next(3) === 0) evicted += evictIdle(registry, now);
      const n = next(held.length);
      // Through the object from the start, or through one that was got just now.
      const breaker = next(2) === 0 ? held[n]! : registry.get(`endpoint ${n}`);
      const model = models[n]!;
      const [ticket, expected] = [breaker.tryAcquire(now), model.tryAcquire(now)];
      expect(ticket > 0).toBe(expected > 0);
      if (ticket > 0) {
        const failed = next(100) < 60;
        if (failed) breaker.onFailure(ticket, now);
        else breaker.onSuccess(ticket, now);
        model.report(expected, failed ? "failure" : "success", now);
      }
      expect(lastingPart(breaker.snapshot(now))).toEqual(lastingPart(model.snapshot(now)));
    }
    expect(evicted).toBeGreaterThan(100);
  });

  it("frees no breaker that differs from a new one", () => {
    const registry = createRegistry({ defaults });
    const fail = (name: string, now: number) => {
      const breaker = registry.get(name);
      breaker.onFailure(breaker.tryAcquire(now), now);
    };
    for (let call = 0; call < 3; call++) fail("open", 1_000);
    fail("has calls in its window", 1_000);
    registry.get("is listened to").on("opened", () => {});
    registry.get("has other options", { decayMs: 1 });
    registry.get("disabled").disable(1_000);
    registry.get("forced open").forceOpen(1_000);
    registry.get("shadow").shadow(1_000);
    registry.get("idle");
    expect(evictIdle(registry, 1_000)).toBe(1);
    expect(registry.has("idle")).toBe(false);
    expect(registry.size).toBe(7);
    // Half-open at level 1, and later closed: goes when its level is 0 again and its window is empty.
    const open = registry.get("open");
    const probe = open.tryAcquire(1_050);
    expect(evictIdle(registry, 1_050)).toBe(0);
    open.onSuccess(probe, 1_050);
    expect(evictIdle(registry, 1_129)).toBe(0); // its level falls at 1,130
    expect(open.snapshot(1_129)).toMatchObject({ state: "closed", level: 1 });
    expect(evictIdle(registry, 1_130)).toBe(1);
    expect(evictIdle(registry, 9_999, { overridden: true })).toBe(1);
    expect([...registry].map(({ name }) => name).sort()).toEqual([
      "disabled",
      "forced open",
      "has calls in its window", // a streak does not end by time
      "is listened to",
      "shadow",
    ]);
  });

  it("counts no call twice and none of another breaker when memory is used again", () => {
    const registry = createRegistry({ defaults });
    const old = registry.get("old");
    const ticket = old.tryAcquire(1_000);
    const { id } = old;
    expect(evictIdle(registry, 2_000)).toBe(1);
    const next = registry.get("next");
    expect(next.id).toBe(id);
    old.onFailure(ticket, 2_000); // came too late: the block has another generation now
    expect(next.snapshot(2_000)).toMatchObject({ calls: 0, failures: 0 });
    old.onFailure(old.tryAcquire(2_000), 2_000);
    expect(old.id).not.toBe(id);
    expect(next.snapshot(2_000).failures).toBe(0);
    expect(registry.peek("old")?.snapshot(2_000).failures).toBe(1);
  });

  it("emits events by the right name after memory was used again", () => {
    const registry = createRegistry({ defaults });
    const received: string[] = [];
    registry.on("opened", ({ endpoint }) => received.push(endpoint));
    for (let round = 0; round < 3; round++) {
      const breaker = registry.get(`endpoint ${round}`);
      for (let call = 0; call < 3; call++) breaker.onFailure(breaker.tryAcquire(1_000), 1_000);
      registry.delete(`endpoint ${round}`);
    }
    expect(received).toEqual(["endpoint 0", "endpoint 1", "endpoint 2"]);
  });

  it("emits the events of a breaker also after hundreds of thousands of them", () => {
    const registry = createRegistry({ defaults });
    registry.get("before").reset(1_000);
    registry.delete("before");
    const breaker = registry.get("a");
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 300_000; n++) breaker.reset(1_000);
      const received: number[] = [];
      const off = registry.on("reset", ({ generation }) => received.push(generation));
      breaker.reset(1_000);
      off();
      expect(received).toEqual([breaker.snapshot(1_000).generation]);
    }
  });

  it("checks its options", () => {
    const registry = createRegistry();
    expect(() => evictIdle(registry, 1, { all: true } as never)).toThrow(
      /unknown option "all"; expected one of overridden/,
    );
    expect(() => evictIdle(registry, -1)).toThrow(RangeError);
  });
});

/** What of a snapshot outlives an eviction: all but the generation, the counters that only rise, and what the model has not. */
function lastingPart(
  snapshot: object & { readonly calls: number; readonly successRate?: number | undefined },
): object {
  const successRate = snapshot.calls > 0 ? snapshot.successRate : undefined;
  const hidden = { endpoint: 0, generation: 0, late: 0, refused: 0, totals: 0, opened: 0 };
  return { ...snapshot, ...hidden, successRate };
}
