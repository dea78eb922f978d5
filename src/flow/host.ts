/** What a pipeline needs from whoever deploys it. */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";

/** Given to every operator that is made. */
export interface OperatorHost {
  /** Where the breakers of the pipeline live. */
  readonly registry: CircuitBreakerRegistry;
  /** Endpoint of breakers that name none. Default: the name of their node. */
  readonly endpoint?: string;
}
