/** From an event to its endpoint, and from an endpoint to its breaker. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import { type CircuitBreakerOptions, MAXIMUM_NAME_LENGTH, resolveOptions } from "../../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import type { FlowEvent } from "../event.ts";
import { GraphError } from "../graph/grapherror.ts";

/** The endpoint of an event; anything but the name of an endpoint means that the event is malformed. */
export type EndpointOf = (event: FlowEvent) => unknown;

/**
 * Operators that use a breaker which an operator has made, by its name: a registry may have several objects for one
 * breaker. What the host has made is not in here.
 */
const USERS = new WeakMap<CircuitBreakerRegistry, Map<string, Set<object>>>();

/** Whether a value can be the name of an endpoint. */
export function isEndpoint(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= MAXIMUM_NAME_LENGTH;
}

/**
 * The breaker that guards an endpoint: operators, and the host, share it.
 *
 * @param user who asks, until `leaveBreaker`
 * @throws GraphError when it has been made with other options already: one of the two would be ignored
 */
export function breakerFor(
  registry: CircuitBreakerRegistry,
  endpoint: string,
  options: CircuitBreakerOptions,
  user: object,
): CircuitBreaker {
  const known = registry.peek(endpoint);
  if (known === undefined) {
    const made = registry.get(endpoint, options);
    usersIn(registry).set(endpoint, new Set([user]));
    return made;
  }
  if (JSON.stringify(resolveOptions(options, known.options)) !== JSON.stringify(known.options)) {
    throw new GraphError(`the endpoint "${endpoint}" has a breaker with other options already`, [endpoint]);
  }
  usersIn(registry).get(endpoint)?.add(user);
  return known;
}

/** `user` needs the breaker no more. It leaves the registry with the last operator, unless the host has made it. */
export function leaveBreaker(registry: CircuitBreakerRegistry, endpoint: string, user: object): void {
  const users = usersIn(registry).get(endpoint);
  users?.delete(user);
  if (users?.size !== 0) return;
  usersIn(registry).delete(endpoint);
  registry.delete(endpoint);
}

function usersIn(registry: CircuitBreakerRegistry): Map<string, Set<object>> {
  const known = USERS.get(registry);
  if (known !== undefined) return known;
  const users = new Map<string, Set<object>>();
  USERS.set(registry, users);
  return users;
}
