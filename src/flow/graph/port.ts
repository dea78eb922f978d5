/** How an event goes from one node to the next. */

import type { Disposition, FlowEvent } from "../protocol/event.ts";
import type { Operator, Output } from "../protocol/operator.ts";
import type { Answers } from "./answers.ts";
import type { Sender } from "./sender.ts";

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

/** The end of a port without links: the event is answered and counted. */
export class DeadEnd implements Receiver {
  readonly #answers: Answers;
  readonly #disposition: Disposition;
  readonly #sender: Sender;

  constructor(answers: Answers, disposition: Disposition, sender: Sender) {
    this.#answers = answers;
    this.#disposition = disposition;
    this.#sender = sender;
  }

  receive(event: FlowEvent): void {
    this.#answers.end(event, this.#disposition, this.#sender);
  }
}

/**
 * One output port of one node. Its links are resolved once, at the start, so that an event costs no look-up.
 *
 * Every link but the last gets a copy, made while the original is still unanswered: answers that come at
 * once can never end the event before the last link has seen it.
 */
export class Port implements Output {
  // Connected by the graph as soon as the port is made, before anything can be emitted.
  #last!: Receiver;
  #others: readonly Receiver[] = [];

  /** Where it leads from now on: one receiver for each link, in their order, or else the dead end. */
  connect(receivers: readonly Receiver[], deadEnd: Receiver): void {
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
 * that admitted it must neither count a success nor wait. Otherwise the ack of the file for
 * refused events would count as a success of the endpoint.
 */
export class TurnAwayPort implements Output {
  readonly port = new Port();
  readonly #answers: Answers;
  readonly #sender: Sender;

  constructor(answers: Answers, sender: Sender) {
    this.#answers = answers;
    this.#sender = sender;
  }

  emit(event: FlowEvent): void {
    this.#answers.release(event, this.#sender);
    this.port.emit(event);
  }
}
