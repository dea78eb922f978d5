/** Makes any source transactional by keeping the items that it has handed over until they are acked. */

import type { Insight } from "../protocol/insight.ts";
import type { Source, SourceItem } from "../protocol/source-and-sink.ts";

/** When a replay gives up. */
export interface ReplayOptions {
  /** How often one event may fail before the source gives up. A whole number from 1, default 16. */
  readonly attempts?: number;
}

/**
 * Hands everything over again from the lowest id that failed: at least once instead of at most once. Items that are not
 * acked yet are in memory; the limits of the sinks bound them. A hot loop of failures is for a breaker to
 * prevent, or for `qos::backpressure`, in the pipeline.
 */
export class ReplaySource implements Source {
  readonly name: string;
  readonly transactional = true;
  readonly #source: Source;
  readonly #attempts: number;
  /** Not acked, in their order. */
  readonly #kept: SourceItem[] = [];
  /** Id of the first of `#kept`. */
  #firstId = 1;
  /** How many of `#kept` have been handed over since the last fail. */
  #handed = 0;
  /** How often the event that a replay begins with has failed in a row. */
  #failures = 0;
  #failedId = 0;
  #rewinds = 0;
  #isOver = false;

  /** Throws a RangeError for bad options. */
  constructor(source: Source, { attempts = 16 }: ReplayOptions = {}) {
    if (!Number.isInteger(attempts) || attempts < 1) {
      throw new RangeError(`attempts must be a whole number from 1, got ${String(attempts)}`);
    }
    this.name = source.name;
    this.#source = source;
    this.#attempts = attempts;
  }

  /** Throws what the source throws, and an Error when one event has failed too often. */
  async pull(): Promise<readonly SourceItem[] | undefined> {
    if (this.#failures >= this.#attempts) {
      throw new Error(`${this.name}: event ${this.#failedId} has failed ${this.#failures} times`);
    }
    const before = this.#rewinds;
    if (this.#handed === this.#kept.length && !this.#isOver) await this.#read();
    if (this.#rewinds !== before) return []; // the graph does not take the items of that pull
    const items = this.#kept.slice(this.#handed);
    this.#handed = this.#kept.length;
    return items.length === 0 && this.#isOver ? undefined : items;
  }

  onInsight(insight: Insight): void {
    if (insight.kind === "ack") {
      this.#forget(insight.id);
      // The ids are its own: it has handed over each item once, in the same order.
      if (this.#source.transactional) this.#source.onInsight?.(insight);
    } else if (insight.kind === "fail") this.#rewind(insight.id);
    else this.#source.onInsight?.(insight);
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #read(): Promise<void> {
    const items = await this.#source.pull();
    if (items === undefined) this.#isOver = true;
    else for (const item of items) this.#kept.push(item);
  }

  #forget(id: number): void {
    const acked = id + 1 - this.#firstId;
    this.#kept.splice(0, acked);
    this.#handed -= acked;
    this.#firstId += acked;
  }

  #rewind(id: number): void {
    this.#rewinds++;
    this.#handed = id - this.#firstId;
    this.#failures = id === this.#failedId ? this.#failures + 1 : 1;
    this.#failedId = id;
  }
}
