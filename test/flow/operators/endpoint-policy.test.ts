import { describe, expect, it } from "vitest";
import { attachRegistry, createSharedRegistry } from "../../../src/entry/threads.ts";
import { EndpointPolicy } from "../../../src/flow/operators/endpoint-policy.ts";

describe("the breaker of an endpoint that another thread has made", () => {
  it.each([
    { backoff: { kind: "constant", delayMs: 200 } },
    { backoff: [50, 100], detector: "consecutive_failures" },
    { backoff: "exponential", halfOpen: { ramp: {} }, overload: "throttle" },
  ] as const)("is that of an operator with the same options, and of no other: %j", (options) => {
    const one = createSharedRegistry({ threads: 1 });
    const other = attachRegistry(one.handle());
    new EndpointPolicy(one, options).create("pay");
    const seen = other.peek("pay");
    if (seen === undefined) throw new Error("the other thread does not see the breaker");
    expect(new EndpointPolicy(other, options).isOf(seen)).toBe(true);
    expect(new EndpointPolicy(other, { ...options, decayMs: 77 }).isOf(seen)).toBe(false);
  });
});
