/** Events that go out in one request. */
import type { FlowEvent } from "../../flow/event.ts";

/** Characters from which on a batch is full, however few events it has: keeps the memory of a queue bounded. */
export const BATCH_LENGTH = 1_048_576;

export class Batch {
  readonly events: FlowEvent[] = [];
  #text = "";

  /** NDJSON: one line for each event. */
  get text(): string {
    return this.#text;
  }

  add(event: FlowEvent, line: string): void {
    this.events.push(event);
    this.#text += line;
  }

  /** @param size events that make a batch full. */
  isFull(size: number): boolean {
    return this.events.length >= size || this.#text.length >= BATCH_LENGTH;
  }
}
