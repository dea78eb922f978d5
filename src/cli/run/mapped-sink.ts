/** A sink that changes each event before another sink takes it. */
import type { FlowEvent } from "../../flow/protocol/event.ts";
import type { Signal } from "../../flow/protocol/signal.ts";
import type { Sink, SinkContext } from "../../flow/protocol/source-and-sink.ts";

export class MappedSink implements Sink {
  readonly name: string;
  /** The sink that takes the changed events. */
  readonly inner: Sink;
  readonly #change: (event: FlowEvent) => void;
  #context: SinkContext | undefined;

  /** @param change changes the event; if it throws, the event is rejected with that error. */
  constructor(inner: Sink, change: (event: FlowEvent) => void) {
    this.name = inner.name;
    this.inner = inner;
    this.#change = change;
  }

  get congested(): boolean {
    return this.inner.congested;
  }

  start(context: SinkContext): Promise<void> {
    this.#context = context;
    return this.inner.start(context);
  }

  onEvent(event: FlowEvent): void {
    try {
      this.#change(event);
    } catch (error) {
      this.#context?.reject(event, { error: String(error) });
      return;
    }
    this.inner.onEvent(event);
  }

  onSignal(signal: Signal): void {
    this.inner.onSignal?.(signal);
  }

  drain(): Promise<void> {
    return this.inner.drain();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** The sink at the end of those that only change events. */
export function innermost(sink: Sink): Sink {
  return sink instanceof MappedSink ? innermost(sink.inner) : sink;
}
