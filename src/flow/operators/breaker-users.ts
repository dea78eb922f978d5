/**
 * Which operators use the breakers of a registry, and which of these breakers the host has created.
 *
 * A breaker that operators have created leaves the registry with the last operator that uses it; one of the host stays. A breaker
 * is compared by its name: a registry may have several objects for one.
 */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";

/** The breakers of one operator. */
export interface BreakerUser {
  has(endpoint: string): boolean;
  /** Whether the breaker is one of the host. */
  isOfHost(endpoint: string): boolean;
}

export class BreakerUsers {
  static readonly #byRegistry = new WeakMap<CircuitBreakerRegistry, BreakerUsers>();
  readonly #users = new Set<BreakerUser>();
  /** Created by operators that have all ended. */
  readonly #left = new Map<string, CircuitBreaker>();

  /** Those of a registry. */
  static of(registry: CircuitBreakerRegistry): BreakerUsers {
    const known = BreakerUsers.#byRegistry.get(registry);
    if (known !== undefined) return known;
    const users = new BreakerUsers();
    BreakerUsers.#byRegistry.set(registry, users);
    return users;
  }

  /** From now on its breakers are in use. */
  add(user: BreakerUser): void {
    this.#users.add(user);
  }

  /** The operator has ended. Its breakers stay, for the next one. */
  remove(user: BreakerUser, breakers: Iterable<CircuitBreaker>): void {
    if (!this.#users.delete(user)) return;
    for (const breaker of breakers) {
      const { name } = breaker;
      if (!user.isOfHost(name) && this.#anotherUserOf(name, user) === undefined)
        this.#left.set(name, breaker);
    }
  }

  /** Whether the host has created a breaker that an operator begins to use. */
  isOfHost(breaker: CircuitBreaker, user: BreakerUser): boolean {
    const { name } = breaker;
    const other = this.#anotherUserOf(name, user);
    if (other !== undefined) return other.isOfHost(name);
    const left = this.#left.get(name);
    this.#left.delete(name);
    return left !== breaker;
  }

  /** Whether no other operator uses the breaker of that endpoint. */
  isLast(endpoint: string, user: BreakerUser): boolean {
    return this.#anotherUserOf(endpoint, user) === undefined;
  }

  #anotherUserOf(endpoint: string, user: BreakerUser): BreakerUser | undefined {
    for (const other of this.#users) if (other !== user && other.has(endpoint)) return other;
    return undefined;
  }
}
