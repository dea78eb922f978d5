import { describe, expect, it } from "vitest";
import { FLAVOURS } from "../flavours.ts";
import { fail, stage, stageOpen, succeed } from "./scene.ts";

describe.each(FLAVOURS)("a ticket ($name)", (flavour) => {
  it("is the generation and a slot: 0 for a call, from 1 for probes", () => {
    const { breaker } = stageOpen(flavour, { halfOpen: { probes: 2 } });
    expect(breaker.tryAcquire(100)).toBe((3 << 8) | 1);
    expect(breaker.tryAcquire(100)).toBe((3 << 8) | 2);
    breaker.reset(100);
    expect(breaker.tryAcquire(100)).toBe(4 << 8);
  });

  it("may be lost: nothing is counted, nothing waits for it", () => {
    const { breaker } = stage(flavour);
    for (let i = 0; i < 1_000; i++) breaker.tryAcquire(0);
    expect(breaker.snapshot(0)).toMatchObject({ consecutiveFailures: 0, refused: 0 });
  });

  it("of an earlier generation is late and changes nothing, in any state", () => {
    const { breaker, events } = stage(flavour);
    const old = breaker.tryAcquire(0);
    fail(breaker, 0, 2);
    breaker.onFailure(old, 0);
    const probe = breaker.tryAcquire(100);
    breaker.onSuccess(old, 100);
    breaker.onFailure(old, 100);
    expect(breaker.state).toBe("half_open");
    breaker.onSuccess(probe, 100);
    breaker.onFailure(old, 100, undefined, 1_000);
    breaker.onFailure(probe, 100);
    expect(breaker.snapshot(100)).toMatchObject({ state: "closed", late: 5, consecutiveFailures: 0 });
    expect(events).toHaveLength(3);
  });

  it("of an earlier generation that is released is not late", () => {
    const { breaker } = stage(flavour);
    const old = breaker.tryAcquire(0);
    fail(breaker, 0, 2);
    breaker.release(old, 0);
    const probe = breaker.tryAcquire(100);
    breaker.release(old, 100);
    breaker.release(probe, 100);
    breaker.release(probe, 100);
    expect(breaker.snapshot(100)).toMatchObject({ state: "half_open", late: 0 });
  });

  it("stays below 2^31 and above 0 when the generations start again", () => {
    const detector = { kind: "consecutive_failures", failures: 2 } as const;
    const breaker = flavour.createRegistry().get("endpoint", { detector }); // millions of events, nobody listens
    const first = breaker.tryAcquire(0);
    for (let generation = 1; generation < 4_194_303; generation++) breaker.reset(0);
    expect(breaker.tryAcquire(0)).toBe(4_194_303 * 256);
    fail(breaker, 0);
    breaker.reset(0);
    expect(breaker.snapshot(0)).toMatchObject({ generation: 1, consecutiveFailures: 0 });
    expect(breaker.tryAcquire(0)).toBe(first);
    succeed(breaker, 0);
    fail(breaker, 0, 2);
    expect(breaker.snapshot(0)).toMatchObject({ state: "open", generation: 2 });
  });
});
