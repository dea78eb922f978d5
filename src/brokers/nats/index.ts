/**
 * `bluesmoke/nats`: NATS JetStream as source and sink of a flow. Needs the packages `@nats-io/transport-node` and
 * `@nats-io/jetstream`. For Node.
 * @module bluesmoke/nats
 */
export { type BrokerCode, BrokerError } from "../base/broker-error.ts";
export { openNatsSink } from "./nats-sink.ts";
export { openNatsSource } from "./nats-source.ts";
