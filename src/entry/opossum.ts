/**
 * `bluesmoke/opossum`: opossum's interface over the breakers of this package, for programs that use opossum.
 *
 * `require("bluesmoke/opossum")` is the class itself, as it is of opossum.
 * @module bluesmoke/opossum
 */
export { CircuitBreaker as default } from "../opossum/circuit-breaker.ts";
export type { MemoryCache } from "../opossum/memory-cache.ts";
export type { ReadOptions } from "../opossum/options.ts";
export type { Semaphore } from "../opossum/semaphore.ts";
export type { Status } from "../opossum/status.ts";
export type {
  Aborter,
  BreakerRecord,
  BreakerState,
  Bucket,
  CacheTransport,
  Counts,
  Events,
  Options,
  Stats,
  StatusOptions,
} from "../opossum/types.ts";
