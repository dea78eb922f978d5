/** Events on their way into a log: appended, and written together once in a turn of the event loop. */
import type { FlowEvent } from "../flow/protocol/event.ts";
import { jsonOf } from "../ndjson/event-line.ts";
import type { WriteAheadLog } from "./log/log.ts";

/** After a write that failed, such as on a full disk, in ms. */
const RETRY_MS = 1_000;
/** Bytes that may wait to be written before no more should come. */
const MAXIMUM_PENDING_BYTES = 8_388_608;

export interface IntakeParts {
  readonly log: WriteAheadLog;
  /** The log has the event, on the disk where the policy says so. */
  readonly onStored: (event: FlowEvent) => void;
  /** Everything that was appended before a write has been told of by `onStored`. */
  readonly onWritten: () => void;
  /** A write failed. */
  readonly onFailed: (error: unknown) => void;
  /** The event is not written, and will not be. */
  readonly onGivenUp: (event: FlowEvent, error: unknown) => void;
}

export class Intake {
  readonly #parts: IntakeParts;
  /** Not written yet, in the order of their ids. */
  #events: FlowEvent[] = [];
  #isFlushing = false;
  /** Why the latest write failed; undefined: it did not. */
  #fault: { readonly error: unknown } | undefined;
  /** When to try again, in ms. */
  #retryMs = 0;
  #isStopped = false;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Events that are not written. */
  get count(): number {
    return this.#events.length;
  }

  /** Nothing more should come for now. */
  get isFull(): boolean {
    return this.#fault !== undefined || this.#parts.log.pendingBytes > MAXIMUM_PENDING_BYTES;
  }

  /** @throws TypeError for what JSON cannot say, RangeError for an event of more than 256 MiB; it is not taken then */
  add(event: FlowEvent): void {
    const { raw, meta } = event;
    this.#parts.log.append({
      text: raw ?? jsonOf(event),
      meta: meta === undefined ? undefined : JSON.stringify(meta),
    });
    this.#events.push(event);
    if (this.#fault === undefined) this.#schedule();
  }

  /** Tries a write again that failed, when that is due. */
  tick(nowMs: number): void {
    if (this.#fault === undefined || nowMs < this.#retryMs || this.#events.length === 0) return;
    this.#retryMs = nowMs + RETRY_MS;
    this.#schedule();
  }

  /** A flow that is told to stop does not wait for a full disk. */
  stop(): void {
    this.#isStopped = true;
    if (this.#fault !== undefined && !this.#isFlushing) this.#giveUp(this.#fault.error);
  }

  #schedule(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => void this.#write());
  }

  async #write(): Promise<void> {
    const count = this.#events.length;
    try {
      await this.#parts.log.flush();
      this.#fault = undefined;
    } catch (error) {
      this.#isFlushing = false;
      this.#fault = { error };
      this.#parts.onFailed(error);
      if (this.#isStopped) this.#giveUp(error);
      return;
    }
    this.#isFlushing = false;
    for (const event of this.#events.splice(0, count)) this.#parts.onStored(event);
    if (this.#events.length > 0) this.#schedule();
    this.#parts.onWritten();
  }

  #giveUp(error: unknown): void {
    for (const event of this.#events.splice(0)) this.#parts.onGivenUp(event, error);
  }
}
