/** One operator in its graph. */
import type { Contraflow, Listener, Origin } from "./contraflow.ts";
import { FATE, FlowEvent, type Meta, NO_SOURCE } from "./event.ts";
import { GraphError } from "./grapherror.ts";
import type { Operator, OperatorContext, Output } from "./operator.ts";
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

  constructor(
    node: number,
    name: string,
    operator: Operator,
    listeners: readonly Listener[],
    contraflow: Contraflow,
  ) {
    this.node = node;
    this.number = node;
    this.name = name;
    this.operator = operator;
    this.listeners = listeners;
    this.#contraflow = contraflow;
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
