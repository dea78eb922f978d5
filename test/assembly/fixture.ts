/** A breaker with plain options, its events, and calls of it. */
import type { Clock } from "../../src/breaker/clock.ts";
import { EVENT_KINDS } from "../../src/breaker/events.ts";
import type { CircuitBreakerEvent, CircuitBreakerOptions } from "../../src/entry/main.ts";
import type { Flavour } from "../flavours.ts";

type Registry = ReturnType<Flavour["createRegistry"]>;
export type Breaker = ReturnType<Registry["get"]>;

/** Two failures in a row open it for 100 ms, then 200 ms; a probe has 50 ms. */
const PLAIN: CircuitBreakerOptions = {
  detector: { kind: "consecutive_failures", failures: 2 },
  backoff: { kind: "steps", delaysMs: [100, 200] },
  decayMs: 1_000,
  halfOpen: { probes: 1, successesToClose: 1, probeTimeoutMs: 50 },
};

/** A registry whose clock the library does not guard: times that are none reach the core. */
export function createRegistry(flavour: Flavour, seed: number, clock: Clock): Registry {
  const registry = flavour.createRegistry({ seed, clock: () => 0 });
  Object.assign(registry._engine, { clock });
  Object.assign(registry._place, { clock });
  return registry;
}

/** A new breaker whose clock always shows NaN, and its events. */
export function createBreaker(flavour: Flavour, options: CircuitBreakerOptions = {}, seed = 0) {
  const events: CircuitBreakerEvent[] = [];
  const registry = createRegistry(flavour, seed, () => Number.NaN);
  const breaker = registry.get("endpoint", { ...PLAIN, ...options });
  for (const kind of EVENT_KINDS) registry.on(kind, (event) => events.push(event));
  return { breaker, events };
}

/** That many calls, admitted and failed at once. */
export function fail(breaker: Breaker, nowMs: number, calls = 1, durationMs?: number): void {
  for (let i = 0; i < calls; i++) breaker.onFailure(breaker.tryAcquire(nowMs), nowMs, durationMs);
}

/** That many calls, admitted and succeeded at once. */
export function succeed(breaker: Breaker, nowMs: number, calls = 1, durationMs?: number): void {
  for (let i = 0; i < calls; i++) breaker.onSuccess(breaker.tryAcquire(nowMs), nowMs, durationMs);
}

/** A breaker with plain options that opened at 0, until 100 ms. */
export function createOpenBreaker(flavour: Flavour, options: CircuitBreakerOptions = {}) {
  const created = createBreaker(flavour, options);
  fail(created.breaker, 0, 2);
  return created;
}
