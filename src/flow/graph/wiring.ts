/** Makes nodes of a plan, and, once the sinks are known, connects every port to its receivers. */

import { DISPOSITION, type Disposition } from "../protocol/event.ts";
import type { Operator } from "../protocol/operator.ts";
import { dispositionAtDeadEnd, ERR } from "../protocol/port-name.ts";
import type { GraphCore } from "./graph-core.ts";
import { OperatorNode } from "./operator-node.ts";
import { linksFrom, type PlanLink } from "./plan.ts";
import { DeadEnd, OperatorInput, Port, type Receiver } from "./port.ts";
import type { Listener, Sender } from "./sender.ts";
import type { SinkNode } from "./sink-node.ts";

export class Wiring {
  /** In topological order. */
  readonly operators: readonly OperatorNode[];
  /** Where everything enters. */
  readonly input = new Port();
  /** Where malformed input goes. */
  readonly malformed = new Port();
  readonly #graph: GraphCore;

  constructor(graph: GraphCore) {
    const { plan, operators } = graph;
    this.#graph = graph;
    this.operators = plan.topology.order.flatMap((number) => {
      const operator = operators.get(number);
      if (operator === undefined) return [];
      const name = plan.nodes[number]?.name ?? "";
      return [new OperatorNode(number, name, operator, this.listenersAt(number), graph)];
    });
  }

  /** The operators at or before a node that take insights, the nearest first. */
  listenersAt(node: number): readonly Listener[] {
    return this.#graph.plan.topology
      .upstreamOf(node)
      .map((number) => this.#graph.operators.get(number))
      .filter(isListener);
  }

  /** Resolves every link. */
  connect(sinks: readonly SinkNode[]): void {
    const { plan, input, malformed } = this.#graph;
    this.#connectPort(this.input, linksFrom(plan, input), sinks, this.#senderAt(input), "in");
    const end = this.#deadEnd(DISPOSITION.err, this.#senderAt(malformed));
    this.malformed.connect(this.#receiversAt(malformed, ERR, sinks), end);
    for (const node of this.operators) {
      for (const [name, port] of node.ports) {
        this.#connectPort(port, linksFrom(plan, node.node, name), sinks, node, name);
      }
    }
  }

  #connectPort(
    port: Port,
    links: readonly PlanLink[],
    sinks: readonly SinkNode[],
    sender: Sender,
    name: string,
  ): void {
    const receivers = links.flatMap((link) => this.#receiversAt(link.to, link.toPort, sinks));
    port.connect(receivers, this.#deadEnd(dispositionAtDeadEnd(name), sender));
  }

  /** An output of the pipeline is no step of its own: its sinks are the receivers. */
  #receiversAt(node: number, port: string, sinks: readonly SinkNode[]): readonly Receiver[] {
    const operator = this.#graph.operators.get(node);
    if (operator !== undefined) return [new OperatorInput(operator, port)];
    const attached = sinks.filter((sink) => sink.node === node);
    if (attached.length > 0) return attached;
    const output = this.#graph.plan.nodes[node];
    const disposition = dispositionAtDeadEnd(output?.kind === "output" ? output.port : "");
    return [this.#deadEnd(disposition, this.#senderAt(node))];
  }

  #deadEnd(disposition: Disposition, sender: Sender): DeadEnd {
    return new DeadEnd(this.#graph.answers, disposition, sender);
  }

  #senderAt(node: number): Sender {
    return { number: node, node, listeners: this.listenersAt(node) };
  }
}

function isListener(operator: Operator | undefined): operator is Listener {
  return operator?.onInsight !== undefined;
}
