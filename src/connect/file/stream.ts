/** NDJSON to a stream: a file or stdout. */
import type { Writable } from "node:stream";
import type { Sink, SinkContext } from "../../flow/ends.ts";
import type { FlowEvent } from "../../flow/event.ts";
import type { Signal } from "../../flow/signal.ts";
import { fileFaultOf } from "../errors.ts";
import { LineWriter } from "../text/linewriter.ts";

/** What a sink writes to. */
export interface WritableTarget {
  readonly stream: Writable;
  /** The sink shall close it at the end. stdout belongs to the process. */
  readonly closes: boolean;
  /** Whoever reads it may go away, as `head` does when it has enough. Default: that is a failure. */
  readonly mayLeave?: boolean;
  /** Empties a file, or looks how it ends. Called once, before the first write. */
  prepare?(): void;
}

/** Writes each event's data as one line: an ack means that the stream has written it. */
export class StreamSink implements Sink {
  readonly name: string;
  readonly #open: (closing: AbortSignal) => Promise<WritableTarget>;
  readonly #closing = new AbortController();
  #target: WritableTarget | undefined;
  #writer: LineWriter | undefined;
  #begun = false;

  /** @param open called by `start`; throws a ConnectError where there is nothing to write to, or when `closing` is aborted. */
  constructor(name: string, open: (closing: AbortSignal) => Promise<WritableTarget>) {
    this.name = name;
    this.#open = open;
  }

  get congested(): boolean {
    return this.#writer?.congested === true;
  }

  async start(context: SinkContext): Promise<void> {
    this.#target = await this.#open(this.#closing.signal);
    const { stream, mayLeave } = this.#target;
    this.#writer = new LineWriter(stream, context, faultOf, { mayLeave, isFinal: true });
  }

  /** Every sink of the graph has started, so the flow will run: not before now is an old file emptied. */
  onSignal(signal: Signal): void {
    if (signal.kind === "start") this.#begin();
  }

  onEvent(event: FlowEvent): void {
    this.#begin();
    this.#writer?.add(event);
  }

  async drain(): Promise<void> {
    await this.#writer?.drain();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const target = this.#target;
    if (target?.closes && !target.stream.closed) {
      const closed = new Promise((resolve) => target.stream.once("close", resolve));
      target.stream.destroy();
      await closed;
    }
    this.#writer?.abandon("closed before it was written");
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    try {
      this.#target?.prepare?.();
    } catch (error) {
      this.#writer?.die(faultOf(error));
    }
  }
}

function faultOf(error: unknown): string {
  return `cannot be written: ${fileFaultOf(error)}`;
}
