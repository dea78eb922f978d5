/** The side of a host that a pipeline uses. */
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";

/** Given to every operator that is made. */
export interface OperatorHost {
  /** Where the breakers of the pipeline live. */
  readonly registry: CircuitBreakerRegistry;
  /** Endpoint of breakers that name none. Default: the name of their node. */
  readonly endpoint?: string;
  /** Takes a line about a fault that does not end the flow, such as a damaged file. Default: the operator's own way. */
  readonly onProblem?: (text: string) => void;
}
