import { beforeEach, describe, expect, it } from "vitest";
import {
  type CircuitBreaker,
  CircuitBreakerRegistry,
  isCallTimeoutError,
  isCircuitOpenError,
} from "../../src/entry/main.ts";
import { type ManualClock, manualClock, openByFailures } from "../../src/features/testing.ts";

let clock: ManualClock;
let breaker: CircuitBreaker;

beforeEach(() => {
  clock = manualClock();
  breaker = new CircuitBreakerRegistry({ clock, seed: 1 }).get("api", {
    detector: { kind: "consecutive_failures", failures: 2 },
  });
});

const fails = () => Promise.reject(new Error("down"));

describe("a fallback", () => {
  it("stands in for a failure and for a refusal, and is told which", async () => {
    const fallback = (error: unknown, refused: boolean) =>
      `${(error as Error).message.slice(0, 7)} ${refused}`;
    expect(await breaker.execute(fails, { fallback })).toBe("down false");
    openByFailures(breaker);
    expect(await breaker.execute(fails, { fallback })).toBe("circuit true");
  });

  it("can tell a refusal of its own breaker from one further down", async () => {
    const down = new CircuitBreakerRegistry({ clock }).get("down");
    down.forceOpen();
    const seen: boolean[] = [];
    const fallback = (error: unknown, refused: boolean) => {
      seen.push(isCircuitOpenError(error), refused);
      return 0;
    };
    await breaker.execute(() => down.execute(() => 1), { fallback });
    expect(seen).toEqual([true, false]);
  });

  it("may be asynchronous, and may fail: its error is the one that counts", async () => {
    expect(await breaker.execute(fails, { fallback: async () => "cached" })).toBe("cached");
    const broken = () => {
      throw new Error("no cache either");
    };
    await expect(breaker.execute(fails, { fallback: broken })).rejects.toThrow("no cache either");
    await expect(breaker.execute(fails, { fallback: broken })).rejects.toThrow("no cache either");
    expect(breaker.state).toBe("open");
  });

  it("stands in for a timeout", async () => {
    const hangs = () => new Promise<never>(() => {});
    const call = breaker.execute(hangs, { timeoutMs: 50, fallback: (error) => isCallTimeoutError(error) });
    await clock.advance(50);
    expect(await call).toBe(true);
  });

  it("is not asked about an error that is no failure, nor when the caller cancelled", async () => {
    const fallback = () => "no";
    await expect(breaker.execute(fails, { fallback, classify: () => "ignored" })).rejects.toThrow("down");
    const controller = new AbortController();
    const { signal } = controller;
    const call = breaker.execute(() => new Promise<never>(() => {}), { signal, fallback });
    controller.abort(new Error("gone"));
    await expect(call).rejects.toThrow("gone");
    await expect(breaker.execute(fails, { signal, fallback })).rejects.toThrow("gone");
  });

  it("changes nothing about what is counted", async () => {
    await breaker.execute(fails, { fallback: () => 1 });
    expect(breaker.snapshot().consecutiveFailures).toBe(1);
  });
});
