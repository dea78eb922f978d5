/** What a collection reports. */
import type { BreakerReading, Collection } from "../features/collect.ts";
import { countsOf } from "./counts.ts";

/** The name under which all breakers are summed that are not reported by their own. */
export const REST_NAME = "*";

/** One name as it is reported. */
export interface Row {
  readonly name: string;
  readonly counts: ReadonlyMap<string, number>;
  /** Calls that are out. */
  readonly pending: number;
  /** Undefined for the rest. */
  readonly reading: BreakerReading | undefined;
}

/** All that is reported at one time. */
export interface Report {
  readonly rows: readonly Row[];
  /** All breakers of the registry. */
  readonly byState: Collection["rest"]["byState"];
  /** Upper bounds of the buckets of durations in ms; undefined: durations are not measured. */
  readonly bounds: readonly number[] | undefined;
}

/** Breakers that had calls and are reported by no name of their own. */
export function countUnnamed({ breakers, rest }: Collection, rows: readonly Row[]): number {
  const collected = new Set(breakers.map(({ name }) => name));
  const isCounted = ({ name, reading }: Row) =>
    collected.has(name) || [...countsOf(reading!.totals).values()].some((count) => count > 0); // of a breaker
  return rest.breakers + breakers.length - rows.filter(isCounted).length;
}
