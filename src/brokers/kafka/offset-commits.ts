/** Offsets on their way to the broker: the latest of each partition, one request at a time, again until it is answered. */
import { setTimeout as pause } from "node:timers/promises";
import type { Consumer } from "kafkajs";

/** A message's place in its topic. */
export interface KafkaPosition {
  readonly partition: number;
  readonly offset: bigint;
}

const RETRY_MS = 300;
/** ms that the last commit may take when the source is closed. */
const CLOSE_MS = 5_000;

export class OffsetCommits {
  readonly #consumer: Pick<Consumer, "commitOffsets">;
  readonly #topic: string;
  /** By partition: the offset to read next, not yet committed. */
  #waiting = new Map<number, bigint>();
  #assigned: ReadonlySet<number> = new Set();
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(consumer: Pick<Consumer, "commitOffsets">, topic: string) {
    this.#consumer = consumer;
    this.#topic = topic;
  }

  /** The partitions that this consumer has: of others nothing is committed, which may be behind what their consumer has. */
  assign(partitions: ReadonlySet<number>): void {
    this.#assigned = partitions;
    for (const partition of this.#waiting.keys()) {
      if (!partitions.has(partition)) this.#waiting.delete(partition);
    }
  }

  /** All messages of their partitions up to these are acked. */
  add(positions: readonly KafkaPosition[]): void {
    for (const { partition, offset } of positions) {
      if (this.#assigned.has(partition)) this.#waiting.set(partition, offset + 1n);
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const sent = this.#waiting;
      this.#waiting = new Map();
      const offsets = [...sent].map(([partition, offset]) => ({
        topic: this.#topic,
        partition,
        offset: String(offset),
      }));
      try {
        await this.#consumer.commitOffsets(offsets);
      } catch {
        if (this.#isClosed) return; // they are delivered again
        for (const [partition, offset] of sent) {
          if (this.#assigned.has(partition) && !this.#waiting.has(partition))
            this.#waiting.set(partition, offset);
        }
        await pause(RETRY_MS);
      }
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    const limit = new AbortController();
    const timer = pause(CLOSE_MS, undefined, { signal: limit.signal }).catch(() => {});
    await Promise.race([this.#running, timer]);
    limit.abort();
    this.#isClosed = true;
  }
}
