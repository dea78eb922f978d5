/** The library itself, with its sources. */
import type { CircuitBreaker } from "../../src/breaker/breaker.ts";
import type { CircuitBreakerOptions } from "../../src/breaker/options.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import { BreakerGate } from "../../src/replay/scenario/breaker-gate.ts";
import { type Policy, policyOfGates } from "./policy.ts";

/** A breaker of the library with these options, its jitter from the seed. */
export function breakerOf(seed: number, options: CircuitBreakerOptions): CircuitBreaker {
  return new CircuitBreakerRegistry({ seed, defaults: options }).get("endpoint");
}

/** A policy of one breaker for each client. */
export function bluesmoke(name: string, options: CircuitBreakerOptions): Policy {
  return policyOfGates(name, (seed) => new BreakerGate(breakerOf(seed, options)));
}

/** See their names. */
export const BLUESMOKE: readonly Policy[] = [
  bluesmoke("bluesmoke, defaults", {}),
  bluesmoke("bluesmoke, ramp", { halfOpen: { ramp: {} } }),
  bluesmoke("bluesmoke, throttle", { overload: "throttle" }),
];
