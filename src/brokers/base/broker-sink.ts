/**
 * A sink over a broker. Events of one turn of the event loop are one batch, and batches are sent one after the other, so that
 * their order stays. A broker that is away is a trigger; what comes meanwhile fails at once.
 */
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Sink, SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { jsonOf } from "../../ndjson/event-line.ts";
import { reasonOf } from "./broker-error.ts";

/** An event and its JSON. */
export interface Outgoing {
  readonly event: FlowEvent;
  readonly text: string;
}

/** How a batch ended: an error for each event that the broker has not taken. */
export type Answers = readonly (Error | undefined)[];

/** The event is at fault, such as one that is too large: no other try can help. */
export class EventError extends Error {
  override readonly name = "EventError";
}

/** What differs between brokers. */
export interface Writer {
  /** Connects. May throw a BrokerError. `onState` hears when the broker is away, and when it is back. */
  start(onState: (isUp: boolean, reason: string) => void): Promise<void>;
  /** Throws where the event itself cannot be sent: it alone is rejected. */
  check?(event: FlowEvent): void;
  /** Resolves when the broker has answered all of them. */
  send(batch: readonly Outgoing[]): Promise<Answers>;
  close(): Promise<void>;
}

/** Batches that wait from which on the sink is congested. */
const CONGESTED = 4;

/** Options of the URL of every such sink. */
export const SINK_OPTIONS = { batch: [1, 10_000], timeoutMs: [100, 600_000] } as const;
/** Their defaults. */
export const SINK_DEFAULTS = { batch: 500, timeoutMs: 30_000 };

export class BrokerSink implements Sink {
  readonly name: string;
  readonly #writer: Writer;
  readonly #batchSize: number;
  readonly #timeoutMs: number;
  #context: SinkContext | undefined;
  #waiting: Outgoing[] = [];
  #isSending = false;
  #fault: string | undefined;
  #flush: NodeJS.Immediate | undefined;
  #emptied: (() => void)[] = [];

  /** @param timeoutMs a batch that is not answered by then fails, although the broker may take it later */
  constructor(name: string, writer: Writer, batchSize: number, timeoutMs: number) {
    this.name = name;
    this.#writer = writer;
    this.#batchSize = batchSize;
    this.#timeoutMs = timeoutMs;
  }

  get congested(): boolean {
    return this.#waiting.length >= CONGESTED * this.#batchSize;
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    await this.#writer.start((isUp, reason) => this.#change(isUp, reason));
  }

  #change(isUp: boolean, reason: string): void {
    if (isUp === (this.#fault === undefined)) return;
    this.#fault = isUp ? undefined : `not connected: ${reason}`;
    if (!isUp) this.#failWaiting(this.#fault);
    this.#context?.contraflow(isUp ? "restore" : "trigger");
  }

  /** First the answers: a breaker counts them, and they may open it, before the trigger opens it by force. */
  #failWaiting(error: string | undefined): void {
    const events = this.#waiting.map(({ event }) => event);
    this.#waiting = [];
    if (events.length > 0) this.#context?.failAll(events, { error });
    this.#relieve();
  }

  onEvent(event: FlowEvent): void {
    if (this.#fault !== undefined) {
      this.#context?.fail(event, { error: this.#fault });
      return;
    }
    try {
      this.#writer.check?.(event);
      this.#waiting.push({ event, text: jsonOf(event) });
    } catch (error) {
      this.#context?.reject(event, { error: reasonOf(error) });
      return;
    }
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#batchSize);
      await this.#sendBatch(batch);
      this.#relieve();
    }
    this.#isSending = false;
    this.#relieve();
  }

  async #sendBatch(batch: readonly Outgoing[]): Promise<void> {
    const context = this.#context!;
    const startMs = performance.now();
    const answers = await this.#answersOf(batch);
    const durationMs = performance.now() - startMs;
    const taken = batch.filter((_, at) => answers[at] === undefined).map(({ event }) => event);
    if (taken.length > 0) context.ackAll(taken, durationMs);
    const failed: FlowEvent[] = [];
    let fault: Error | undefined;
    for (const [at, { event }] of batch.entries()) {
      const error = answers[at];
      if (error instanceof EventError) context.reject(event, { error: error.message });
      else if (error !== undefined) {
        failed.push(event);
        fault ??= error;
      }
    }
    if (fault === undefined) return;
    const meta = { error: reasonOf(fault) };
    context.failAll(failed, meta, durationMs);
    this.#failWaiting(meta.error); // a source that sends again from the first failed one sends these, too
  }

  async #answersOf(batch: readonly Outgoing[]): Promise<Answers> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${this.#timeoutMs} ms`)), this.#timeoutMs);
    });
    try {
      return await Promise.race([this.#writer.send(batch), limit]);
    } catch (error) {
      return batch.map(() => error as Error);
    } finally {
      clearTimeout(timer);
    }
  }

  #relieve(): void {
    if (!this.congested) this.#context?.relieved();
    if (this.#isSending || this.#waiting.length > 0) return;
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  async drain(): Promise<void> {
    if (this.#waiting.length === 0 && !this.#isSending) return;
    await new Promise<void>((resolve) => {
      this.#emptied.push(resolve);
      void this.#send();
    });
  }

  async close(): Promise<void> {
    clearImmediate(this.#flush);
    this.#fault = "closed before it was written";
    this.#failWaiting(this.#fault);
    await this.#writer.close();
  }
}
