/** TO BE REMOVED: stands for `collect` of src/features/collect.ts until it is merged. */
import type { State } from "../breaker/events.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import type { Snapshot } from "../breaker/snapshot.ts";
import { snapshots } from "../features/snapshots.ts";

export type BreakerReading = Omit<
  Snapshot,
  "endpoint" | "opened" | "late" | "refused" | "hung" | "consecutiveFailures"
> & {
  readonly name: string;
};

export interface Collection {
  readonly atMs: number;
  readonly breakers: readonly BreakerReading[];
  readonly rest: {
    readonly breakers: number;
    readonly totals: { readonly succeeded: number; readonly failed: number; readonly refused: number };
    readonly pending: number;
    readonly byState: Readonly<Record<State, number>>;
  };
  readonly idle: number;
}

export function collect(registry: CircuitBreakerRegistry, options: { maximum?: number } = {}): Collection {
  const all = Array.from(snapshots(registry), ({ endpoint, ...rest }) => ({ name: endpoint, ...rest }));
  const trouble = ({ state }: BreakerReading) => (state === "closed" ? 0 : 1);
  all.sort((a, b) => trouble(b) - trouble(a) || b.calls - a.calls);
  const breakers = all.slice(0, options.maximum ?? 1_000);
  const rest = all.slice(breakers.length);
  const sum = (part: "succeeded" | "failed" | "refused") =>
    rest.reduce((left, { totals }) => left + totals[part], 0);
  return {
    atMs: registry.now(),
    breakers,
    rest: {
      breakers: rest.length,
      totals: { succeeded: sum("succeeded"), failed: sum("failed"), refused: sum("refused") },
      pending: 0,
      byState: { closed: rest.length, open: 0, half_open: 0 },
    },
    idle: 0,
  };
}
