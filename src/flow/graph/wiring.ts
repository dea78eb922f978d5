/** Makes live nodes of a plan, and, once the sinks are known, leads every port to its receivers. */

import { FATE, type Fate } from "../event.ts";
import type { Operator } from "../operator/operator.ts";
import type { Contraflow } from "./contraflow.ts";
import { OperatorNode } from "./operatornode.ts";
import type { Listener, Origin } from "./origin.ts";
import { linksFrom, type Plan, type PlanLink } from "./plan.ts";
import { DeadEnd, OperatorInput, Port, type Receiver } from "./port.ts";
import { ERR, fateAtDeadEnd, turnsAway } from "./portname.ts";
import type { SinkNode } from "./sinknode.ts";
import { Topology } from "./topology.ts";

/** The operators of a plan by the number of their node. */
export function operatorsOf(plan: Plan): Map<number, Operator> {
  const operators = new Map<number, Operator>();
  for (const [number, node] of plan.nodes.entries()) {
    if (node.kind === "operator") operators.set(number, node.operator);
  }
  return operators;
}

export class Wiring {
  /** In topological order. */
  readonly operators: readonly OperatorNode[];
  /** Where everything enters. */
  readonly input = new Port();
  /** Where malformed input goes. */
  readonly malformed = new Port();
  readonly #plan: Plan;
  readonly #contraflow: Contraflow;
  readonly #live: ReadonlyMap<number, Operator>;
  /** The links by which events are passed on. */
  readonly #carrying: Topology;
  /** The node of each sink, by its number. */
  readonly #places = new Map<number, number>();

  constructor(plan: Plan, live: ReadonlyMap<number, Operator>, contraflow: Contraflow) {
    this.#plan = plan;
    this.#live = live;
    this.#contraflow = contraflow;
    this.#carrying = new Topology(
      plan.nodes.length,
      plan.links.filter((link) => this.#carries(link)),
    );
    this.operators = plan.topology.order.flatMap((number) => {
      const operator = live.get(number);
      if (operator === undefined) return [];
      const name = plan.nodes[number]?.name ?? "";
      const listeners = this.listenersAt(number);
      const portsTowards = (from: number): readonly string[] => this.#portsTowards(number, from);
      const sinksOf = (from: number): readonly number[] => this.#sinksOf(from);
      return [
        new OperatorNode({ node: number, name, operator, listeners, contraflow, portsTowards, sinksOf }),
      ];
    });
  }

  /** The operators at or before a node that take insights, the nearest first. */
  listenersAt(node: number): readonly Listener[] {
    return this.#plan.topology
      .upstreamOf(node)
      .map((number) => this.#live.get(number))
      .filter(isListener);
  }

  /** Resolves every link. `input`, `malformed`: where everything enters, where malformed input goes. */
  lead(input: number, malformed: number, sinks: readonly SinkNode[]): void {
    for (const sink of sinks) this.#places.set(sink.number, sink.node);
    this.#leadPort(this.input, linksFrom(this.#plan, input), sinks, this.#originAt(input), "in");
    const end = this.#deadEnd(FATE.err, this.#originAt(malformed));
    this.malformed.lead(this.#receiversAt(malformed, ERR, sinks), end);
    for (const node of this.operators) {
      for (const [name, port] of node.ports) {
        this.#leadPort(port, linksFrom(this.#plan, node.node, name), sinks, node, name);
      }
    }
  }

  #portsTowards(node: number, from: number): readonly string[] {
    const target = this.#places.get(from) ?? from;
    const links = linksFrom(this.#plan, node).filter(
      (link) => this.#carries(link) && this.#carrying.downstreamOf(link.to).has(target),
    );
    return [...new Set(links.map(({ fromPort }) => fromPort))];
  }

  #sinksOf(from: number): readonly number[] {
    if (this.#places.has(from)) return [from];
    const reached = this.#carrying.downstreamOf(from);
    return [...this.#places].flatMap(([sink, place]) => (reached.has(place) ? [sink] : []));
  }

  /** Whether events that come in can leave by that link and still are those that were let through. */
  #carries({ from, fromPort }: PlanLink): boolean {
    return !turnsAway(fromPort) && this.#live.get(from)?.makes?.includes(fromPort) !== true;
  }

  #leadPort(
    port: Port,
    links: readonly PlanLink[],
    sinks: readonly SinkNode[],
    origin: Origin,
    name: string,
  ): void {
    const receivers = links.flatMap((link) => this.#receiversAt(link.to, link.toPort, sinks));
    port.lead(receivers, this.#deadEnd(fateAtDeadEnd(name), origin));
  }

  /** An output of the pipeline is no step of its own: its sinks are the receivers. */
  #receiversAt(node: number, port: string, sinks: readonly SinkNode[]): readonly Receiver[] {
    const operator = this.#live.get(node);
    if (operator !== undefined) return [new OperatorInput(operator, port)];
    const attached = sinks.filter((sink) => sink.node === node);
    if (attached.length > 0) return attached;
    const output = this.#plan.nodes[node];
    const fate = fateAtDeadEnd(output?.kind === "output" ? output.port : "");
    return [this.#deadEnd(fate, this.#originAt(node))];
  }

  #deadEnd(fate: Fate, origin: Origin): DeadEnd {
    return new DeadEnd(this.#contraflow, fate, origin);
  }

  #originAt(node: number): Origin {
    return { number: node, node, listeners: this.listenersAt(node) };
  }
}

function isListener(operator: Operator | undefined): operator is Listener {
  return operator?.onInsight !== undefined;
}
