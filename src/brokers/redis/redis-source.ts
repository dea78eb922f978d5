/** Redis Streams as a source: `redis://host:port/key?group=name`. */
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Source } from "../../flow/protocol/source-and-sink.ts";
import { BrokerError, reasonOf } from "../base/broker-error.ts";
import { BrokerSource, type Message, type Reader } from "../base/broker-source.ts";
import { type BrokerUrl, readBrokerUrl } from "../base/broker-url.ts";
import { connectRedis, type RedisConnection } from "./redis-client.ts";

const OPTIONS = {
  group: "text",
  consumer: "text",
  field: "text",
  start: "text",
  create: "flag",
  database: [0, 65_535],
  batch: [1, 10_000],
  open: [1, 1_000_000],
  claimAfterMs: [1_000, 86_400_000],
  endAfterMs: [0, 86_400_000],
} as const;

/** ms that the server waits for a message. */
const BLOCK_MS = 1_000;
const RETRY_MS = 200;
const CLAIM_AFTER_MS = 60_000;
/** Ids in one command. */
const CHUNK = 1_000;

/**
 * Entries of a stream, by a consumer group. Consumers of one group share them; those of a consumer that died are taken over
 * after `claimAfterMs`.
 * @throws BrokerError for a bad URL, a missing package, a server that cannot be reached, and a stream that is not there
 */
export async function openRedisSource(spec: string): Promise<Source> {
  const url = readBrokerUrl("ERR_SOURCE", spec, 6_379, OPTIONS);
  const group = url.text("group");
  if (group === undefined) throw new BrokerError("ERR_SOURCE", spec, "needs a group", "add ?group=name");
  const [reading, writing] = [
    await connectRedis("ERR_SOURCE", spec, url),
    await connectRedis("ERR_SOURCE", spec, url),
  ];
  const reader = new RedisReader(spec, url, group, reading, writing);
  try {
    await reader.createGroup();
  } catch (error) {
    reading.close();
    writing.close();
    throw error;
  }
  const limits = {
    batch: url.number("batch", 500),
    open: url.number("open", 10_000),
    endAfterMs: url.number("endAfterMs", 0),
  };
  return new BrokerSource(spec, reader, limits);
}

type Entry = readonly [id: Buffer, fields: readonly Buffer[] | null];

