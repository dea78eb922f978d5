/**
 * A source over a broker. What it has handed over stays here until it is acked: an ack commits to the broker, a fail hands it
 * over again from memory, and what is left at the end goes back to the broker.
 */
import type { Insight } from "../../flow/protocol/insight.ts";
import type { Source, SourceItem } from "../../flow/protocol/source-and-sink.ts";
import { decode, decodeLeniently } from "../../ndjson/utf8.ts";
import { reasonOf } from "./broker-error.ts";

/** A message as the broker delivers it. */
export interface Message<Position> {
  /** Where it is in the broker. */
  readonly position: Position;
  /** Its value: one JSON text, or what is none. */
  readonly bytes: Uint8Array;
  /** `$meta` of its event. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What differs between brokers. No function throws for a broker that is away: it waits, and tries again. */
export interface Reader<Position> {
  /**
   * At most `maximum` messages; none after about a second without one; undefined where the broker is away. May throw a
   * BrokerError, which ends the flow.
   */
  read(maximum: number): Promise<readonly Message<Position>[] | undefined>;
  /** They are acked: the broker must not deliver them again. */
  commit(positions: readonly Position[]): void;
  /** They are still being worked on: the broker must not deliver them to another consumer. Called every `keepAliveMs`. */
  keepAlive?(positions: readonly Position[]): void;
  readonly keepAliveMs?: number;
  /** Commits what is not committed yet, and gives these back. */
  close(positions: readonly Position[]): Promise<void>;
}

/** Messages that are out. */
export interface SourceLimits {
  /** Messages handed over at once. */
  readonly batch: number;
  /** Messages that are handed over and not acked: then it waits for acks. */
  readonly open: number;
  /** The source ends after so many ms without a message; 0: never. */
  readonly endAfterMs: number;
}

/** ms before an event that failed again is handed over again; doubled each time. */
const RETRY_MS = 25;
const MAXIMUM_RETRY_MS = 5_000;

interface Kept<Position> {
  readonly item: SourceItem;
  readonly position: Position;
}

export class BrokerSource<Position> implements Source {
  readonly name: string;
  readonly transactional = true;
  readonly #reader: Reader<Position>;
  readonly #limits: SourceLimits;
  /** Not acked, in their order. */
  #kept: Kept<Position>[] = [];
  /** Id of the first of `#kept`. */
  #firstId = 1;
  /** How many of `#kept` were handed over since the latest fail. */
  #handed = 0;
  #rewinds = 0;
  /** ms of reads since the latest message that found none, with the broker there. */
  #idleMs = 0;
  #wake: (() => void) | undefined;
  /** The event that failed last, and how often it failed again in a row: it waits before it is handed over again. */
  #failedId = 0;
  #failures = 0;
  #retryAtMs = 0;
  #isClosed = false;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(name: string, reader: Reader<Position>, limits: SourceLimits) {
    this.name = name;
    this.#reader = reader;
    this.#limits = limits;
    const { keepAliveMs } = reader;
    if (keepAliveMs === undefined) return;
    this.#timer = setInterval(() => reader.keepAlive?.(this.#positions()), keepAliveMs);
    this.#timer.unref();
  }

  async pull(): Promise<readonly SourceItem[] | undefined> {
    const rewinds = this.#rewinds;
    const waitMs = this.#retryAtMs - performance.now();
    if (waitMs > 0) await this.#nextAnswer(waitMs);
    if (this.#isClosed) return undefined;
    if (this.#rewinds !== rewinds) return [];
    while (this.#handed === this.#kept.length) {
      if (this.#isClosed || this.#isOver()) return undefined;
      if (this.#kept.length >= this.#limits.open) await this.#nextAnswer();
      else await this.#read();
      if (this.#rewinds !== rewinds) return []; // the graph does not take what was waited for
    }
    const next = this.#kept.slice(this.#handed, this.#handed + this.#limits.batch);
    this.#handed += next.length;
    return next.map(({ item }) => item);
  }

  #isOver(): boolean {
    const { endAfterMs } = this.#limits;
    return endAfterMs > 0 && this.#idleMs >= endAfterMs;
  }

  async #read(): Promise<void> {
    const { batch, open } = this.#limits;
    const startMs = performance.now();
    const messages = await this.#reader.read(Math.min(batch, open - this.#kept.length));
    if (this.#isClosed) return; // close gives back what was read before
    this.#idleMs = messages?.length === 0 ? this.#idleMs + performance.now() - startMs : 0;
    for (const message of messages ?? [])
      this.#kept.push({ item: itemOf(message), position: message.position });
  }

  /** Resolves at the next answer, when it is closed, and after so many ms. */
  #nextAnswer(limitMs = Infinity): Promise<void> {
    return new Promise((resolve) => {
      const timer = limitMs < Infinity ? setTimeout(resolve, limitMs) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  onInsight(insight: Insight): void {
    if (insight.kind === "ack") this.#forget(insight.id);
    else if (insight.kind === "fail") {
      this.#rewinds++;
      this.#handed = insight.id - this.#firstId;
      this.#failures = insight.id === this.#failedId ? this.#failures + 1 : 0;
      this.#failedId = insight.id;
      const delayMs = Math.min(RETRY_MS * 2 ** this.#failures, MAXIMUM_RETRY_MS);
      this.#retryAtMs = this.#failures > 0 ? performance.now() + delayMs : 0;
    } else return;
    this.#wake?.();
    this.#wake = undefined;
  }

  #forget(id: number): void {
    const acked = this.#kept.splice(0, id + 1 - this.#firstId);
    this.#handed -= acked.length;
    this.#firstId += acked.length;
    if (acked.length > 0) this.#reader.commit(acked.map(({ position }) => position));
  }

  #positions(): Position[] {
    return this.#kept.map(({ position }) => position);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#wake?.();
    await this.#reader.close(this.#positions());
  }
}

/** The event of a message, or what is wrong with it. */
function itemOf<Position>({ bytes, meta }: Message<Position>): SourceItem {
  const text = decode(bytes);
  if (text === undefined)
    return { malformed: { ...meta, error: "not valid UTF-8", text: decodeLeniently(bytes) } };
  try {
    const data: unknown = JSON.parse(text);
    return { data, meta, ...(!text.includes("\n") && { text }) };
  } catch (error) {
    return { malformed: { ...meta, error: reasonOf(error), text } };
  }
}
