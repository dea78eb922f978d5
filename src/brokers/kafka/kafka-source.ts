/** Kafka as a source: `kafka://host:port/topic?group=name`. */
import { setTimeout as pause } from "node:timers/promises";
import type { Consumer, EachBatchPayload } from "kafkajs";
import type { Source } from "../../flow/protocol/source-and-sink.ts";
import { BrokerError, reasonOf } from "../base/broker-error.ts";
import { BrokerSource, type Message, type Reader } from "../base/broker-source.ts";
import { type BrokerUrl, readBrokerUrl } from "../base/broker-url.ts";
import { connectKafka, type KafkaClient } from "./kafka-client.ts";
import { type KafkaPosition, OffsetCommits } from "./offset-commits.ts";

const OPTIONS = {
  group: "text",
  start: "text",
  batch: [1, 10_000],
  open: [1, 1_000_000],
  sessionMs: [1_000, 3_600_000],
  endAfterMs: [0, 86_400_000],
} as const;

const WAIT_MS = 1_000;
const HEARTBEAT_MS = 500;
const SESSION_MS = 30_000;

/**
 * Messages of a topic, by a consumer group. An ack commits the offset behind the last acked message of its partition. While
 * the flow is stopped, heartbeats go on, and the group is not balanced anew.
 * @throws BrokerError for a bad URL, a missing package, brokers that cannot be reached, and a topic that is not there
 */
export async function openKafkaSource(spec: string): Promise<Source> {
  const url = readBrokerUrl("ERR_SOURCE", spec, 9_092, OPTIONS);
  const group = url.text("group");
  if (group === undefined) throw new BrokerError("ERR_SOURCE", spec, "needs a group", "add ?group=name");
  const start = url.text("start") ?? "earliest";
  if (start !== "earliest" && start !== "latest") {
    throw new BrokerError(
      "ERR_SOURCE",
      spec,
      `start must be earliest or latest, got ${JSON.stringify(start)}`,
    );
  }
  const client = await connectKafka("ERR_SOURCE", spec, url);
  const batch = url.number("batch", 500);
  const reader = new KafkaReader(client, url, group, batch);
  try {
    await reader.start(start === "earliest");
  } catch (error) {
    await reader.close();
    throw new BrokerError("ERR_SOURCE", spec, `cannot be read: ${reasonOf(error)}`, undefined, error);
  }
  const limits = { batch, open: url.number("open", 10_000), endAfterMs: url.number("endAfterMs", 0) };
  return new BrokerSource(spec, reader, limits);
}

class KafkaReader implements Reader<KafkaPosition> {
  readonly #topic: string;
  readonly #consumer: Consumer;
  readonly #commits: OffsetCommits;
  /** Messages that wait to be read from which on no more are fetched. */
  readonly #enough: number;
  #queue: Message<KafkaPosition>[] = [];
  /** Of each partition that this consumer has: the offset that was queued last. */
  readonly #queued = new Map<number, bigint>();
  #fetches = 0;
  #arrived: (() => void) | undefined;
  #taken: (() => void) | undefined;
  #isClosed = false;

  constructor({ kafka }: KafkaClient, url: BrokerUrl, group: string, enough: number) {
    this.#topic = url.name;
    this.#enough = enough;
    const sessionMs = url.number("sessionMs", SESSION_MS);
    this.#consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionMs,
      // After an outage of the broker the client joins as another member: the group waits so long for the one that it was.
      rebalanceTimeout: sessionMs,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: WAIT_MS / 2,
      allowAutoTopicCreation: false,
      retry: { retries: 5, restartOnFailure: async () => !this.#isClosed },
    });
    this.#commits = new OffsetCommits(this.#consumer, url.name);
  }

  async start(fromBeginning: boolean): Promise<void> {
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#assign(new Set(payload.memberAssignment[this.#topic] ?? []));
    });
    this.#consumer.on(events.FETCH, () => {
      this.#fetches++;
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [this.#topic], fromBeginning });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (batch) => this.#take(batch),
    });
  }

  /** What waits of partitions that another consumer has now is that one's. */
  #assign(partitions: ReadonlySet<number>): void {
    for (const partition of this.#queued.keys()) {
      if (!partitions.has(partition)) this.#queued.delete(partition);
    }
    this.#queue = this.#queue.filter(({ position }) => partitions.has(position.partition));
    this.#commits.assign(partitions);
  }

  /** After the group was balanced anew the client reads from the committed offset: what is here already is passed over. */
  async #take({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload): Promise<void> {
    const { partition } = batch;
    for (const { offset, value, key, headers } of batch.messages) {
      if (this.#isClosed || isStale()) return;
      const at = BigInt(offset);
      if (at > (this.#queued.get(partition) ?? -1n)) {
        this.#queued.set(partition, at);
        const meta = {
          kafka: { partition, offset, key: key?.toString() ?? null, headers: textsOf(headers) },
        };
        this.#queue.push({ position: { partition, offset: at }, bytes: value ?? EMPTY, meta });
      }
      resolveOffset(offset);
    }
    this.#arrived?.();
    while (this.#queue.length >= this.#enough && !this.#isClosed && !isStale()) {
      await Promise.race([pause(HEARTBEAT_MS), new Promise<void>((resolve) => (this.#taken = resolve))]);
      await heartbeat();
    }
  }

  async read(maximum: number): Promise<readonly Message<KafkaPosition>[] | undefined> {
    const fetches = this.#fetches;
    if (this.#queue.length === 0) {
      const limit = new AbortController();
      const timer = pause(WAIT_MS, undefined, { signal: limit.signal }).catch(() => {});
      await Promise.race([timer, new Promise<void>((resolve) => (this.#arrived = resolve))]);
      limit.abort();
    }
    const messages = this.#queue.splice(0, maximum);
    this.#taken?.();
    return messages.length === 0 && this.#fetches === fetches ? undefined : messages;
  }

  commit(positions: readonly KafkaPosition[]): void {
    this.#commits.add(positions);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#arrived?.();
    this.#taken?.();
    await this.#commits.close();
    await this.#consumer.disconnect().catch(() => {});
  }
}

const EMPTY = new Uint8Array();

function textsOf(headers: object | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}
