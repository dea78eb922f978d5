import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, createOpenBreaker, fail } from "./fixture.ts";

const NEVER = Number.POSITIVE_INFINITY;

describe.each(ALL_FLAVOURS)("a disabled breaker ($name)", (flavour) => {
  it("passes everything and counts nothing", () => {
    const { breaker, events } = createBreaker(flavour, { mode: "disabled" });
    fail(breaker, 0, 100);
    expect(breaker.snapshot(0)).toMatchObject({
      state: "closed",
      mode: "disabled",
      consecutiveFailures: 0,
      late: 0,
    });
    expect(events).toEqual([]);
  });

  it("counts a result of an earlier generation as late", () => {
    const { breaker } = createBreaker(flavour);
    const old = breaker.tryAcquire(0);
    breaker.disable(0);
    breaker.onFailure(old, 0);
    expect(breaker.snapshot(0).late).toBe(1);
  });

  it("starts closed and empty when it is enabled again, whatever it was before", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    breaker.disable(1);
    expect(breaker.tryAcquire(1)).toBe(3 << 8);
    breaker.enable(2);
    expect(breaker.snapshot(2)).toMatchObject({ state: "closed", level: 0, generation: 4 });
    fail(breaker, 2);
    expect(breaker.state).toBe("closed");
    expect(events.slice(1)).toMatchObject([
      { kind: "disabled", cause: "mode", from: "open", to: "closed", mode: "disabled", atMs: 1 },
      { kind: "enabled", cause: "mode", from: "closed", to: "closed", mode: "enabled", atMs: 2 },
    ]);
  });
});

describe.each(ALL_FLAVOURS)("a breaker that is forced open ($name)", (flavour) => {
  it("refuses for ever: no time heals it", () => {
    const { breaker, events } = createBreaker(flavour);
    breaker.forceOpen(0);
    expect(breaker.tryAcquire(1e12)).toBe(0);
    breaker.check(1e12);
    expect(breaker.snapshot(1e12)).toMatchObject({
      state: "open",
      mode: "forced_open",
      retryAfterMs: NEVER,
      refused: 1,
    });
    expect(events).toMatchObject([{ kind: "opened", cause: "mode", delayMs: NEVER, retryAtMs: NEVER }]);
  });

  it("stays so when it is reset, tripped, or held by a late failure", () => {
    const { breaker } = createBreaker(flavour, { mode: "forced_open" });
    breaker.reset(0);
    breaker.trip(5, 1);
    breaker.onFailure(256, 5, undefined, 1, 1);
    expect(breaker.retryAfterMs(6)).toBe(NEVER);
    expect(breaker.tryAcquire(6)).toBe(0);
  });

  it("starts closed, empty and at level 0 when it is enabled: one failure does not reopen it", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    fail(breaker, 100);
    breaker.forceOpen(101);
    breaker.enable(102);
    expect(events.at(-1)).toMatchObject({ kind: "closed", from: "open", to: "closed", level: 0 });
    fail(breaker, 102);
    expect(breaker.state).toBe("closed");
    fail(breaker, 102);
    expect(breaker.retryAfterMs(102)).toBe(100);
  });
});

describe.each(ALL_FLAVOURS)("a breaker in shadow mode ($name)", (flavour) => {
  it("refuses nothing, and reports what it would have done", () => {
    const { breaker, events } = createOpenBreaker(flavour, { mode: "shadow" });
    const unjudged = breaker.tryAcquire(1);
    expect(unjudged).toBe((2 << 8) | 255);
    expect(breaker.snapshot(1)).toMatchObject({
      state: "closed",
      mode: "shadow",
      refused: 1,
      retryAfterMs: 0,
    });
    const probe = breaker.tryAcquire(100);
    breaker.onFailure(probe, 100);
    expect(events).toMatchObject([
      { kind: "opened", mode: "shadow" },
      { kind: "half_opened", mode: "shadow" },
      { kind: "opened", mode: "shadow", cause: "probe_failed", delayMs: 200 },
    ]);
  });

  it("judges no call that it would have refused, now or later", () => {
    const { breaker, events } = createOpenBreaker(flavour, { mode: "shadow" });
    const unjudged = breaker.tryAcquire(1);
    breaker.onFailure(unjudged, 1);
    breaker.onSuccess(breaker.tryAcquire(100), 100);
    breaker.onFailure(unjudged, 100);
    breaker.release(unjudged, 100);
    expect(breaker.snapshot(100)).toMatchObject({ late: 0, consecutiveFailures: 0 });
    expect(events.at(-1)?.kind).toBe("closed");
  });

  it("marks the call that makes it open with the generation that it begins", () => {
    const { breaker } = createOpenBreaker(flavour, { mode: "shadow" });
    breaker.tryAcquire(100);
    expect(breaker.tryAcquire(150)).toBe((4 << 8) | 255);
  });
});

describe.each(ALL_FLAVOURS)("switching to the mode that it is in ($name)", (flavour) => {
  it("changes nothing", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    breaker.enable(5);
    expect(breaker.snapshot(5)).toMatchObject({ state: "open", generation: 2, level: 1 });
    expect(events).toHaveLength(1);
  });
});

describe.each(ALL_FLAVOURS)("a reset ($name)", (flavour) => {
  it("closes, empties and lowers the level to 0, but keeps what was late and refused", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    breaker.tryAcquire(0);
    breaker.onSuccess(1 << 8, 0);
    breaker.reset(7);
    expect(breaker.snapshot(7)).toMatchObject({
      state: "closed",
      level: 0,
      generation: 3,
      late: 1,
      refused: 1,
    });
    expect(events.at(-1)).toMatchObject({
      kind: "reset",
      cause: "reset",
      from: "open",
      to: "closed",
      atMs: 7,
    });
    fail(breaker, 7);
    expect(breaker.state).toBe("closed");
  });
});
