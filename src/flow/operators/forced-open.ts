/**
 * Which operators want a breaker forced open because a sink behind them is broken.
 *
 * Several operators may guard one endpoint and so share its breaker. If the last request counted, the restore of one operator's
 * sink would send traffic to another operator's sink that is still down. A breaker is known here by its name: a registry
 * may have several objects for one.
 */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";

/** By name. An empty set: the operators that wanted it have ended without a restore. */
const REQUESTS = new WeakMap<CircuitBreakerRegistry, Map<string, Set<object>>>();

/** `requester` wants the breaker forced open from now on. */
export function requestForcedOpen(registry: CircuitBreakerRegistry, name: string, requester: object): void {
  const requests = requestsIn(registry);
  requests.set(name, (requests.get(name) ?? new Set()).add(requester));
}

/** `requester` does not, any more or at all. True when no operator does. */
export function withdrawForcedOpen(
  registry: CircuitBreakerRegistry,
  name: string,
  requester: object,
): boolean {
  const requests = requestsIn(registry);
  const requesters = requests.get(name);
  requesters?.delete(requester);
  if (requesters !== undefined && requesters.size > 0) return false;
  requests.delete(name);
  return true;
}

/** `requester` ends, and the state of the sink behind it is unknown: the breaker stays as it is. */
export function endForcedOpen(registry: CircuitBreakerRegistry, name: string, requester: object): void {
  requestsIn(registry).get(name)?.delete(requester);
}

/** Whether the breaker is forced open by request of operators that have all ended. */
export function isForcedOpenByEnded(registry: CircuitBreakerRegistry, name: string): boolean {
  return requestsIn(registry).get(name)?.size === 0;
}

function requestsIn(registry: CircuitBreakerRegistry): Map<string, Set<object>> {
  const known = REQUESTS.get(registry);
  if (known !== undefined) return known;
  const requests = new Map<string, Set<object>>();
  REQUESTS.set(registry, requests);
  return requests;
}
