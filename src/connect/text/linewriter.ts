/** Lines on their way into a stream, and what became of each. */
import type { Writable } from "node:stream";
import type { FlowEvent } from "../../flow/event.ts";
import type { SinkContext } from "../../flow/ramp.ts";
import { codeOf, reasonOf } from "../errors.ts";
import { lineOf } from "./line.ts";

/** Characters that are handed to the stream at once; what came in one turn of the event loop never waits for more. */
export const WRITE_LENGTH = 65_536;

/** Characters not yet written from which on a sink is congested: a few writes, so that the disk is never idle. */
export const CONGESTED_LENGTH = 4 * WRITE_LENGTH;

/** What was handed to the stream at once. */
interface Write {
  readonly events: readonly FlowEvent[];
  readonly length: number;
  readonly startedMs: number;
}

/**
 * Writes each event's data as one line and answers when the stream says that it has been written. Once the stream
 * has failed, every event fails with that reason; once its reader has gone, where readers may, every event is dropped.
 */
export class LineWriter {
  readonly #stream: Writable;
  readonly #context: SinkContext;
  readonly #wordOf: (error: unknown) => string;
  readonly #mayLeave: boolean;
  /** What the stream died of. */
  #fault: string | undefined;
  /** Its reader went away, as readers do. */
  #isLeft = false;
  #events: FlowEvent[] = [];
  #text = "";
  #flush: NodeJS.Immediate | undefined;
  /** Handed to the stream, which has not answered. */
  readonly #writes = new Set<Write>();
  /** Characters in them. */
  #writing = 0;
  #emptied: (() => void)[] = [];

  /**
   * @param wordOf what an error of the stream means, for `meta.error`.
   * @param mayLeave whether its reader may go away without that being anybody's failure.
   */
  constructor(stream: Writable, context: SinkContext, wordOf: (error: unknown) => string, mayLeave = false) {
    this.#stream = stream;
    this.#context = context;
    this.#wordOf = wordOf;
    // Stays for good: without a listener, the late error of a closed stdout would end the process.
    this.#mayLeave = mayLeave;
    stream.on("error", (error) => this.#hear(error));
  }

  get congested(): boolean {
    return this.waiting >= CONGESTED_LENGTH;
  }

  /** Characters that are not written yet. */
  get waiting(): number {
    return this.#writing + this.#text.length;
  }

  add(event: FlowEvent): void {
    try {
      this.#text += lineOf(event);
    } catch (error) {
      this.#context.fail(event, { error: reasonOf(error) });
      return;
    }
    this.#events.push(event);
    if (this.#text.length >= WRITE_LENGTH) this.#write();
    else this.#flush ??= setImmediate(() => this.#write());
  }

  /** Resolves when everything is answered. */
  async drain(): Promise<void> {
    this.#write();
    if (this.waiting > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  /** From now on everything fails with this reason, or with the one of the first call. */
  die(reason: string): void {
    this.#fault ??= reason;
  }

  /** Fails whatever the stream has not taken; it is not used any more. */
  abandon(reason: string): void {
    clearImmediate(this.#flush);
    this.die(reason);
    for (const write of this.#writes) this.#answered(write);
    this.#text = "";
    this.#settle(this.#events.splice(0), 0);
    this.#wakeIfEmpty();
  }

  #hear(error: unknown): void {
    if (this.#mayLeave && codeOf(error) === "EPIPE") this.#isLeft = true;
    else if (!this.#isLeft) this.die(this.#wordOf(error)); // a stream whose reader has gone is destroyed after that
  }

  #write(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#events.length === 0) return;
    const write = { events: this.#events, length: this.#text.length, startedMs: performance.now() };
    this.#writes.add(write);
    this.#writing += write.length;
    this.#stream.write(this.#text, (error) => {
      if (error) this.#hear(error);
      this.#answered(write);
    });
    this.#events = [];
    this.#text = "";
  }

  #answered(write: Write): void {
    if (!this.#writes.has(write)) return;
    const wasCongested = this.congested;
    this.#writes.delete(write);
    this.#writing -= write.length;
    this.#settle(write.events, performance.now() - write.startedMs);
    if (wasCongested && !this.congested) this.#context.relieved();
    this.#wakeIfEmpty();
  }

  #settle(events: readonly FlowEvent[], durationMs: number): void {
    for (const event of events) {
      if (this.#isLeft) this.#context.drop(event);
      else if (this.#fault === undefined) this.#context.ack(event, durationMs);
      else this.#context.fail(event, { error: this.#fault }, durationMs);
    }
  }

  #wakeIfEmpty(): void {
    if (this.waiting === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }
}
