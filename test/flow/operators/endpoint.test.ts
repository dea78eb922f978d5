import { describe, expect, it } from "vitest";
import { attachRegistry, createSharedRegistry } from "../../../src/entry/threads.ts";
import { breakerFor } from "../../../src/flow/operators/endpoint.ts";

describe("the breaker of an endpoint that another thread has made", () => {
  it.each([
    { backoff: { kind: "constant", delayMs: 200 } },
    { backoff: [50, 100], detector: "consecutive_failures" },
    { backoff: "exponential", halfOpen: { ramp: {} }, overload: "throttle" },
  ] as const)("is shared where it has the same options, and refused where it has others: %j", (options) => {
    const [one, user] = [createSharedRegistry({ threads: 1 }), {}];
    const other = attachRegistry(one.handle());
    const made = breakerFor(one, "pay", options, user);
    expect(breakerFor(other, "pay", options, user).name).toBe(made.name);
    expect(other.peek("pay")).toBeDefined();
    expect(() => breakerFor(other, "pay", { ...options, decayMs: 77 }, user)).toThrow(
      'the endpoint "pay" has a breaker with other options already',
    );
  });
});
