/** NATS JetStream as a source: `nats://host:port/stream?durable=name`. */
import { setTimeout as pause } from "node:timers/promises";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import type { Source } from "../../flow/protocol/source-and-sink.ts";
import { BrokerError } from "../base/broker-error.ts";
import { BrokerSource, type Message, type Reader } from "../base/broker-source.ts";
import { readBrokerUrl } from "../base/broker-url.ts";
import { DeliveredMessages } from "./delivered-messages.ts";
import { connectNats, type JetStream } from "./nats-client.ts";

const OPTIONS = {
  durable: "text",
  filter: "text",
  ackWaitMs: [1_000, 86_400_000],
  batch: [1, 10_000],
  open: [1, 1_000_000],
  endAfterMs: [0, 86_400_000],
} as const;

/** ms that the server waits for messages; the least that NATS allows. */
const FETCH_MS = 1_000;
const RETRY_MS = 200;
const ACK_WAIT_MS = 30_000;
const NS_PER_MS = 1_000_000;

/**
 * Messages of a stream, by a durable consumer, which is made with explicit acks where there is none. Processes of one durable
 * share its messages; those of a process that died go to the others after `ackWaitMs`.
 * @throws BrokerError for a bad URL, a missing package, a server that cannot be reached, and a stream that is not there
 */
export async function openNatsSource(spec: string): Promise<Source> {
  const url = readBrokerUrl("ERR_SOURCE", spec, 4_222, OPTIONS);
  const durable = url.text("durable");
  if (durable === undefined) {
    throw new BrokerError("ERR_SOURCE", spec, "needs a durable consumer", "add ?durable=name");
  }
  const stream = await connectNats("ERR_SOURCE", spec, url);
  const filter = url.text("filter");
  const wantedMs = url.number("ackWaitMs", ACK_WAIT_MS);
  try {
    const ackWaitMs = await ensureConsumer(stream, url.name, durable, filter, wantedMs);
    const consumer = await stream.client.consumers.get(url.name, durable);
    const limits = {
      batch: url.number("batch", 500),
      open: url.number("open", 10_000),
      endAfterMs: url.number("endAfterMs", 0),
    };
    return new BrokerSource(spec, new NatsReader(stream, consumer, ackWaitMs), limits);
  } catch (error) {
    await stream.connection.close();
    const what = `consumer ${JSON.stringify(durable)}: ${(error as Error).message}`;
    throw new BrokerError("ERR_SOURCE", spec, what, undefined, error);
  }
}

/** Makes the consumer where there is none. Returns how long a message of it may be out. */
async function ensureConsumer(
  { manager }: JetStream,
  stream: string,
  durable: string,
  filter: string | undefined,
  ackWaitMs: number,
): Promise<number> {
  const known = await manager.consumers.info(stream, durable).catch(() => undefined);
  if (known) return (known.config.ack_wait ?? ACK_WAIT_MS * NS_PER_MS) / NS_PER_MS;
  await manager.consumers.add(stream, {
    durable_name: durable,
    ack_policy: "explicit",
    ack_wait: ackWaitMs * NS_PER_MS,
    max_ack_pending: -1,
    ...(filter !== undefined && { filter_subject: filter }),
  });
  return ackWaitMs;
}

class NatsReader implements Reader<JsMsg> {
  readonly keepAliveMs: number;
  readonly #stream: JetStream;
  readonly #consumer: Consumer;
  /** Delivered, and not yet read. */
  #queue: JsMsg[] = [];
  #wake: (() => void) | undefined;
  readonly #delivered = new DeliveredMessages();
  /** The fetch under way: it goes on while what it brought is read. */
  #fetch: Promise<boolean> | undefined;
  #isClosed = false;

  constructor(stream: JetStream, consumer: Consumer, ackWaitMs: number) {
    this.#stream = stream;
    this.#consumer = consumer;
    this.keepAliveMs = ackWaitMs / 3;
  }

  async read(maximum: number): Promise<readonly Message<JsMsg>[] | undefined> {
    if (this.#queue.length === 0) {
      this.#fetch ??= this.#fetchNext(maximum).finally(() => {
        this.#fetch = undefined;
      });
      const arrived = new Promise<true>((resolve) => {
        this.#wake = () => resolve(true);
      });
      const isThere = await Promise.race([this.#fetch, arrived]);
      if (!isThere) {
        if (!this.#isClosed) await pause(RETRY_MS);
        return undefined;
      }
    }
    return this.#queue.splice(0, maximum).map((message) => ({
      position: message,
      bytes: message.data,
      meta: { nats: { subject: message.subject, sequence: message.seq } },
    }));
  }

  /** Returns false where the server is away. */
  async #fetchNext(maximum: number): Promise<boolean> {
    try {
      const messages = await this.#consumer.fetch({ max_messages: maximum, expires: FETCH_MS });
      for await (const message of messages) {
        if (this.#delivered.isDouble(message)) continue;
        this.#queue.push(message);
        this.#wake?.();
      }
      return !this.#stream.connection.isClosed();
    } catch {
      return false;
    }
  }

  commit(messages: readonly JsMsg[]): void {
    for (const message of messages) {
      this.#delivered.commit(message);
      message.ack();
    }
  }

  keepAlive(messages: readonly JsMsg[]): void {
    for (const message of messages) message.working();
    for (const message of this.#queue) message.working();
  }

  async close(messages: readonly JsMsg[]): Promise<void> {
    this.#isClosed = true;
    const { connection } = this.#stream;
    for (const message of [...messages, ...this.#queue.splice(0)]) message.nak();
    await Promise.race([connection.flush().catch(() => {}), pause(FETCH_MS)]);
    await connection.close();
  }
}
