/** One sink in its graph: hands it events and takes its answers. */

import { DISPOSITION, type Disposition, type FlowEvent, type Meta } from "../protocol/event.ts";
import type { FlowClock } from "../protocol/flow-clock.ts";
import type { Sink, SinkContext } from "../protocol/source-and-sink.ts";
import type { BackPressureGate } from "./back-pressure-gate.ts";
import type { Contraflow } from "./contraflow.ts";
import type { Receiver } from "./port.ts";
import type { Listener, Sender } from "./sender.ts";

export interface SinkParts {
  readonly number: number;
  /** Node of the output that it is at. */
  readonly node: number;
  readonly sink: Sink;
  readonly listeners: readonly Listener[];
  /** How an event ends that it acks. */
  readonly disposition: Disposition;
  readonly contraflow: Contraflow;
  readonly clock: FlowClock;
  readonly gate: BackPressureGate;
}

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
  readonly #contraflow: Contraflow;
  readonly #clock: FlowClock;
  readonly #gate: BackPressureGate;

  constructor(parts: SinkParts) {
    this.number = parts.number;
    this.node = parts.node;
    this.sink = parts.sink;
    this.listeners = parts.listeners;
    this.#disposition = parts.disposition;
    this.#contraflow = parts.contraflow;
    this.#clock = parts.clock;
    this.#gate = parts.gate;
    this.#gate.watch(parts.sink);
  }

  receive(event: FlowEvent): void {
    // What a sink has failed before waits for the breaker that refuses it now.
    if (this.#disposition === DISPOSITION.overflow && this.#contraflow.waits(event, this)) return;
    this.handed++;
    this.sink.onEvent(event);
    if (this.sink.congested) this.#gate.fill();
  }

  now(): number {
    return this.#clock.now();
  }

  ack(event: FlowEvent, durationMs = Number.NaN): void {
    if (!event.answered) this.taken++;
    this.#contraflow.ack(event, this.#disposition, this, durationMs);
  }

  ackAll(events: readonly FlowEvent[], durationMs = Number.NaN): void {
    this.taken += this.#contraflow.ackAll(events, this.#disposition, this, durationMs);
  }

  failAll(events: readonly FlowEvent[], meta: Meta, durationMs = Number.NaN): void {
    this.#contraflow.failAll(events, this, durationMs, meta);
  }

  fail(event: FlowEvent, meta: Meta, durationMs = Number.NaN): void {
    this.#contraflow.fail(event, this, durationMs, meta);
  }

  reject(event: FlowEvent, meta: Meta): void {
    this.#contraflow.reject(event, this, meta);
  }

  drop(event: FlowEvent): void {
    this.#contraflow.end(event, DISPOSITION.dropped, this);
  }

  contraflow(kind: "trigger" | "restore"): void {
    this.triggered = kind === "trigger";
    this.#contraflow.travel(kind, this, this.#clock.now());
  }

  relieved(): void {
    this.#gate.look();
  }
}
