/** Events that go out in one request. */
import type { FlowEvent } from "../../flow/event.ts";

/** What the parts of one batch have in common. */
export interface Whole {
  /** Events that were refused alone since one of the parts was taken. */
  refused: number;
}

/** Characters from which on a batch is full, however few events it has: keeps the memory of a queue bounded. */
export const BATCH_LENGTH = 1_048_576;

export class Batch {
  readonly events: FlowEvent[] = [];
  /** The batch that it is a part of, if an endpoint has refused that one as a whole. */
  readonly whole: Whole | undefined;
  #text = "";

  constructor(whole?: Whole) {
    this.whole = whole;
  }

  /** NDJSON: one line for each event. */
  get text(): string {
    return this.#text;
  }

  add(event: FlowEvent, line: string): void {
    this.events.push(event);
    this.#text += line;
  }

  /** Both halves; of one event: undefined. */
  halves(): readonly [Batch, Batch] | undefined {
    if (this.events.length < 2) return undefined;
    const whole = this.whole ?? { refused: 0 };
    const halves = [new Batch(whole), new Batch(whole)] as const;
    const middle = Math.ceil(this.events.length / 2);
    const lines = this.#text.split("\n"); // JSON has no line feed in it
    for (const [index, event] of this.events.entries()) {
      halves[index < middle ? 0 : 1].add(event, `${lines[index]}\n`);
    }
    return halves;
  }

  /** @param size events that make a batch full. */
  isFull(size: number): boolean {
    return this.events.length >= size || this.#text.length >= BATCH_LENGTH;
  }
}
