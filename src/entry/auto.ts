/**
 * `bluesmoke/auto`: as `bluesmoke`, over WebAssembly, or over plain JavaScript where WebAssembly is refused. `await load()`
 * before the first breaker is made. Importing it does nothing yet.
 * @module bluesmoke/auto
 */
import { CircuitBreaker } from "../breaker/breaker.ts";
import { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { loadCore } from "./auto-core.ts";

export * from "./main.ts";

/** What `load` gives. Both flavours have the same classes and answer the same, bit for bit. */
export interface Library {
  /** Which build of the core it is. */
  readonly flavour: "release" | "js";
  /** As this module exports it. */
  readonly CircuitBreaker: typeof CircuitBreaker;
  /** As this module exports it. */
  readonly CircuitBreakerRegistry: typeof CircuitBreakerRegistry;
}

/** Loads the core that may run here; decides once. */
export async function load(): Promise<Library> {
  const { flavour } = await loadCore();
  return { flavour: flavour as Library["flavour"], CircuitBreaker, CircuitBreakerRegistry };
}
