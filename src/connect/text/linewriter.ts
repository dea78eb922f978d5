/** Lines on their way into a stream, and what became of each. */
import type { Writable } from "node:stream";
import type { SinkContext } from "../../flow/ends.ts";
import type { FlowEvent } from "../../flow/event.ts";
import { codeOf, reasonOf } from "../errors.ts";
import { isPartialWrite } from "../file/file-writable.ts";
import { lineOf } from "./line.ts";

/** Characters that are handed to the stream at once; what came in one turn of the event loop never waits for more. */
export const WRITE_LENGTH = 65_536;

/** Characters not yet written from which on a sink is congested: a few writes, so that the disk is never idle. */
export const CONGESTED_LENGTH = 4 * WRITE_LENGTH;

/** What was handed to the stream at once. */
interface Write {
  readonly events: readonly FlowEvent[];
  readonly text: string;
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
  readonly #isFinal: boolean;
  /** What the stream died of. */
  #fault: string | undefined;
  /** Of the latest write that was answered. */
  #latestError: unknown;
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
   * @param options `mayLeave`: its reader may go away without that being a failure. `isFinal`: no other stream takes its
   * place, so that nothing that it fails can be sent again.
   */
  constructor(
    stream: Writable,
    context: SinkContext,
    wordOf: (error: unknown) => string,
    { mayLeave = false, isFinal = false }: { mayLeave?: boolean | undefined; isFinal?: boolean } = {},
  ) {
    this.#isFinal = isFinal;
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
      this.#context.reject(event, { error: reasonOf(error) });
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
    const write = { events: this.#events, text: this.#text, startedMs: performance.now() };
    this.#writes.add(write);
    this.#writing += write.text.length;
    this.#stream.write(this.#text, (error) => {
      // The writes that waited behind one that failed are told the same error.
      const isFirst = error !== this.#latestError;
      this.#latestError = error;
      if (error) this.#hear(error);
      this.#answered(write, isFirst && isPartialWrite(error) ? error.writtenBytes : 0);
    });
    this.#events = [];
    this.#text = "";
  }

  /** @param writtenBytes of a write that failed: its whole lines that were written. */
  #answered(write: Write, writtenBytes = 0): void {
    if (!this.#writes.has(write)) return;
    const wasCongested = this.congested;
    this.#writes.delete(write);
    this.#writing -= write.text.length;
    const durationMs = performance.now() - write.startedMs;
    const written = writtenBytes === 0 ? 0 : linesIn(write.text, writtenBytes);
    for (const event of write.events.slice(0, written)) this.#context.ack(event, durationMs);
    this.#settle(write.events.slice(written), durationMs);
    if (wasCongested && !this.congested) this.#context.relieved();
    this.#wakeIfEmpty();
  }

  #settle(events: readonly FlowEvent[], durationMs: number): void {
    const failure = { error: this.#fault, ...(this.#isFinal ? { final: true } : {}) };
    for (const event of events) {
      if (this.#isLeft) this.#context.drop(event);
      else if (this.#fault === undefined) this.#context.ack(event, durationMs);
      else this.#context.fail(event, failure, durationMs);
    }
  }

  #wakeIfEmpty(): void {
    if (this.waiting === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }
}

/** Lines in the first `bytes` of the text, which has a line for each event. */
function linesIn(text: string, bytes: number): number {
  return Buffer.from(text).toString("latin1", 0, bytes).split("\n").length - 1;
}
