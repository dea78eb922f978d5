/**
 * `bluesmoke/redis`: Redis Streams as source and sink of a flow. Needs the package `redis`. For Node.
 * @module bluesmoke/redis
 */
export { type BrokerCode, BrokerError } from "../base/broker-error.ts";
export { openRedisSink } from "./redis-sink.ts";
export { openRedisSource } from "./redis-source.ts";
