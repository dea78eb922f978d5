/**
 * `bluesmoke/kafka`: Kafka as source and sink of a flow. Needs the package `kafkajs`. For Node.
 * @module bluesmoke/kafka
 */
export { type BrokerCode, BrokerError } from "../base/broker-error.ts";
export { openKafkaSink } from "./kafka-sink.ts";
export { openKafkaSource } from "./kafka-source.ts";
