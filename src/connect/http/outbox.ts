/** Batches that wait for a request. */
import type { FlowEvent } from "../../flow/event.ts";
import { Batch } from "./batch.ts";

export class Outbox {
  readonly #batchSize: number;
  readonly #lingerMs: number;
  readonly #onReady: () => void;
  #filling = new Batch();
  #full: Batch[] = [];
  /** Of batches that an endpoint has refused as a whole. */
  #parts: Batch[] = [];
  #linger: NodeJS.Timeout | undefined;
  /** The batch that fills has waited long enough: it goes out as soon as a request may start. */
  #overdue = false;

  /** @param onReady called when there is something new for `take`. */
  constructor(options: { batchSize: number; lingerMs: number; onReady: () => void }) {
    this.#batchSize = options.batchSize;
    this.#lingerMs = options.lingerMs;
    this.#onReady = options.onReady;
  }

  /** Batches that are full. */
  get fullBatches(): number {
    return this.#full.length;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#full.length === 0 && this.#filling.events.length === 0;
  }

  add(event: FlowEvent, line: string): void {
    this.#filling.add(event, line);
    if (this.#filling.isFull(this.#batchSize)) {
      this.#full.push(this.#unfill());
      this.#onReady();
    } else {
      this.#linger ??= setTimeout(() => this.hurry(), this.#lingerMs);
    }
  }

  /** What is there goes out with the next request, full or not. */
  hurry(): void {
    if (this.#filling.events.length === 0) return;
    this.#overdue = true;
    this.#onReady();
  }

  /** These go out before all others. */
  putFirst(batches: readonly Batch[]): void {
    this.#parts.unshift(...batches);
    this.#onReady();
  }

  /** The next batch that is full or has waited long enough, the oldest first. */
  take(): Batch | undefined {
    return this.#parts.shift() ?? this.#full.shift() ?? (this.#overdue ? this.#unfill() : undefined);
  }

  /** Every event, in order; empty afterwards. */
  takeAll(): FlowEvent[] {
    const batches = [...this.#parts, ...this.#full, this.#unfill()];
    this.#parts = [];
    this.#full = [];
    return batches.flatMap((batch) => batch.events);
  }

  #unfill(): Batch {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#overdue = false;
    const batch = this.#filling;
    this.#filling = new Batch();
    return batch;
  }
}
