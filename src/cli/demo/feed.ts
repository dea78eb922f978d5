/** A source as a live feed: a fixed number of events a second, whether the flow is ready or not. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Insight } from "../../flow/protocol/insight.ts";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";

/** Events come in handfuls, this far apart (in ms), or one by one where they are rarer. */
export const HANDFUL_MS = 10;

export interface FeedOptions {
  readonly eventsPerSecond: number;
  /** Events after which the feed ends, however many more there are. */
  readonly limit: number;
  /** Called when the first event is asked for. */
  readonly onBegin?: () => void;
  /** Default: the clock and the timers of the process. */
  readonly timing?: Timing;
}

export interface Timing {
  /** In ms. */
  now(): number;
  /** Rejects when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

const REAL_TIMING: Timing = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/**
 * What was due while the flow was held back is handed over as soon as it goes on: a feed does not slow down because
 * its reader does, it piles up.
 */
export class Feed implements Source {
  readonly name: string;
  readonly #source: Source;
  readonly #options: FeedOptions;
  readonly #timing: Timing;
  readonly #closing = new AbortController();
  #startedMs = Number.NaN;
  #handedOver = 0;
  /** Read from the source, not due yet. */
  #ready: SourceItem[] = [];
  #ended = false;

  constructor(source: Source, options: FeedOptions) {
    this.name = source.name;
    this.#source = source;
    this.#options = options;
    this.#timing = options.timing ?? REAL_TIMING;
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    this.#begin();
    await this.#fill();
    const left = Math.min(this.#ready.length, this.#options.limit - this.#handedOver);
    if (left === 0 || !(await this.#wait(Math.min(left, this.#handful)))) return undefined;
    const items = this.#ready.splice(0, Math.min(left, this.#due));
    this.#handedOver += items.length;
    return items;
  }

  /** A feed cannot go back: it gets triggers and restores, and no acks. */
  onInsight(insight: Insight): void {
    this.#source.onInsight?.(insight);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#source.close();
  }

  /** Events that come at once. */
  get #handful(): number {
    return Math.max(Math.floor((this.#options.eventsPerSecond * HANDFUL_MS) / 1_000), 1);
  }

  /** Events that should have been handed over by now, and were not. */
  get #due(): number {
    const elapsedMs = this.#timing.now() - this.#startedMs;
    return Math.floor((elapsedMs * this.#options.eventsPerSecond) / 1_000) - this.#handedOver;
  }

  #begin(): void {
    if (!Number.isNaN(this.#startedMs)) return;
    this.#startedMs = this.#timing.now();
    this.#options.onBegin?.();
  }

  async #fill(): Promise<void> {
    while (this.#ready.length === 0 && !this.#ended) {
      const items = await this.#source.pull();
      if (items === undefined) this.#ended = true;
      else this.#ready.push(...items);
    }
  }

  /** Until so many events are due. False: closed meanwhile. */
  async #wait(events: number): Promise<boolean> {
    while (this.#due < events) {
      const ms = ((events - this.#due) * 1_000) / this.#options.eventsPerSecond;
      try {
        await this.#timing.sleep(Math.ceil(ms), this.#closing.signal);
      } catch {
        return false;
      }
    }
    return true;
  }
}
