/**
 * Which operators hold a breaker open because a sink behind them is broken.
 *
 * Several operators may guard one endpoint and so share its breaker. Were it the last one's word that counts,
 * the restore of one operator's sink would send traffic to another operator's sink that is still down.
 * A breaker is known here by its name: a registry may have several objects for one.
 */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";

/** By name. An empty set: whoever held that breaker has ended without letting go. */
const HOLDERS = new WeakMap<CircuitBreakerRegistry, Map<string, Set<object>>>();

/** `holder` wants the breaker open from now on. */
export function hold(registry: CircuitBreakerRegistry, name: string, holder: object): void {
  const held = heldIn(registry);
  held.set(name, (held.get(name) ?? new Set()).add(holder));
}

/** `holder` does not, any more or at all. True when nobody does. */
export function letGo(registry: CircuitBreakerRegistry, name: string, holder: object): boolean {
  const held = heldIn(registry);
  const holders = held.get(name);
  holders?.delete(holder);
  if (holders !== undefined && holders.size > 0) return false;
  held.delete(name);
  return true;
}

/** `holder` ends, and nobody knows whether the sink behind it is well again: the breaker stays as it is. */
export function abandon(registry: CircuitBreakerRegistry, name: string, holder: object): void {
  heldIn(registry).get(name)?.delete(holder);
}

/** Whether the breaker is forced open for the sake of operators that have all ended. */
export function isAbandoned(registry: CircuitBreakerRegistry, name: string): boolean {
  return heldIn(registry).get(name)?.size === 0;
}

function heldIn(registry: CircuitBreakerRegistry): Map<string, Set<object>> {
  const known = HOLDERS.get(registry);
  if (known !== undefined) return known;
  const held = new Map<string, Set<object>>();
  HOLDERS.set(registry, held);
  return held;
}
