/** Kafka as a sink: `kafka://host:port/topic`. */
import { setTimeout as pause } from "node:timers/promises";
import type { Producer } from "kafkajs";
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Sink } from "../../flow/protocol/source-and-sink.ts";
import { reasonOf } from "../base/broker-error.ts";
import {
  type Answers,
  BrokerSink,
  EventError,
  type Outgoing,
  SINK_DEFAULTS,
  SINK_OPTIONS,
  type Writer,
} from "../base/broker-sink.ts";
import { type BrokerUrl, readBrokerUrl } from "../base/broker-url.ts";
import { checkTopic, connectKafka, type KafkaClient } from "./kafka-client.ts";

const OPTIONS = { ...SINK_OPTIONS, key: "text", idempotent: "flag" } as const;
const RETRY_MS = 300;
/** All replicas that are in sync have it. */
const ACKS_ALL = -1;

/**
 * A message of a topic for each event, in the order of its partition. An ack means that all replicas in sync have it. Its key
 * is the value at the path `key` of its data, such as `user.id`, or else `$meta.kafka.key`; without a key the client chooses
 * the partition. A batch that fails, such as by a connection that breaks, is there twice if the broker had taken it.
 * @throws BrokerError for a bad URL
 */
export function openKafkaSink(spec: string): Sink {
  const url = readBrokerUrl("ERR_SINK", spec, 9_092, OPTIONS);
  const timeoutMs = url.number("timeoutMs", SINK_DEFAULTS.timeoutMs);
  const writer = new KafkaWriter(spec, url, timeoutMs);
  return new BrokerSink(spec, writer, url.number("batch", SINK_DEFAULTS.batch), timeoutMs);
}

class KafkaWriter implements Writer {
  readonly #spec: string;
  readonly #url: BrokerUrl;
  readonly #timeoutMs: number;
  #client: KafkaClient | undefined;
  #producer: Producer | undefined;
  #onState: (isUp: boolean, reason: string) => void = () => {};
  #isWaiting = false;
  #isClosed = false;

  constructor(spec: string, url: BrokerUrl, timeoutMs: number) {
    this.#spec = spec;
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  async start(onState: (isUp: boolean, reason: string) => void): Promise<void> {
    this.#client = await connectKafka("ERR_SINK", this.#spec, this.#url);
    this.#onState = onState;
    this.#producer = await this.#connect();
  }

  async #connect(): Promise<Producer> {
    const { kafka, module } = this.#client!;
    const idempotent = this.#url.flag("idempotent");
    const producer = kafka.producer({
      idempotent,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: module.Partitioners.DefaultPartitioner,
      // Without sequence numbers a retry may double a batch that the broker has taken: the flow sends it again, once.
      retry: { retries: idempotent ? 3 : 0, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    await producer.connect();
    return producer;
  }

  /** The key is in the data, which is no JSON where the source does not validate. */
  check(event: FlowEvent): void {
    this.#keyOf(event);
  }

  async send(batch: readonly Outgoing[]): Promise<Answers> {
    try {
      await this.#produce(batch);
      return batch.map(() => undefined);
    } catch (error) {
      if (isTooLarge(error)) return this.#sendEach(batch);
      void this.#waitUntilBack(reasonOf(error));
      return batch.map(() => error as Error);
    }
  }

  /** Finds the event that is too large. */
  async #sendEach(batch: readonly Outgoing[]): Promise<Answers> {
    const answers: (Error | undefined)[] = [];
    for (const outgoing of batch) {
      const answer = await this.#produce([outgoing]).then(
        () => undefined,
        (error: Error) => (isTooLarge(error) ? new EventError(reasonOf(error)) : error),
      );
      answers.push(answer);
      if (answer === undefined || answer instanceof EventError) continue;
      void this.#waitUntilBack(answer.message);
      while (answers.length < batch.length) answers.push(answer);
    }
    return answers;
  }

  async #produce(batch: readonly Outgoing[]): Promise<void> {
    await this.#producer!.send({
      topic: this.#url.name,
      acks: ACKS_ALL,
      timeout: this.#timeoutMs,
      messages: batch.map(({ event, text }) => ({ key: this.#keyOf(event), value: text })),
    });
  }

  #keyOf(event: FlowEvent): string | null {
    const path = this.#url.text("key");
    const key =
      path === undefined
        ? (event.meta?.kafka as { key?: unknown } | undefined)?.key
        : path
            .split(".")
            .reduce(
              (value: unknown, name) => (value === undefined ? value : Object(value)[name]),
              event.data,
            );
    if (key === undefined || key === null) return null;
    return typeof key === "string" ? key : JSON.stringify(key);
  }

  /**
   * After a failure the producer is another one: the broker would take a batch of other events with the sequence numbers of
   * one that failed for the same batch, and drop it.
   */
  async #waitUntilBack(reason: string): Promise<void> {
    if (this.#isWaiting || this.#isClosed) return;
    this.#isWaiting = true;
    this.#onState(false, reason);
    const { kafka } = this.#client!;
    void this.#producer?.disconnect().catch(() => {});
    while (!this.#isClosed) {
      await pause(RETRY_MS);
      try {
        await checkTopic(kafka, this.#url.name);
        this.#producer = await this.#connect();
        break;
      } catch {
        // not yet
      }
    }
    this.#isWaiting = false;
    if (!this.#isClosed) this.#onState(true, "");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#producer?.disconnect().catch(() => {});
  }
}

function isTooLarge(error: unknown): boolean {
  const { type, cause } = Object(error) as { type?: unknown; cause?: { type?: unknown } };
  return [type, cause?.type].some((one) => one === "MESSAGE_TOO_LARGE" || one === "RECORD_LIST_TOO_LARGE");
}
