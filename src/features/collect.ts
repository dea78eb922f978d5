/** STAND-IN until `collect` of branch `totals` is merged: the same shapes and results, by snapshots and so slow. */
import type { State } from "../breaker/events.ts";
import type { Mode } from "../breaker/options.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import type { Totals } from "../breaker/snapshot.ts";
import { snapshots } from "./snapshots.ts";

/** One breaker. */
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

/** All breakers. */
export interface Collection {
  readonly atMs: number;
  readonly breakers: readonly BreakerReading[];
  readonly rest: {
    readonly breakers: number;
    readonly totals: Totals;
    readonly pending: number;
    readonly byState: Readonly<Record<State, number>>;
  };
  readonly idle: number;
}

/** Reads all breakers. */
export function collect(
  registry: CircuitBreakerRegistry,
  { maximum = 1_000 }: { maximum?: number } = {},
): Collection {
  const atMs = registry.now();
  const isIdle = ({ totals }: BreakerReading) => {
    const { succeeded, failed, refused, late, opened } = totals;
    return succeeded + failed + refused + late + opened === 0;
  };
  const all = Array.from(snapshots(registry, atMs), (snapshot) => ({ ...snapshot, name: snapshot.endpoint }));
  const busy = all.filter((reading) => !isIdle(reading) || reading.state !== "closed" || reading.pending > 0);
  const rankOf = ({ state }: BreakerReading) => (state === "closed" ? 1 : 0);
  busy.sort((one, other) => rankOf(one) - rankOf(other) || other.calls - one.calls);
  const rest = busy.slice(maximum);
  const sum = (read: (totals: Totals) => number) =>
    rest.reduce((total, { totals }) => total + read(totals), 0);
  const inState = (state: State) => rest.filter((reading) => reading.state === state).length;
  return {
    atMs,
    breakers: busy.slice(0, maximum),
    rest: {
      breakers: rest.length,
      totals: {
        succeeded: sum(({ succeeded }) => succeeded),
        failed: sum(({ failed }) => failed),
        slow: sum(({ slow }) => slow),
        refused: sum(({ refused }) => refused),
        refusedBy: {
          open: sum(({ refusedBy }) => refusedBy.open),
          forced_open: sum(({ refusedBy }) => refusedBy.forced_open),
        },
        late: sum(({ late }) => late),
        opened: sum(({ opened }) => opened),
      },
      pending: rest.reduce((total, { pending }) => total + pending, 0),
      byState: { closed: inState("closed"), open: inState("open"), half_open: inState("half_open") },
    },
    idle: all.length - busy.length,
  };
}
