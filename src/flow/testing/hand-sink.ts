/** A sink that a test answers for. */

import type { FlowEvent, Meta } from "../protocol/event.ts";
import type { Signal } from "../protocol/signal.ts";
import type { Sink, SinkContext } from "../protocol/source-and-sink.ts";

/** Keeps what it is given until the test answers, or answers at once. */
export class HandSink implements Sink {
  readonly name: string;
  /** The events that it was given, in their order, answered or not. */
  readonly events: FlowEvent[] = [];
  /** The signals that it saw. */
  readonly signals: Signal[] = [];
  /** "start", "drain" and "close", in the order in which they were called. */
  readonly calls: string[] = [];
  congested = false;
  /** Its answer to an event as it comes. */
  answer: "hold" | "ack" | "fail";
  #context: SinkContext | undefined;

  constructor(answer: "hold" | "ack" | "fail" = "ack", name = "hand") {
    this.answer = answer;
    this.name = name;
  }

  /** The context that the graph gave it. @throws Error before it was started. */
  get context(): SinkContext {
    if (this.#context === undefined) throw new Error("the sink was not started");
    return this.#context;
  }

  /** The data of `events`. */
  get data(): unknown[] {
    return this.events.map((event) => event.data);
  }

  async start(context: SinkContext): Promise<void> {
    this.calls.push("start");
    this.#context = context;
  }

  onEvent(event: FlowEvent): void {
    this.events.push(event);
    if (this.answer === "ack") this.context.ack(event, 1);
    if (this.answer === "fail") this.context.fail(event, { error: "told to" });
  }

  onSignal(signal: Signal): void {
    this.signals.push(signal);
  }

  /** Acks or fails the event that came as number `index`. */
  ack(index: number, durationMs?: number): void {
    this.context.ack(this.#at(index), durationMs);
  }

  /** Fails the event of that place, as if the endpoint had. */
  fail(index: number, meta: Meta = { error: "told to" }): void {
    this.context.fail(this.#at(index), meta);
  }

  async drain(): Promise<void> {
    this.calls.push("drain");
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }

  #at(index: number): FlowEvent {
    const event = this.events[index];
    if (event === undefined) throw new Error(`no event number ${index}`);
    return event;
  }
}
