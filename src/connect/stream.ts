/** NDJSON to a stream: a file or stdout. */
import type { Writable } from "node:stream";
import type { FlowEvent } from "../flow/event.ts";
import type { Sink, SinkContext } from "../flow/ramp.ts";
import type { Signal } from "../flow/signal.ts";
import { fileFaultOf, reasonOf } from "./errors.ts";
import { lineOf } from "./line.ts";

/** Characters that are handed to the stream at once; what came in one turn of the event loop never waits for more. */
export const WRITE_LENGTH = 65_536;

/** Characters not yet written from which on the sink is congested: a few writes, so that the disk is never idle. */
export const CONGESTED_LENGTH = 4 * WRITE_LENGTH;

/** A stream; `closes`: the sink shall close it at the end. stdout belongs to the process. */
export interface Outlet {
  readonly stream: Writable;
  readonly closes: boolean;
  /** Throws away what was there before. Called once, before the first write. */
  empty?(): void;
}

/** What was handed to the stream at once. */
interface Write {
  readonly events: readonly FlowEvent[];
  readonly length: number;
  readonly startedMs: number;
}

/**
 * Writes each event's data as one line and answers when the stream says that it has been written. Once the stream
 * has failed, a closed pipe for example, every event fails with that reason.
 */
export class StreamSink implements Sink {
  readonly name: string;
  readonly #open: () => Promise<Outlet>;
  #outlet: Outlet | undefined;
  #context: SinkContext | undefined;
  #begun = false;
  /** What the stream died of. */
  #fault: string | undefined;
  #events: FlowEvent[] = [];
  #text = "";
  #flush: NodeJS.Immediate | undefined;
  /** Handed to the stream, which has not answered. */
  readonly #writes = new Set<Write>();
  /** Characters in them. */
  #writing = 0;
  #emptied: (() => void)[] = [];

  /** @param open called by `start`; throws a ConnectError where there is nothing to write to. */
  constructor(name: string, open: () => Promise<Outlet>) {
    this.name = name;
    this.#open = open;
  }

  get congested(): boolean {
    return this.#waiting >= CONGESTED_LENGTH;
  }

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    this.#outlet = await this.#open();
    // Stays for good: without a listener, the late error of a closed stdout would end the process.
    this.#outlet.stream.on("error", (error) => {
      this.#fault ??= faultOf(error);
    });
  }

  /** Every sink of the graph has started, so the flow will run: not before now is an old file emptied. */
  onSignal(signal: Signal): void {
    if (signal.kind === "start") this.#begin();
  }

  onEvent(event: FlowEvent): void {
    try {
      this.#text += lineOf(event);
    } catch (error) {
      this.#context?.fail(event, { error: reasonOf(error) });
      return;
    }
    this.#events.push(event);
    if (this.#text.length >= WRITE_LENGTH) this.#write();
    else this.#flush ??= setImmediate(() => this.#write());
  }

  async drain(): Promise<void> {
    this.#write();
    if (this.#waiting > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  async close(): Promise<void> {
    clearImmediate(this.#flush);
    const outlet = this.#outlet;
    if (outlet?.closes && !outlet.stream.closed) {
      const closed = new Promise((resolve) => outlet.stream.once("close", resolve));
      outlet.stream.destroy();
      await closed;
    }
    this.#fault ??= "closed before it was written";
    for (const write of this.#writes) this.#answered(write);
    this.#settle(this.#events.splice(0), 0);
  }

  get #waiting(): number {
    return this.#writing + this.#text.length;
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    try {
      this.#outlet?.empty?.();
    } catch (error) {
      this.#fault ??= faultOf(error);
    }
  }

  #write(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#events.length === 0) return;
    this.#begin();
    const write = { events: this.#events, length: this.#text.length, startedMs: performance.now() };
    this.#writes.add(write);
    this.#writing += write.length;
    this.#outlet?.stream.write(this.#text, (error) => {
      if (error) this.#fault ??= faultOf(error);
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
    if (wasCongested && !this.congested) this.#context?.relieved();
    if (this.#waiting === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }

  #settle(events: readonly FlowEvent[], durationMs: number): void {
    for (const event of events) {
      if (this.#fault === undefined) this.#context?.ack(event, durationMs);
      else this.#context?.fail(event, { error: this.#fault }, durationMs);
    }
  }
}

function faultOf(error: unknown): string {
  return `cannot be written: ${fileFaultOf(error)}`;
}
