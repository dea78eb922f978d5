/** One operator in its graph. */

import { FATE, FlowEvent, JOINED, type Meta, NO_SOURCE } from "../event.ts";
import type { Operator, OperatorContext, Output } from "../operator/operator.ts";
import type { Contraflow } from "./contraflow.ts";
import { GraphError } from "./grapherror.ts";
import type { Listener, Origin } from "./origin.ts";
import { Port, TurnAwayPort } from "./port.ts";
import { turnsAway } from "./portname.ts";

export class OperatorNode implements OperatorContext, Origin {
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
    return new FlowEvent(NO_SOURCE, 0, ingestMs, data, meta);
  }

  join(events: readonly FlowEvent[], ingestMs: number, data: unknown): FlowEvent {
    const joined = new FlowEvent(JOINED, 0, ingestMs, data);
    this.#contraflow.join(joined, events, this);
    return joined;
  }

  portsTowards(from: number): readonly string[] {
    return this.#portsTowards(from);
  }

  sinksOf(from: number): readonly number[] {
    return this.#sinksOf(from);
  }

  filter(event: FlowEvent): void {
    this.#contraflow.end(event, FATE.filtered, this);
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
