/** Switches for the whole fleet: applied once each time they are set, so that a later switch on a machine stays. */
import { MODES, type Mode } from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import type { StoredSwitch } from "./store.ts";

export class Switches {
  readonly #registry: CircuitBreakerRegistry;
  readonly #applied = new Map<string, string>();
  /** Switches that made no sense, since the fleet was joined. */
  refused = 0;

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
  }

  /** Switches the breakers whose switch was set since the last time. One that is not there is made, unless it is to be enabled. */
  apply(switches: readonly StoredSwitch[], nowMs: number): void {
    for (const { endpoint, mode, version } of switches) {
      if (this.#applied.get(endpoint) === version) continue;
      this.#applied.set(endpoint, version);
      if (!MODES.includes(mode as Mode)) {
        this.refused++;
        continue;
      }
      const breaker = mode === "enabled" ? this.#registry.peek(endpoint) : this.#registry.get(endpoint);
      breaker?._switchTo(mode as Mode, nowMs);
    }
  }
}
