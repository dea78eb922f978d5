/** One sink in its graph: hands it events and takes its answers. */

import { DISPOSITION, type Disposition, type FlowEvent, type Meta } from "../protocol/event.ts";
import type { Sink, SinkContext } from "../protocol/source-and-sink.ts";
import type { GraphCore } from "./graph-core.ts";
import type { Receiver } from "./port.ts";
import type { Listener, Sender } from "./sender.ts";

export class SinkNode implements SinkContext, Receiver, Sender {
  readonly number: number;
  readonly node: number;
  readonly sink: Sink;
  readonly listeners: readonly Listener[];
  /** Events handed over so far. */
  handed = 0;
  /** Events that it has taken so far: acked. */
  taken = 0;
  /** It has sent a trigger and no restore since. */
  triggered = false;
  readonly #disposition: Disposition;
  readonly #graph: GraphCore;

  /**
   * @param node of the output that it is at
   * @param disposition how an event ends that it acks
   */
  constructor(
    number: number,
    node: number,
    sink: Sink,
    listeners: readonly Listener[],
    disposition: Disposition,
    graph: GraphCore,
  ) {
    this.number = number;
    this.node = node;
    this.sink = sink;
    this.listeners = listeners;
    this.#disposition = disposition;
    this.#graph = graph;
    graph.gate.addSink(sink);
  }

  receive(event: FlowEvent): void {
    // An event that a sink has failed before waits for the breaker that refuses it now.
    if (this.#disposition === DISPOSITION.overflow && this.#graph.answers.waits(event, this)) return;
    this.handed++;
    this.sink.onEvent(event);
    if (this.sink.congested) this.#graph.gate.markFull();
  }

  now(): number {
    return this.#graph.clock.now();
  }

  ack(event: FlowEvent, durationMs = Number.NaN): void {
    if (!event.answered) this.taken++;
    this.#graph.answers.ack(event, this.#disposition, this, durationMs);
  }

  ackAll(events: readonly FlowEvent[], durationMs = Number.NaN): void {
    this.taken += this.#graph.answers.ackAll(events, this.#disposition, this, durationMs);
  }

  fail(event: FlowEvent, meta: Meta, durationMs = Number.NaN): void {
    this.#graph.answers.fail(event, this, durationMs, meta);
  }

  failAll(events: readonly FlowEvent[], meta: Meta, durationMs = Number.NaN): void {
    this.#graph.answers.failAll(events, this, durationMs, meta);
  }

  reject(event: FlowEvent, meta: Meta): void {
    this.#graph.answers.reject(event, this, meta);
  }

  drop(event: FlowEvent): void {
    this.#graph.answers.end(event, DISPOSITION.dropped, this);
  }

  contraflow(kind: "trigger" | "restore"): void {
    this.triggered = kind === "trigger";
    this.#graph.propagation.propagate(kind, this, this.#graph.clock.now());
  }

  relieved(): void {
    this.#graph.gate.recheck();
  }
}
