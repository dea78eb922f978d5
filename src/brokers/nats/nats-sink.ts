/** NATS JetStream as a sink: `nats://host:port/stream?subject=name`. */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Sink } from "../../flow/protocol/source-and-sink.ts";
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
import { connectNats, type JetStream } from "./nats-client.ts";

const OPTIONS = { ...SINK_OPTIONS, subject: "text" } as const;
const RETRY_MS = 200;
/** The header with the message id, at most. */
const HEADER_BYTES = 128;

/**
 * A message of a stream for each event, in order; its subject is the name of the stream unless another one is given. An ack
 * means that the stream has it. What is sent again within one run has the same message id, so the stream drops it (for as long
 * as its duplicate window, 2 minutes by default).
 * @throws BrokerError for a bad URL
 */
export function openNatsSink(spec: string): Sink {
  const url = readBrokerUrl("ERR_SINK", spec, 4_222, OPTIONS);
  const timeoutMs = url.number("timeoutMs", SINK_DEFAULTS.timeoutMs);
  const writer = new NatsWriter(spec, url, timeoutMs);
  return new BrokerSink(spec, writer, url.number("batch", SINK_DEFAULTS.batch), timeoutMs);
}

class NatsWriter implements Writer {
  readonly #spec: string;
  readonly #url: BrokerUrl;
  readonly #timeoutMs: number;
  /** Begins the message ids of this run. */
  readonly #run = randomUUID();
  #stream: JetStream | undefined;
  #onState: (isUp: boolean, reason: string) => void = () => {};
  #isWaiting = false;
  #isClosed = false;

  constructor(spec: string, url: BrokerUrl, timeoutMs: number) {
    this.#spec = spec;
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  async start(onState: (isUp: boolean, reason: string) => void): Promise<void> {
    this.#stream = await connectNats("ERR_SINK", this.#spec, this.#url);
    this.#onState = onState;
    void this.#watch();
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#stream!.connection.status()) {
      if (type === "disconnect") void this.#waitUntilBack("connection lost");
    }
  }

  /** After a restart the server answers before its stream does. */
  async #waitUntilBack(reason: string): Promise<void> {
    if (this.#isWaiting || this.#isClosed) return;
    this.#isWaiting = true;
    this.#onState(false, reason);
    while (!this.#isClosed) {
      await pause(RETRY_MS);
      const isBack = await this.#stream!.manager.streams.info(this.#url.name).then(
        () => true,
        () => false,
      );
      if (isBack) break;
    }
    this.#isWaiting = false;
    if (!this.#isClosed) this.#onState(true, "");
  }

  async send(batch: readonly Outgoing[]): Promise<Answers> {
    const subject = this.#url.text("subject") ?? this.#url.name;
    const answers = await Promise.allSettled(batch.map((outgoing) => this.#publish(subject, outgoing)));
    const errors = answers.map((answer) =>
      answer.status === "fulfilled" ? undefined : (answer.reason as Error),
    );
    const fault = errors.find((error) => error !== undefined && !(error instanceof EventError));
    if (fault) void this.#waitUntilBack(fault.message);
    return errors;
  }

  async #publish(subject: string, { event, text }: Outgoing): Promise<void> {
    const { client, connection } = this.#stream!;
    const maximum = connection.info?.max_payload ?? Infinity;
    const bytes = Buffer.byteLength(text) + HEADER_BYTES;
    if (bytes > maximum)
      throw new EventError(`must be at most ${maximum} bytes for the server, got ${bytes}`);
    const msgID = this.#idOf(event, text);
    const options = { timeout: this.#timeoutMs, retries: 0 };
    await client.publish(subject, text, msgID === undefined ? options : { ...options, msgID });
  }

  /** The same when the event is sent again; of other data another one. undefined: an operator made the event. */
  #idOf({ source, id }: FlowEvent, text: string): string | undefined {
    if (source < 0) return undefined;
    return `${this.#run}.${source}.${id}.${createHash("sha1").update(text).digest("base64url")}`;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#stream?.connection.close();
  }
}
