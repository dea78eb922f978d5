import { describe, expect, it } from "vitest";
import { ALL_FLAVOURS } from "../flavours.ts";
import { createBreaker, createOpenBreaker, fail, succeed } from "./fixture.ts";

describe.each(ALL_FLAVOURS)("an event ($name)", (flavour) => {
  it("has endpoint, states, cause, time, counts and delay", () => {
    const { breaker, events } = createOpenBreaker(flavour);
    succeed(breaker, 100);
    const common = { endpoint: "endpoint", mode: "enabled", slow: 0, lastError: undefined };
    const nothing = { ...common, calls: 0, failures: 0, successRate: undefined, delayMs: 0 };
    expect(events).toEqual([
      {
        ...common,
        kind: "opened",
        from: "closed",
        to: "open",
        cause: "consecutive_failures",
        atMs: 0,
        generation: 2,
        calls: 2,
        failures: 2,
        successRate: 0,
        level: 1,
        share: 0,
        delayMs: 100,
        retryAtMs: 100,
      },
      {
        ...nothing,
        kind: "half_opened",
        from: "open",
        to: "half_open",
        cause: "delay_ended",
        atMs: 100,
        generation: 3,
        level: 1,
        share: 0,
        retryAtMs: 100,
      },
      {
        ...nothing,
        kind: "closed",
        from: "half_open",
        to: "closed",
        cause: "probes_succeeded",
        atMs: 100,
        generation: 4,
        level: 1,
        share: 1,
        retryAtMs: 100,
      },
    ]);
  });

  it("carries the counts of its own verdict only, however many came before it", () => {
    const { breaker, events } = createBreaker(flavour, { decayMs: 0 });
    for (let nowMs = 0; nowMs < 100_000; nowMs += 100) {
      fail(breaker, nowMs, 2);
      succeed(breaker, nowMs + 100);
    }
    expect(events).toHaveLength(3_000);
    for (const { kind, calls, failures } of events) {
      const expected = kind === "opened" ? 2 : 0;
      expect([calls, failures]).toEqual([expected, expected]);
    }
  });

  it("is emitted in the order of the transitions of all breakers of a registry", () => {
    const registry = flavour.createRegistry();
    const endpoints: string[] = [];
    registry.on("opened", ({ endpoint }) => endpoints.push(endpoint));
    const detector = { kind: "consecutive_failures", failures: 1 } as const;
    const names = ["c", "a", "b"];
    for (const name of names) registry.get(name, { detector });
    for (const name of names) fail(registry.get(name), 0);
    expect(endpoints).toEqual(names);
  });
});
