import { describe, expect, it } from "vitest";
import { GENERATION_SHIFT, WORD_OFFSET } from "../../assembly/layout.ts";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, createOpenBreaker, fail, succeed } from "./fixture.ts";

describe.each(ALL_FLAVOURS)("a ticket ($name)", (flavour) => {
  it("is the generation and a slot: 0 for a call, from 1 for probes", () => {
    const { breaker } = createOpenBreaker(flavour, { halfOpen: { probes: 2 } });
    expect(breaker.tryAcquire(100)).toBe((3 << 8) | 1);
    expect(breaker.tryAcquire(100)).toBe((3 << 8) | 2);
    breaker.reset(100);
    expect(breaker.tryAcquire(100)).toBe(4 << 8);
  });

  it("may be lost: nothing is counted, nothing waits for it", () => {
    const { breaker } = createBreaker(flavour);
    for (let i = 0; i < 1_000; i++) breaker.tryAcquire(0);
    expect(breaker.snapshot(0)).toMatchObject({ consecutiveFailures: 0, refused: 0 });
  });

  it("of an earlier generation is late and changes nothing, in any state", () => {
    const { breaker, events } = createBreaker(flavour);
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
    expect(breaker.snapshot(100)).toMatchObject({ state: "closed", late: 1_004, consecutiveFailures: 0 });
    expect(events).toHaveLength(3);
  });

  it("of an earlier generation that is released is not late", () => {
    const { breaker } = createBreaker(flavour);
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
    const { breaker } = createBreaker(flavour, { detector });
    // Near the end of all generations, as after some millions of resets.
    breaker._memory.u32[(breaker.id + WORD_OFFSET) >>> 2] = 4_194_302 << GENERATION_SHIFT;
    breaker.reset(0);
    expect(breaker.tryAcquire(0)).toBe(4_194_303 * 256);
    fail(breaker, 0);
    breaker.reset(0);
    expect(breaker.snapshot(0)).toMatchObject({ generation: 1, consecutiveFailures: 0 });
    expect(breaker.tryAcquire(0)).toBe(256);
    succeed(breaker, 0);
    fail(breaker, 0, 2);
    expect(breaker.snapshot(0)).toMatchObject({ state: "open", generation: 2 });
  });
});
