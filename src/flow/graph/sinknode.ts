/** One sink in its graph: hands it events and takes its answers. */

import type { Sink, SinkContext } from "../ends.ts";
import { FATE, type Fate, type FlowEvent, type Meta } from "../event.ts";
import type { Brake } from "../operator/brake.ts";
import type { FlowClock } from "../run/clock.ts";
import type { Contraflow } from "./contraflow.ts";
import type { Listener, Origin } from "./origin.ts";
import type { Receiver } from "./port.ts";

export interface SinkParts {
  readonly number: number;
  /** Node of the output that it is at. */
  readonly node: number;
  readonly sink: Sink;
  readonly listeners: readonly Listener[];
  /** How an event ends that it acks. */
  readonly fate: Fate;
  readonly contraflow: Contraflow;
  readonly clock: FlowClock;
  readonly brake: Brake;
}

export class SinkNode implements SinkContext, Receiver, Origin {
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
  readonly #fate: Fate;
  readonly #contraflow: Contraflow;
  readonly #clock: FlowClock;
  readonly #brake: Brake;

  constructor(parts: SinkParts) {
    this.number = parts.number;
    this.node = parts.node;
    this.sink = parts.sink;
    this.listeners = parts.listeners;
    this.#fate = parts.fate;
    this.#contraflow = parts.contraflow;
    this.#clock = parts.clock;
    this.#brake = parts.brake;
    this.#brake.watch(parts.sink);
  }

  receive(event: FlowEvent): void {
    // What a sink has failed before waits for the breaker that refuses it now.
    if (this.#fate === FATE.overflow && this.#contraflow.waits(event, this)) return;
    this.handed++;
    this.sink.onEvent(event);
    if (this.sink.congested) this.#brake.fill();
  }

  now(): number {
    return this.#clock.now();
  }

  ack(event: FlowEvent, durationMs = Number.NaN): void {
    if (!event.answered) this.taken++;
    this.#contraflow.ack(event, this.#fate, this, durationMs);
  }

  fail(event: FlowEvent, meta: Meta, durationMs = Number.NaN): void {
    this.#contraflow.fail(event, this, durationMs, meta);
  }

  reject(event: FlowEvent, meta: Meta): void {
    this.#contraflow.reject(event, this, meta);
  }

  drop(event: FlowEvent): void {
    this.#contraflow.end(event, FATE.dropped, this);
  }

  contraflow(kind: "trigger" | "restore"): void {
    this.triggered = kind === "trigger";
    this.#contraflow.travel(kind, this, this.#clock.now());
  }

  relieved(): void {
    this.#brake.look();
  }
}
