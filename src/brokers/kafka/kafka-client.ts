/** A client of Kafka, by kafkajs. */
import type { Admin, Kafka } from "kafkajs";
import { type BrokerCode, BrokerError, loadClient, reasonOf } from "../base/broker-error.ts";
import type { BrokerUrl } from "../base/broker-url.ts";

type KafkaModule = typeof import("kafkajs");

export interface KafkaClient {
  readonly kafka: Kafka;
  readonly module: KafkaModule;
}

const CONNECT_MS = 3_000;
const REQUEST_MS = 10_000;
/** Tries of the client before it gives up: the flow tries again by itself. */
const RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 };

/** @throws BrokerError when the package is missing, no broker can be reached, or there is no such topic */
export async function connectKafka(code: BrokerCode, spec: string, url: BrokerUrl): Promise<KafkaClient> {
  const module = await loadClient(code, spec, "kafkajs", async () => {
    const loaded = await import("kafkajs");
    return (loaded as { default?: KafkaModule }).default ?? loaded;
  });
  const kafka = new module.Kafka({
    clientId: "bluesmoke",
    brokers: [`${url.host.includes(":") ? `[${url.host}]` : url.host}:${url.port}`],
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: RETRY,
    logLevel: module.logLevel.NOTHING,
    ...(url.user !== "" && { sasl: { mechanism: "plain", username: url.user, password: url.password } }),
  });
  try {
    await checkTopic(kafka, url.name);
  } catch (error) {
    const isMissing = (error as { type?: string }).type === "UNKNOWN_TOPIC_OR_PARTITION";
    const what = isMissing ? `no topic ${JSON.stringify(url.name)}` : `cannot be reached: ${reasonOf(error)}`;
    throw new BrokerError(code, spec, what, isMissing ? "create it first" : undefined, error);
  }
  return { kafka, module };
}

/** Whether the brokers answer, and have the topic. @throws the error of the client */
export async function checkTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin: Admin = kafka.admin();
  try {
    await admin.connect();
    await admin.fetchTopicMetadata({ topics: [topic] });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
