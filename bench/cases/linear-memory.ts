/** Bytes of linear memory, read from a core without the library around it. */
import type { Scale } from "../section.ts";
import { median } from "../statistics.ts";
import {
  bytesOfBreakers,
  bytesOfNamedBreakers,
  type CircuitBreakerOptions,
  rawBreakers,
} from "./fixtures.ts";

const COUNT = 1_000_000;
const FEW = 5_000;

const SLOW_CALLS: CircuitBreakerOptions = {
  detector: { kind: "success_rate_over_time_window", buckets: 10, slowCallMs: 100 },
};

/** Bytes of linear memory from one breaker to the next, without names: ten buckets, slow calls, one stripe. */
export function bytesOfOne(): number {
  const { addresses } = rawBreakers(100, SLOW_CALLS);
  const distances = addresses.slice(1).map((address, before) => address - addresses[before]!); // one less
  return median([...distances]); // here and there a block of names lies between two
}

/** Bytes of linear memory by breaker of one thread, and what growth has left over. */
export function bytesByBreaker({ short }: Scale): number {
  const count = short ? FEW : COUNT;
  return bytesOfBreakers(count) / count;
}

/** Of the build for threads with one stripe: with its name, its place in the name table, and what growth has left over. */
export function bytesWithName({ short }: Scale): number {
  const count = short ? FEW : COUNT;
  return bytesOfNamedBreakers(count) / count;
}
