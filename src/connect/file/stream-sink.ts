/** NDJSON to a stream: a file or stdout. */
import type { Writable } from "node:stream";
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Signal } from "../../flow/protocol/signal.ts";
import type { Sink, SinkContext } from "../../flow/protocol/source-and-sink.ts";
import { fileFaultOf } from "../base/errors.ts";
import { LineWriter } from "../stream/line-writer.ts";

/** What a sink writes to. */
export interface WritableTarget {
  /** Takes the lines. */
  readonly stream: Writable;
  /** The sink closes it at the end. stdout belongs to the process. */
  readonly closes: boolean;
  /** Its reader may go away, as `head` does when it has enough. Default: that is a failure. */
  readonly mayLeave?: boolean;
  /** Empties a file, or looks how it ends. Called once, before the first write. */
  prepare?(): void;
}

/** A target at work. */
interface Outlet {
  readonly target: WritableTarget;
  readonly writer: LineWriter;
}

/** Writes each event's data as one line: an ack means that the stream has written it. */
export class StreamSink implements Sink {
  readonly name: string;
  readonly #open: (closing: AbortSignal) => Promise<WritableTarget>;
  readonly #closing = new AbortController();
  #context: SinkContext | undefined;
  /** Takes the events. */
  #current: Outlet | undefined;
  /** Earlier ones that have not written everything. */
  readonly #earlier = new Set<Outlet>();
  #begun = false;

  /** @param open called by `start`; throws a ConnectError where there is nothing to write to, or when `closing` is aborted. */
  constructor(name: string, open: (closing: AbortSignal) => Promise<WritableTarget>) {
    this.name = name;
    this.#open = open;
  }

  get congested(): boolean {
    return this.#outlets.some(({ writer }) => writer.congested);
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    this.#current = this.#outletTo(await this.#open(this.#closing.signal), context);
  }

  /** Every sink of the graph has started, so the flow will run: not before now is an old file emptied. */
  onSignal(signal: Signal): void {
    if (signal.kind === "start") this.#begin();
  }

  onEvent(event: FlowEvent): void {
    this.#begin();
    this.#current?.writer.add(event);
  }

  async drain(): Promise<void> {
    await Promise.all(this.#outlets.map(({ writer }) => writer.drain()));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#outlets.map(closeOutlet));
    for (const { writer } of this.#outlets) writer.abandon("closed before it was written");
  }

  /**
   * The stream that takes the events, and bytes that wait for it; undefined before the start.
   * @internal
   */
  protected get current(): { readonly stream: Writable; readonly waiting: number } | undefined {
    const current = this.#current;
    return current && { stream: current.target.stream, waiting: current.writer.waiting };
  }

  /**
   * From now on events go to another target. What the earlier one was given is written to it, then it is closed.
   * @internal
   */
  protected replace(target: WritableTarget): void {
    const earlier = this.#current;
    if (earlier === undefined || this.#context === undefined) return;
    this.#begin();
    this.#current = this.#outletTo(target, this.#context);
    this.#prepare(this.#current);
    this.#earlier.add(earlier);
    void earlier.writer.drain().then(async () => {
      this.#earlier.delete(earlier);
      await closeOutlet(earlier);
    });
  }

  get #outlets(): readonly Outlet[] {
    return this.#current === undefined ? [] : [...this.#earlier, this.#current];
  }

  #outletTo(target: WritableTarget, context: SinkContext): Outlet {
    const { stream, mayLeave } = target;
    return { target, writer: new LineWriter(stream, context, faultOf, { mayLeave, isFinal: true }) };
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#current !== undefined) this.#prepare(this.#current);
  }

  #prepare({ target, writer }: Outlet): void {
    try {
      target.prepare?.();
    } catch (error) {
      writer.die(faultOf(error));
    }
  }
}

async function closeOutlet({ target: { stream, closes } }: Outlet): Promise<void> {
  if (!closes || stream.closed) return;
  const closed = new Promise((resolve) => stream.once("close", resolve));
  stream.destroy();
  await closed;
}

function faultOf(error: unknown): string {
  return `cannot be written: ${fileFaultOf(error)}`;
}
