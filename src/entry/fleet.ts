/**
 * `bluesmoke/fleet`: machines that share what their breakers count. Needs no other package: the client of a store is that of
 * the program.
 * @module bluesmoke/fleet
 */
export { Fleet, type FleetStatus, joinFleet } from "../fleet/fleet.ts";
export { memoryStore } from "../fleet/memory-store.ts";
export type { NatsWatch, NatsWatchedEntry } from "../fleet/nats-reports.ts";
export { type NatsBucket, type NatsEntry, type NatsKvm, natsStore } from "../fleet/nats-store.ts";
export type { FleetOpening, FleetOptions } from "../fleet/options.ts";
export {
  type IoredisClient,
  type NodeRedisClient,
  type RedisClient,
  redisStore,
  type StoreOptions,
} from "../fleet/redis-store.ts";
export type { FleetStore, StoredReport, StoredSwitch } from "../fleet/store.ts";
export { StoreTimeoutError } from "../fleet/within.ts";
