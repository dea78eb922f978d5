/** Events that go out in one request. */
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Body, BodyFormat } from "./format/body-format.ts";

/** What the parts of one batch have in common. */
export interface Whole {
  /** Events that were refused alone since one of the parts was taken. */
  refused: number;
}

/** How large a batch may be, and its format. */
export interface BatchShape {
  readonly format: BodyFormat;
  /** Events, at most. */
  readonly batchSize: number;
  /** Bytes, at most; an event that has more is a batch alone. */
  readonly batchBytes: number;
}

export class Batch {
  readonly events: FlowEvent[] = [];
  /** The batch that it is a part of, if an endpoint has refused that one as a whole. */
  readonly whole: Whole | undefined;
  readonly #shape: BatchShape;
  readonly #body: Body;

  constructor(shape: BatchShape, whole?: Whole) {
    this.whole = whole;
    this.#shape = shape;
    this.#body = shape.format.begin(shape.batchBytes);
  }

  get isFull(): boolean {
    const { batchSize, batchBytes } = this.#shape;
    return this.events.length >= batchSize || this.#body.byteLength >= batchBytes;
  }

  /**
   * Adds an event. @returns false, and adds nothing, where it would exceed the bytes of the batch
   * @throws TypeError for an event that has no form in the format
   */
  add(event: FlowEvent): boolean {
    const isAdded = this.#body.add(event);
    if (isAdded) this.events.push(event);
    return isAdded;
  }

  /** The body of the request. Nothing can be added afterwards. */
  takeBody(): Uint8Array[] {
    return this.#body.take();
  }

  /** Both halves; of one event: undefined. */
  halves(): readonly [Batch, Batch] | undefined {
    if (this.events.length < 2) return undefined;
    const whole = this.whole ?? { refused: 0 };
    const halves = [new Batch(this.#shape, whole), new Batch(this.#shape, whole)] as const;
    const middle = Math.ceil(this.events.length / 2);
    for (const [index, event] of this.events.entries()) halves[index < middle ? 0 : 1].add(event);
    return halves;
  }
}
