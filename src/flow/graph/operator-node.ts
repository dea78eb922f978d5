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
import type { Contraflow } from "./contraflow.ts";
import { Port, TurnAwayPort } from "./port.ts";
import type { Listener, Sender } from "./sender.ts";

export class OperatorNode implements OperatorContext, Sender {
  readonly node: number;
  readonly number: number;
  readonly name: string;
  readonly operator: Operator;
  readonly listeners: readonly Listener[];
  /** Where each output port leads; filled by the graph when it starts. */
  readonly ports: ReadonlyMap<string, Port>;
  readonly #outputs = new Map<string, Output>();
  readonly #contraflow: Contraflow;
  readonly #portsTowards: (from: number) => readonly string[];
  readonly #sinksOf: (from: number) => readonly number[];

  constructor(parts: {
    node: number;
    name: string;
    operator: Operator;
    listeners: readonly Listener[];
    contraflow: Contraflow;
    portsTowards: (from: number) => readonly string[];
    sinksOf: (from: number) => readonly number[];
  }) {
    const { node, name, operator } = parts;
    this.node = node;
    this.number = node;
    this.name = name;
    this.operator = operator;
    this.listeners = parts.listeners;
    this.#contraflow = parts.contraflow;
    this.#portsTowards = parts.portsTowards;
    this.#sinksOf = parts.sinksOf;
    const ports = new Map<string, Port>();
    for (const port of operator.outputs) ports.set(port, this.#open(port));
    this.ports = ports;
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
    this.#contraflow.join(joined, events, this);
    return joined;
  }

  portsTowards(from: number): readonly string[] {
    return this.#portsTowards(from);
  }

  sinksOf(from: number): readonly number[] {
    return this.#sinksOf(from);
  }

  own(ingestMs: number, content: EventContent, onEnd: OnEnd): FlowEvent {
    const event = new FlowEvent(OWNED, 0, ingestMs, content);
    this.#contraflow.own(event, onEnd);
    return event;
  }

  store(event: FlowEvent): void {
    this.#contraflow.store(event, this);
  }

  recover(count: number): void {
    this.#contraflow.recover(count);
  }

  lose(count: number, reason: string): void {
    this.#contraflow.lose(count, reason);
  }

  filter(event: FlowEvent): void {
    this.#contraflow.end(event, DISPOSITION.filtered, this);
  }

  contraflow(kind: "trigger" | "restore", atMs: number): void {
    this.#contraflow.travel(kind, this, atMs);
  }

  #open(name: string): Port {
    if (turnsAway(name)) {
      const output = new TurnAwayPort(this.#contraflow, this);
      this.#outputs.set(name, output);
      return output.port;
    }
    const port = new Port();
    this.#outputs.set(name, port);
    return port;
  }
}
