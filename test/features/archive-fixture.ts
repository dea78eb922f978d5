/** Registries and calls for the tests of exported state. */
import type { CircuitBreaker } from "../../src/breaker/breaker.ts";
import type { CircuitBreakerOptions } from "../../src/breaker/options.ts";
import type { ExportedState } from "../../src/features/archive.ts";
import type { Flavour } from "../flavours.ts";

/** A registry whose clock shows the time that was set last. */
export function setUp(flavour: Flavour, defaults: CircuitBreakerOptions = {}, nowMs = 0) {
  const clock = { nowMs };
  const registry = flavour.createRegistry({ defaults, seed: 1, clock: () => clock.nowMs });
  return { registry, clock };
}

/** That many calls, admitted and reported at once. */
export function report(
  breaker: CircuitBreaker,
  nowMs: number,
  outcome: "success" | "failure",
  calls = 1,
): void {
  for (let i = 0; i < calls; i++) {
    const ticket = breaker.tryAcquire(nowMs);
    if (outcome === "success") breaker.onSuccess(ticket, nowMs);
    else breaker.onFailure(ticket, nowMs);
  }
}

/** The data as another process gets it. */
export function sent(data: ExportedState): ExportedState {
  return JSON.parse(JSON.stringify(data));
}
