/** Lines on their way into a stream, and what became of each. */
import type { Writable } from "node:stream";
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { LineBuffer } from "../../ndjson/line-buffer.ts";
import { codeOf, reasonOf } from "../base/errors.ts";
import { isPartialWrite } from "./partial-write.ts";

/** Bytes that are handed to the stream at once; what came in one turn of the event loop never waits for more. */
export const WRITE_SIZE = 65_536;

/** Bytes not yet written from which on a sink is congested: a few writes, so that the disk is never idle. */
export const CONGESTED_SIZE = 4 * WRITE_SIZE;

const LINE_FEED = 10;

/** What was handed to the stream at once. */
interface Write {
  readonly events: readonly FlowEvent[];
  readonly bytes: Buffer;
  readonly startedMs: number;
}

/**
 * Writes each event's data as one line and answers when the stream says that it has been written. Once the stream
 * has failed, every event fails with that reason; once its reader has gone, where readers may, every event is dropped.
 */
export class LineWriter {
  readonly #stream: Writable;
  readonly #context: SinkContext;
  readonly #describe: (error: unknown) => string;
  readonly #mayLeave: boolean;
  readonly #isFinal: boolean;
  /** Why the stream takes no more. */
  #fault: string | undefined;
  /** Of the latest write that was answered. */
  #latestError: unknown;
  /** Its reader went away. */
  #isLeft = false;
  #events: FlowEvent[] = [];
  readonly #lines = new LineBuffer();
  #flush: NodeJS.Immediate | undefined;
  /** Handed to the stream, which has not answered. */
  readonly #writes = new Set<Write>();
  /** Bytes in them. */
  #writing = 0;
  #emptied: (() => void)[] = [];

  /**
   * @param describe what an error of the stream means, for `meta.error`.
   * @param options `mayLeave`: its reader may go away without that being a failure. `isFinal`: no other stream takes its
   * place, so that nothing that it fails can be sent again.
   */
  constructor(
    stream: Writable,
    context: SinkContext,
    describe: (error: unknown) => string,
    { mayLeave = false, isFinal = false }: { mayLeave?: boolean | undefined; isFinal?: boolean } = {},
  ) {
    this.#isFinal = isFinal;
    this.#stream = stream;
    this.#context = context;
    this.#describe = describe;
    // Stays for good: without a listener, the late error of a closed stdout would end the process.
    this.#mayLeave = mayLeave;
    stream.on("error", (error) => this.#noteError(error));
  }

  get congested(): boolean {
    return this.waiting >= CONGESTED_SIZE;
  }

  /** Bytes that are not written yet. */
  get waiting(): number {
    return this.#writing + this.#lines.byteLength;
  }

  /** Returns the bytes of the line; 0: the event has none, and is rejected. */
  add(event: FlowEvent): number {
    let size: number;
    try {
      size = this.#lines.add(event);
    } catch (error) {
      this.#context.reject(event, { error: reasonOf(error) });
      return 0;
    }
    this.#events.push(event);
    if (this.#lines.byteLength >= WRITE_SIZE) this.#write();
    else this.#flush ??= setImmediate(() => this.#write());
    return size;
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
    this.#lines.take();
    this.#settle(this.#events.splice(0), 0);
    this.#wakeIfEmpty();
  }

  #noteError(error: unknown): void {
    if (this.#mayLeave && codeOf(error) === "EPIPE") this.#isLeft = true;
    else if (!this.#isLeft) this.die(this.#describe(error)); // a stream whose reader has gone is destroyed after that
  }

  #write(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#events.length === 0) return;
    const bytes = bytesOf(this.#lines.take());
    const write = { events: this.#events, bytes, startedMs: performance.now() };
    this.#writes.add(write);
    this.#writing += bytes.length;
    this.#stream.write(bytes, (error) => {
      // The writes that waited behind one that failed are told the same error.
      const isFirst = error !== this.#latestError;
      this.#latestError = error;
      if (error) this.#noteError(error);
      this.#answered(write, isFirst && isPartialWrite(error) ? error.writtenBytes : 0);
    });
    this.#events = [];
  }

  /** @param writtenBytes of a write that failed: its whole lines that were written. */
  #answered(write: Write, writtenBytes = 0): void {
    if (!this.#writes.has(write)) return;
    const wasCongested = this.congested;
    this.#writes.delete(write);
    this.#writing -= write.bytes.length;
    const durationMs = performance.now() - write.startedMs;
    const written = writtenBytes === 0 ? 0 : linesIn(write.bytes.subarray(0, writtenBytes));
    if (written > 0) this.#context.ackAll(write.events.slice(0, written), durationMs);
    this.#settle(write.events.slice(written), durationMs);
    if (wasCongested && !this.congested) this.#context.relieved();
    this.#wakeIfEmpty();
  }

  #settle(events: readonly FlowEvent[], durationMs: number): void {
    const failure = { error: this.#fault, ...(this.#isFinal ? { final: true } : {}) };
    if (this.#isLeft) for (const event of events) this.#context.drop(event);
    else if (this.#fault === undefined) this.#context.ackAll(events, durationMs);
    else this.#context.failAll(events, failure, durationMs);
  }

  #wakeIfEmpty(): void {
    if (this.waiting === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }
}

function bytesOf(parts: readonly Uint8Array[]): Buffer {
  const [first] = parts;
  if (first === undefined || parts.length > 1) return Buffer.concat(parts);
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
}

/** Each line ends with a line feed, and has no other. */
function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
