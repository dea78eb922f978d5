/** What the named tests of the core begin with: one breaker with plain options, and what happens to it. */

import type { CircuitBreakerEvent, CircuitBreakerOptions } from "../../src/entry/main.ts";
import type { Flavour } from "../flavours.ts";

/** A breaker of such a library. */
export type Breaker = ReturnType<ReturnType<Flavour["createRegistry"]>["get"]>;

const KINDS = ["opened", "closed", "half_opened", "enabled", "disabled", "shadowed", "reset"] as const;

/** Two failures in a row open it for 100 ms, then 200 ms; a probe has 50 ms. */
const PLAIN: CircuitBreakerOptions = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "steps", delaysMs: [100, 200] },
  decayMs: 1_000,
  halfOpen: { probes: 1, successesToClose: 1, probeTimeoutMs: 50 },
};

/** A new breaker that hears nothing of any clock, and the events that it caused. */
export function stage(flavour: Flavour, options: CircuitBreakerOptions = {}, seed = 0) {
  const events: CircuitBreakerEvent[] = [];
  const registry = flavour.createRegistry({ seed, clock: () => Number.NaN });
  const breaker = registry.get("endpoint", { ...PLAIN, ...options });
  for (const kind of KINDS) registry.on(kind, (event) => events.push(event));
  return { breaker, events };
}

/** That many calls, admitted and failed at once. */
export function fail(breaker: Breaker, nowMs: number, calls = 1, durationMs?: number): void {
  for (let i = 0; i < calls; i++) breaker.onFailure(breaker.tryAcquire(nowMs), nowMs, durationMs);
}

/** That many calls, admitted and answered at once. */
export function succeed(breaker: Breaker, nowMs: number, calls = 1, durationMs?: number): void {
  for (let i = 0; i < calls; i++) breaker.onSuccess(breaker.tryAcquire(nowMs), nowMs, durationMs);
}

/** A plain breaker that opened at 0, until 100 ms. */
export function stageOpen(flavour: Flavour, options: CircuitBreakerOptions = {}) {
  const scene = stage(flavour, options);
  fail(scene.breaker, 0, 2);
  return scene;
}
