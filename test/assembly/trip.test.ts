import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, createOpenBreaker, fail } from "./fixture.ts";

describe.each(ALL_FLAVOURS)("a breaker that is tripped ($name)", (flavour) => {
  it("opens as by a verdict, and heals by itself", () => {
    const { breaker, events } = createBreaker(flavour);
    const ticket = breaker.tryAcquire(0);
    breaker.trip(10);
    expect(events).toMatchObject([
      {
        kind: "opened",
        from: "closed",
        cause: "tripped",
        atMs: 10,
        calls: 0,
        level: 1,
        delayMs: 100,
        retryAtMs: 110,
      },
    ]);
    expect(breaker.snapshot(10).opened).toMatchObject({ cause: "tripped", atMs: 10 });
    breaker.onSuccess(ticket, 11);
    expect(breaker.snapshot(11).late).toBe(1);
    expect(breaker.tryAcquire(109)).toBe(0);
    breaker.onSuccess(breaker.tryAcquire(110), 111);
    expect(breaker.state).toBe("closed");
    breaker.trip(112);
    expect(events.at(-1)).toMatchObject({ level: 2, delayMs: 200 });
  });

  it("stays open for at least as long as it is told", () => {
    const { breaker, events } = createBreaker(flavour);
    breaker.trip(0, 5_000);
    expect(events.at(-1)).toMatchObject({ delayMs: 5_000, retryAtMs: 5_000 });
    const short = createBreaker(flavour);
    short.breaker.trip(0, 5);
    expect(short.events.at(-1)).toMatchObject({ delayMs: 100, retryAtMs: 100 });
  });

  it("stays open for longer if it is open, without an event", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    breaker.trip(50);
    expect(breaker.retryAfterMs(50)).toBe(50);
    breaker.trip(50, 500);
    expect(breaker.retryAfterMs(50)).toBe(500);
    expect(events).toHaveLength(1);
  });

  it("opens once more if its delay has ended, at the next level", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    breaker.trip(100);
    expect(events.map(({ kind }) => kind)).toEqual(["opened", "half_opened", "opened"]);
    expect(events.at(-1)).toMatchObject({ from: "half_open", cause: "tripped", level: 2, retryAtMs: 300 });
  });

  it("ends its probes and its ramp", () => {
    const { breaker, events } = createOpenBreaker(flavour, {
      halfOpen: {
        probes: 1,
        successesToClose: 1,
        probeTimeoutMs: 50,
        ramp: { shares: [0.5], stepMs: 1_000 },
      },
    });
    breaker.onSuccess(breaker.tryAcquire(100), 100);
    expect(breaker.snapshot(100).share).toBe(0.5);
    breaker.trip(200);
    expect(events.at(-1)).toMatchObject({ kind: "opened", from: "half_open", cause: "tripped" });
    const probe = breaker.tryAcquire(400);
    breaker.trip(401);
    breaker.onSuccess(probe, 402);
    expect(breaker.snapshot(402)).toMatchObject({ state: "open", late: 1 });
  });

  it("writes in shadow mode that it would have opened, and refuses nothing", () => {
    const { breaker, events } = createBreaker(flavour, { mode: "shadow" });
    breaker.trip(0);
    expect(events.at(-1)).toMatchObject({ kind: "opened", cause: "tripped", mode: "shadow" });
    expect(breaker.tryAcquire(0)).toBeGreaterThan(0);
  });

  it.each(["disabled", "forced_open"] as const)("stays as it is while %s", (mode) => {
    const { breaker, events } = createBreaker(flavour, { mode });
    const before = breaker.snapshot(0);
    breaker.trip(0, 1_000);
    expect(breaker.snapshot(0)).toEqual(before);
    expect(events).toEqual([]);
  });

  it("draws its jitter as a verdict does", () => {
    const options = { backoff: { kind: "steps", delaysMs: [1_000], jitter: "full" } } as const;
    const [one, other] = [createBreaker(flavour, options, 7), createBreaker(flavour, options, 7)];
    one.breaker.trip(0);
    fail(other.breaker, 0, 2);
    expect(one.events.at(-1)?.delayMs).toBe(other.events.at(-1)?.delayMs);
  });

  it("refuses a time or a length that is none, and changes nothing", () => {
    const { breaker, events } = createBreaker(flavour);
    for (const bad of [Number.NaN, -1, 86_400_001]) expect(() => breaker.trip(0, bad)).toThrow(RangeError);
    expect(() => breaker.trip(-1)).toThrow(RangeError);
    expect(events).toEqual([]);
  });
});
