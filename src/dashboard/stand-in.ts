/**
 * TO BE REMOVED: stands for `collect` (src/features/collect.ts) and `explain` (src/features/explain.ts) until they are merged.
 * Its totals are made of windows, so they are wrong; nothing else of the module depends on how they are made.
 */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { State } from "../breaker/events.ts";
import type { Mode } from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import { snapshots } from "../features/snapshots.ts";

export interface Totals {
  readonly succeeded: number;
  readonly failed: number;
  readonly slow: number;
  readonly refused: number;
  readonly late: number;
  readonly opened: number;
}

export interface BreakerReading {
  readonly name: string;
  readonly state: State;
  readonly mode: Mode;
  readonly share: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  readonly successRate: number | undefined;
  readonly pending: number;
  readonly level: number;
  readonly generation: number;
  readonly retryAfterMs: number;
  readonly totals: Totals;
}

export interface Collection {
  readonly atMs: number;
  readonly breakers: BreakerReading[];
  readonly rest: {
    readonly breakers: number;
    readonly totals: Totals;
    readonly pending: number;
    readonly byState: Record<State, number>;
  };
  readonly idle: number;
}

interface Seen {
  calls: number;
  failures: number;
  succeeded: number;
  failed: number;
}
const SEEN = /* @__PURE__ */ new WeakMap<CircuitBreakerRegistry, Map<string, Seen>>();

export function collect(registry: CircuitBreakerRegistry, options: { maximum?: number } = {}): Collection {
  const all: BreakerReading[] = [];
  const seen = SEEN.get(registry) ?? new Map<string, Seen>();
  SEEN.set(registry, seen);
  for (const { endpoint, refused, late, ...rest } of snapshots(registry)) {
    const before = seen.get(endpoint) ?? { calls: 0, failures: 0, succeeded: 0, failed: 0 };
    const failed = before.failed + Math.max(0, rest.failures - before.failures);
    const good = rest.calls - rest.failures;
    const succeeded = before.succeeded + Math.max(0, good - (before.calls - before.failures));
    seen.set(endpoint, { calls: rest.calls, failures: rest.failures, succeeded, failed });
    all.push({
      ...rest,
      name: endpoint,
      totals: { succeeded, failed, slow: 0, refused, late, opened: rest.level },
    });
  }
  const trouble = ({ state }: BreakerReading) => (state === "closed" ? 0 : 1);
  all.sort((a, b) => trouble(b) - trouble(a) || b.calls - a.calls);
  const breakers = all.slice(0, options.maximum ?? 1_000);
  const rest = all.slice(breakers.length);
  return {
    atMs: registry.now(),
    breakers,
    rest: {
      breakers: rest.length,
      totals: { succeeded: 0, failed: 0, slow: 0, refused: 0, late: 0, opened: 0 },
      pending: 0,
      byState: { closed: rest.length, open: 0, half_open: 0 },
    },
    idle: 0,
  };
}

export function explain(breaker: CircuitBreaker): string {
  const { state, opened, calls, failures, level } = breaker.snapshot();
  if (state === "closed") return `closed: ${failures} of ${calls} calls failed`;
  const why = opened
    ? `${opened.failures} of ${opened.calls} calls failed (${((opened.successRate ?? 0) * 100).toFixed(1)} %)${opened.lastError ? `, last error: ${opened.lastError.message}` : ""}`
    : "for an unknown reason";
  return `${state}: ${why}; ${level} in a row`;
}
