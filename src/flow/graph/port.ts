/** How an event goes from one node to the next. */

import type { Fate, FlowEvent } from "../event.ts";
import type { Operator, Output } from "../operator/operator.ts";
import type { Contraflow } from "./contraflow.ts";
import type { Origin } from "./origin.ts";

/** The far end of a link. */
export interface Receiver {
  receive(event: FlowEvent): void;
}

/** One input port of an operator. */
export class OperatorInput implements Receiver {
  readonly #operator: Operator;
  readonly #port: string;

  constructor(operator: Operator, port: string) {
    this.#operator = operator;
    this.#port = port;
  }

  receive(event: FlowEvent): void {
    this.#operator.onEvent(event, this.#port);
  }
}

/** Where a port leads that nobody reads: the event is answered and counted. */
export class DeadEnd implements Receiver {
  readonly #contraflow: Contraflow;
  readonly #fate: Fate;
  readonly #origin: Origin;

  constructor(contraflow: Contraflow, fate: Fate, origin: Origin) {
    this.#contraflow = contraflow;
    this.#fate = fate;
    this.#origin = origin;
  }

  receive(event: FlowEvent): void {
    this.#contraflow.end(event, this.#fate, this.#origin);
  }
}

/**
 * One output port of one node. Its links are resolved once, at the start, so that an event costs no look-up.
 *
 * Every link but the last gets a copy, made while the original is still unanswered: answers that come at
 * once can never end the event before the last link has seen it.
 */
export class Port implements Output {
  // Led by the graph as soon as the port is made, before anything can be emitted.
  #last!: Receiver;
  #others: readonly Receiver[] = [];

  /** Where it leads from now on: one receiver for each link, in their order, or else the dead end. */
  lead(receivers: readonly Receiver[], deadEnd: Receiver): void {
    this.#last = receivers.at(-1) ?? deadEnd;
    this.#others = receivers.slice(0, -1);
  }

  emit(event: FlowEvent): void {
    const others = this.#others;
    for (let i = 0; i < others.length; i++) others[i]?.receive(event.copy());
    this.#last.receive(event);
  }
}

/**
 * The ports `overflow` and `err`: an event that leaves by them will not touch what lies ahead, so a breaker
 * that admitted it must neither count a success nor wait. Otherwise the file that takes refused events
 * would vouch for the endpoint that never saw them.
 */
export class TurnAwayPort implements Output {
  readonly port = new Port();
  readonly #contraflow: Contraflow;
  readonly #origin: Origin;

  constructor(contraflow: Contraflow, origin: Origin) {
    this.#contraflow = contraflow;
    this.#origin = origin;
  }

  emit(event: FlowEvent): void {
    this.#contraflow.release(event, this.#origin);
    this.port.emit(event);
  }
}
