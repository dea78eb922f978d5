/** The options of the breakers of one operator, resolved once for each set of options that they are laid over. */
import type { CircuitBreaker } from "../../breaker/breaker.ts";
import { type CircuitBreakerOptions, type ResolvedOptions, resolveOptions } from "../../breaker/options.ts";
import type { PolicyEntry } from "../../breaker/policy-cache.ts";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";

export class EndpointPolicy {
  readonly #registry: CircuitBreakerRegistry;
  readonly #options: CircuitBreakerOptions;
  /** By the options of the registry for an endpoint. */
  readonly #policies = new WeakMap<ResolvedOptions, PolicyEntry>();
  /** Whether options are those of this operator. */
  readonly #comparisons = new WeakMap<ResolvedOptions, boolean>();

  constructor(registry: CircuitBreakerRegistry, options: CircuitBreakerOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  /**
   * Creates a breaker, as `registry.get` does.
   *
   * @throws RegistryFullError beyond the limit of the registry, RangeError where there is no memory
   */
  create(endpoint: string): CircuitBreaker {
    const registry = this.#registry;
    const policy = this.#policyOver(registry._optionsFor(endpoint));
    registry._makeRoom?.(endpoint, 1);
    const address = registry._enter(endpoint, policy);
    return registry._keep(endpoint, address, registry._policyAt(address, endpoint, policy));
  }

  /** Whether a breaker has the options of this operator. */
  isOf(breaker: CircuitBreaker): boolean {
    const { options } = breaker;
    const known = this.#comparisons.get(options);
    if (known !== undefined) return known;
    // Not by the options: those of a breaker that another thread has made are read from memory, and spelled differently.
    const wanted = this.#registry._engine.policies.of(resolveOptions(this.#options, options));
    const isSame = wanted.placed.address === this.#registry._core.policyOf(breaker.id);
    this.#comparisons.set(options, isSame);
    return isSame;
  }

  #policyOver(defaults: ResolvedOptions): PolicyEntry {
    const known = this.#policies.get(defaults);
    if (known !== undefined) return known;
    const policy = this.#registry._engine.policies.of(resolveOptions(this.#options, defaults));
    this.#policies.set(defaults, policy);
    return policy;
  }
}
