/** One operator in its graph. */

import {
  DISPOSITION,
  type EventContent,
  FlowEvent,
  JOINED,
  type Meta,
  NO_SOURCE,
  OWNED,
} from "../protocol/event.ts";
import { GraphError } from "../protocol/graph-error.ts";
import type { OnEnd, Operator, OperatorContext, Output } from "../protocol/operator.ts";
import { turnsAway } from "../protocol/port-name.ts";
import type { GraphCore } from "./graph-core.ts";
import { Port, TurnAwayPort } from "./port.ts";
import type { Listener, Sender } from "./sender.ts";

export class OperatorNode implements OperatorContext, Sender {
  readonly node: number;
  readonly number: number;
  readonly name: string;
  readonly operator: Operator;
  readonly listeners: readonly Listener[];
  /** Where each output port leads; connected by the graph when it starts. */
  readonly ports: ReadonlyMap<string, Port>;
  readonly #outputs = new Map<string, Output>();
  readonly #graph: GraphCore;

  constructor(
    node: number,
    name: string,
    operator: Operator,
    listeners: readonly Listener[],
    graph: GraphCore,
  ) {
    this.node = node;
    this.number = node;
    this.name = name;
    this.operator = operator;
    this.listeners = listeners;
    this.#graph = graph;
    this.ports = new Map(operator.outputs.map((port) => [port, this.#open(port)]));
  }

  /** Connects the operator. What it throws passes through; a GraphError names the node first. */
  connect(): void {
    try {
      this.operator.connect(this);
    } catch (error) {
      throw error instanceof GraphError ? new GraphError(error.message, [this.name, ...error.nodes]) : error;
    }
  }

  output(port: string): Output {
    const output = this.#outputs.get(port);
    if (output === undefined) throw new GraphError(`${this.name} has no output port "${port}"`, [this.name]);
    return output;
  }

  event(ingestMs: number, data: unknown, meta?: Meta): FlowEvent {
    return new FlowEvent(NO_SOURCE, 0, ingestMs, { data, meta });
  }

  join(events: readonly FlowEvent[], ingestMs: number, content: EventContent): FlowEvent {
    const joined = new FlowEvent(JOINED, 0, ingestMs, content);
    this.#graph.answers.join(joined, events, this);
    return joined;
  }

  portsTowards(from: number): readonly string[] {
    return this.#graph.reach.portsTowards(this.node, from);
  }

  sinksOf(from: number): readonly number[] {
    return this.#graph.reach.sinksOf(from);
  }

  own(ingestMs: number, content: EventContent, onEnd: OnEnd): FlowEvent {
    const event = new FlowEvent(OWNED, 0, ingestMs, content);
    this.#graph.ends.own(event, onEnd);
    return event;
  }

  store(event: FlowEvent): void {
    this.#graph.answers.store(event, this);
  }

  recover(count: number): void {
    this.#graph.counts.recover(count);
  }

  lose(count: number, reason: string): void {
    this.#graph.counts.lose(count);
    this.#graph.ends.undelivered.reasons.add({ error: reason }, count);
  }

  filter(event: FlowEvent): void {
    this.#graph.answers.end(event, DISPOSITION.filtered, this);
  }

  contraflow(kind: "trigger" | "restore", atMs: number): void {
    this.#graph.propagation.propagate(kind, this, atMs);
  }

  #open(name: string): Port {
    if (turnsAway(name)) {
      const output = new TurnAwayPort(this.#graph.answers, this);
      this.#outputs.set(name, output);
      return output.port;
    }
    const port = new Port();
    this.#outputs.set(name, port);
    return port;
  }
}
