/** Brokers by the scheme of their URL. Their modules are loaded when they are used, their clients are those that are installed. */
import type { SinkOptions, SourceOptions } from "../../connect/open.ts";

export const SOURCE_SCHEMES: SourceOptions["schemes"] = {
  redis: async (spec) => (await import("../../brokers/redis/index.ts")).openRedisSource(spec),
  nats: async (spec) => (await import("../../brokers/nats/index.ts")).openNatsSource(spec),
  kafka: async (spec) => (await import("../../brokers/kafka/index.ts")).openKafkaSource(spec),
};

export const SINK_SCHEMES: SinkOptions["schemes"] = {
  redis: async (spec) => (await import("../../brokers/redis/index.ts")).openRedisSink(spec),
  nats: async (spec) => (await import("../../brokers/nats/index.ts")).openNatsSink(spec),
  kafka: async (spec) => (await import("../../brokers/kafka/index.ts")).openKafkaSink(spec),
};
