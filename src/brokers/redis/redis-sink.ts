/** Redis Streams as a sink: `redis://host:port/key`. */
import { setTimeout as pause } from "node:timers/promises";
import type { Sink } from "../../flow/protocol/source-and-sink.ts";
import { reasonOf } from "../base/broker-error.ts";
import {
  type Answers,
  BrokerSink,
  type Outgoing,
  SINK_DEFAULTS,
  SINK_OPTIONS,
  type Writer,
} from "../base/broker-sink.ts";
import { type BrokerUrl, readBrokerUrl } from "../base/broker-url.ts";
import { connectRedis, type RedisConnection } from "./redis-client.ts";

const OPTIONS = {
  ...SINK_OPTIONS,
  field: "text",
  database: [0, 65_535],
  maximumLength: [1, 1_000_000_000],
} as const;

const RETRY_MS = 200;
/** Errors of a server that cannot take commands for now. */
const AWAY = /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|NOREPLICAS)/;

/**
 * An entry of a stream for each event, in order. An ack means that the server has answered. What was under way when the
 * connection broke fails, and may be there: it is there twice when it is sent again.
 * @throws BrokerError for a bad URL
 */
export function openRedisSink(spec: string): Sink {
  const url = readBrokerUrl("ERR_SINK", spec, 6_379, OPTIONS);
  const { batch, timeoutMs } = SINK_DEFAULTS;
  const writer = new RedisWriter(spec, url);
  return new BrokerSink(spec, writer, url.number("batch", batch), url.number("timeoutMs", timeoutMs));
}

class RedisWriter implements Writer {
  readonly #spec: string;
  readonly #url: BrokerUrl;
  #connection: RedisConnection | undefined;
  #onState: (isUp: boolean, reason: string) => void = () => {};
  #isClosed = false;

  constructor(spec: string, url: BrokerUrl) {
    this.#spec = spec;
    this.#url = url;
  }

  async start(onState: (isUp: boolean, reason: string) => void): Promise<void> {
    this.#connection = await connectRedis("ERR_SINK", this.#spec, this.#url);
    this.#onState = onState;
    this.#connection.onState(onState);
  }

  async send(batch: readonly Outgoing[]): Promise<Answers> {
    const length = this.#url.number("maximumLength", 0);
    const limit = length > 0 ? ["MAXLEN", "~", String(length)] : [];
    const start = ["XADD", this.#url.name, ...limit, "*", this.#url.text("field") ?? "data"];
    const answers = await Promise.allSettled(
      batch.map(({ text }) => this.#connection!.send([...start, text])),
    );
    const errors = answers.map((answer) =>
      answer.status === "fulfilled" ? undefined : (answer.reason as Error),
    );
    const away = errors.find((error) => error !== undefined && AWAY.test(error.message));
    if (away) void this.#waitUntilBack(away.message);
    return errors;
  }

  /** The server is there and takes nothing, such as while it reads its data after a restart. */
  async #waitUntilBack(reason: string): Promise<void> {
    this.#onState(false, reason);
    while (!this.#isClosed) {
      await pause(RETRY_MS);
      const answer = await this.#connection!.send(["XLEN", this.#url.name]).catch(reasonOf);
      if (typeof answer === "number") break;
    }
    if (!this.#isClosed) this.#onState(true, "");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connection?.close();
  }
}
