/** NDJSON to a stream: a file or stdout. */
import type { Writable } from "node:stream";
import type { FlowEvent } from "../../flow/event.ts";
import type { Sink, SinkContext } from "../../flow/ramp.ts";
import type { Signal } from "../../flow/signal.ts";
import { fileFaultOf } from "../errors.ts";
import { LineWriter } from "../text/linewriter.ts";

export interface Outlet {
  readonly stream: Writable;
  /** The sink shall close it at the end. stdout belongs to the process. */
  readonly closes: boolean;
  /** Whoever reads it may go away, as `head` does when it has enough. Default: that is a failure. */
  readonly mayLeave?: boolean;
  /** Throws away what was there before. Called once, before the first write. */
  empty?(): void;
}

/** Writes each event's data as one line: an ack means that the stream has written it. */
export class StreamSink implements Sink {
  readonly name: string;
  readonly #open: () => Promise<Outlet>;
  #outlet: Outlet | undefined;
  #writer: LineWriter | undefined;
  #begun = false;

  /** @param open called by `start`; throws a ConnectError where there is nothing to write to. */
  constructor(name: string, open: () => Promise<Outlet>) {
    this.name = name;
    this.#open = open;
  }

  get congested(): boolean {
    return this.#writer?.congested === true;
  }

  async start(context: SinkContext): Promise<void> {
    this.#outlet = await this.#open();
    this.#writer = new LineWriter(this.#outlet.stream, context, faultOf, this.#outlet.mayLeave);
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
    const outlet = this.#outlet;
    if (outlet?.closes && !outlet.stream.closed) {
      const closed = new Promise((resolve) => outlet.stream.once("close", resolve));
      outlet.stream.destroy();
      await closed;
    }
    this.#writer?.abandon("closed before it was written");
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    try {
      this.#outlet?.empty?.();
    } catch (error) {
      this.#writer?.die(faultOf(error));
    }
  }
}

function faultOf(error: unknown): string {
  return `cannot be written: ${fileFaultOf(error)}`;
}
