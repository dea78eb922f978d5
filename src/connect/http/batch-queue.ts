/** Batches that wait for a request. */
import type { FlowEvent } from "../../flow/protocol/event.ts";
import { Batch, type BatchShape } from "./batch.ts";

export interface BatchQueueParts extends BatchShape {
  /** How long an event waits for others, in ms. */
  readonly lingerMs: number;
  /** Called when there is something new for `take`. */
  readonly onReady: () => void;
}

export class BatchQueue {
  readonly #parts: BatchQueueParts;
  #filling: Batch;
  #full: Batch[] = [];
  /** Of batches that an endpoint has refused as a whole. */
  #halves: Batch[] = [];
  #linger: NodeJS.Timeout | undefined;
  /** The batch that fills has waited long enough: it goes out as soon as a request may start. */
  #overdue = false;

  constructor(parts: BatchQueueParts) {
    this.#parts = parts;
    this.#filling = new Batch(parts);
  }

  /** Batches that are full. */
  get fullBatches(): number {
    return this.#full.length;
  }

  get isEmpty(): boolean {
    return this.#halves.length === 0 && this.#full.length === 0 && this.#filling.events.length === 0;
  }

  /** @throws TypeError for an event that has no form in the format; nothing is added */
  add(event: FlowEvent): void {
    if (!this.#filling.add(event)) {
      this.#finish();
      this.#filling.add(event);
    }
    if (this.#filling.isFull) this.#finish();
    else this.#linger ??= setTimeout(() => this.hurry(), this.#parts.lingerMs);
  }

  /** What is there goes out with the next request, full or not. */
  hurry(): void {
    if (this.#filling.events.length === 0) return;
    this.#overdue = true;
    this.#parts.onReady();
  }

  /** These go out before all others. */
  putFirst(batches: readonly Batch[]): void {
    this.#halves.unshift(...batches);
    this.#parts.onReady();
  }

  /** The next batch that is full or has waited long enough, the oldest first. */
  take(): Batch | undefined {
    return this.#halves.shift() ?? this.#full.shift() ?? (this.#overdue ? this.#unfill() : undefined);
  }

  /** Every event, in order; empty afterwards. */
  takeAll(): FlowEvent[] {
    const batches = [...this.#halves, ...this.#full, this.#unfill()];
    this.#halves = [];
    this.#full = [];
    return batches.flatMap((batch) => batch.events);
  }

  #finish(): void {
    this.#full.push(this.#unfill());
    this.#parts.onReady();
  }

  #unfill(): Batch {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#overdue = false;
    const batch = this.#filling;
    this.#filling = new Batch(this.#parts);
    return batch;
  }
}
