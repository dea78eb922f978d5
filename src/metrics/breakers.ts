/** Breakers of a registry one by one: reading one by its name, and those that are freed. */
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { snapshotOf } from "../breaker/snapshot.ts";
import type { BreakerReading } from "../features/collect.ts";
import { type Counts, countsOf } from "./counts.ts";

/** A breaker that is not in the collection; undefined: it is gone. */
export function readingOf(registry: CircuitBreakerRegistry, name: string): BreakerReading | undefined {
  const snapshot = registry.peek(name)?.snapshot();
  return snapshot && { ...snapshot, name };
}

/** Calls `note` with the totals of each breaker that this thread frees, before it does. Returns the undo. */
export function hookFree(
  registry: CircuitBreakerRegistry,
  note: (name: string, totals: Counts) => void,
): () => void {
  const free = registry._free;
  const hooked: typeof free = (address, name) => {
    const policy = registry._policyAt(address, name);
    const block = { address, stripe: registry._core.stripeOf(address, policy.placed), policy };
    const { totals } = snapshotOf(registry._engine, name, block, registry.now());
    note(name, countsOf(totals));
    free.call(registry, address, name);
  };
  registry._free = hooked;
  return () => {
    if (registry._free === hooked) registry._free = free;
  };
}