class RedisReader implements Reader<string> {
  readonly keepAliveMs: number;
  readonly #spec: string;
  readonly #url: BrokerUrl;
  readonly #group: string;
  readonly #consumer: string;
  readonly #claimAfterMs: number;
  readonly #reading: RedisConnection;
  readonly #writing: RedisConnection;
  /** Acked, and not yet committed. */
  #uncommitted: string[] = [];
  #committing: Promise<void> | undefined;
  /** Entries that this consumer had before it was started come first: from this id on. undefined: all were read. */
  #own: string | undefined = "0";
  #claimedMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(
    spec: string,
    url: BrokerUrl,
    group: string,
    reading: RedisConnection,
    writing: RedisConnection,
  ) {
    this.#spec = spec;
    this.#url = url;
    this.#group = group;
    this.#consumer = url.text("consumer") ?? `${hostname()}-${process.pid}`;
    this.#claimAfterMs = url.number("claimAfterMs", CLAIM_AFTER_MS);
    this.keepAliveMs = this.#claimAfterMs / 3;
    this.#reading = reading;
    this.#writing = writing;
  }

  /** @throws BrokerError when there is no stream, unless it is to be created */
  async createGroup(): Promise<void> {
    const { name } = this.#url;
    const command = ["XGROUP", "CREATE", name, this.#group, this.#url.text("start") ?? "0"];
    if (this.#url.flag("create")) command.push("MKSTREAM");
    try {
      await this.#writing.send(command);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason.startsWith("BUSYGROUP")) return;
      const isMissing = /requires the key to exist/.test(reason);
      const hint = isMissing ? "write to it first, or add &create=true" : undefined;
      const what = isMissing ? `no stream ${JSON.stringify(name)}` : reason;
      throw new BrokerError("ERR_SOURCE", this.#spec, what, hint, error);
    }
  }

  async read(maximum: number): Promise<readonly Message<string>[] | undefined> {
    try {
      return await this.#readNext(maximum);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason.startsWith("NOGROUP")) {
        const what = `the stream or its group ${JSON.stringify(this.#group)} is gone`;
        throw new BrokerError("ERR_SOURCE", this.#spec, what, undefined, error);
      }
      if (!this.#isClosed) await pause(RETRY_MS);
      return undefined;
    }
  }

  async #readNext(maximum: number): Promise<readonly Message<string>[]> {
    if (this.#own !== undefined) {
      const own = await this.#readGroup(maximum, this.#own);
      this.#own = own.at(-1)?.position;
      if (own.length > 0) return own;
    }
    const nowMs = performance.now();
    if (nowMs - this.#claimedMs > this.#claimAfterMs / 3) {
      const claimed = await this.#claim(maximum);
      if (claimed.length > 0) return claimed;
      this.#claimedMs = nowMs;
    }
    return this.#readGroup(maximum, ">");
  }

  async #readGroup(maximum: number, from: string): Promise<Message<string>[]> {
    const block = from === ">" ? ["BLOCK", String(BLOCK_MS)] : [];
    const reply = (await this.#reading.send([
      ...["XREADGROUP", "GROUP", this.#group, this.#consumer, "COUNT", String(maximum)],
      ...block,
      ...["STREAMS", this.#url.name, from],
    ])) as readonly [readonly [Buffer, readonly Entry[]]] | null;
    return this.#messagesOf(reply?.[0][1] ?? []);
  }

  /** Entries of consumers that were silent for too long. */
  async #claim(maximum: number): Promise<Message<string>[]> {
    const { name } = this.#url;
    const [, entries] = (await this.#reading.send([
      ...["XAUTOCLAIM", name, this.#group, this.#consumer, String(this.#claimAfterMs), "0-0"],
      ...["COUNT", String(maximum)],
    ])) as readonly [Buffer, readonly Entry[]];
    return this.#messagesOf(entries);
  }

  #messagesOf(entries: readonly Entry[]): Message<string>[] {
    const messages: Message<string>[] = [];
    for (const [id, fields] of entries) {
      const position = id.toString();
      if (fields === null)
        this.commit([position]); // deleted from the stream meanwhile
      else messages.push({ position, bytes: this.#valueOf(fields), meta: { redis: { id: position } } });
    }
    return messages;
  }

  /** The field with the JSON; of an entry without it all fields as one object of texts. */
  #valueOf(fields: readonly Buffer[]): Uint8Array {
    const name = this.#url.text("field") ?? "data";
    for (let at = 0; at < fields.length; at += 2) {
      if (fields[at]!.toString() === name) return fields[at + 1]!;
    }
    const all: [string, string][] = [];
    for (let at = 0; at < fields.length; at += 2)
      all.push([fields[at]!.toString(), fields[at + 1]!.toString()]);
    return Buffer.from(JSON.stringify(Object.fromEntries(all)));
  }

  commit(positions: readonly string[]): void {
    for (const position of positions) this.#uncommitted.push(position);
    this.#committing ??= this.#commitAll().finally(() => {
      this.#committing = undefined;
    });
  }

  async #commitAll(): Promise<void> {
    while (this.#uncommitted.length > 0) {
      const ids = this.#uncommitted.slice(0, CHUNK);
      try {
        await this.#writing.send(["XACK", this.#url.name, this.#group, ...ids]);
        this.#uncommitted.splice(0, ids.length);
      } catch {
        if (this.#isClosed) return; // they are delivered again
        await pause(RETRY_MS);
      }
    }
  }

  keepAlive(positions: readonly string[]): void {
    for (let at = 0; at < positions.length; at += CHUNK) {
      const ids = positions.slice(at, at + CHUNK);
      const command = ["XCLAIM", this.#url.name, this.#group, this.#consumer, "0", ...ids, "JUSTID"];
      this.#writing.send(command).catch(() => {}); // again in a while
    }
  }

  /** What is not acked stays with this consumer: it is read first when the consumer of that name starts again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#reading.close();
    await this.#committing;
    this.#writing.close();
  }
}
