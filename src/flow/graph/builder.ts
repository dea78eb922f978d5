/** Builds a graph from names; every fault in it is found here, before anything moves. */

import type { Operator } from "../operator/operator.ts";
import { Graph } from "./graph.ts";
import { GraphError } from "./grapherror.ts";
import type { Plan, PlanLink, PlanNode } from "./plan.ts";
import { ERR } from "./portname.ts";
import { Topology } from "./topology.ts";
import { warningsOf } from "./warnings.ts";

/** One port of one node. The input `in` has any output port, an output `out/<port>` has any input port. */
export interface PortRef {
  /** The name of an operator, `in`, or `out/<port>`. */
  readonly node: string;
  /** The name of one of its ports. */
  readonly port: string;
}

/** Takes nodes and links by name, in any order; `build` checks them all. */
export class GraphBuilder {
  readonly #nodes: PlanNode[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #links: { from: PortRef; to: PortRef }[] = [];

  /** Throws a GraphError when the name is taken. An operator is in one graph only. */
  addOperator(name: string, operator: Operator): void {
    this.#add({ kind: "operator", name, operator });
  }

  /** Where events enter; the name of the node is that of the port. Every graph has one. */
  addInput(port: "in"): void {
    this.#add({ kind: "input", name: port });
  }

  /** Where events leave: the node `out/<port>`. `out/err` is there without being added. */
  addOutput(port: string): void {
    this.#add({ kind: "output", name: `out/${port}`, port });
  }

  /** Nodes may be added later. Events are delivered in the order of the links. */
  link(from: PortRef, to: PortRef): void {
    this.#links.push({ from, to });
  }

  /** Throws a GraphError that names the nodes: no input, an unknown node or port, a link made twice, a cycle. */
  build(): Graph {
    if (!this.#numbers.has("in")) throw new GraphError("the graph has no input", []);
    if (!this.#numbers.has(`out/${ERR}`)) this.addOutput(ERR);
    const links = this.#links.map(({ from, to }) => this.#resolve(from, to));
    refuseTwins(links, this.#nodes);
    const topology = new Topology(this.#nodes.length, links);
    refuseCycle(topology.cycle, this.#nodes);
    const plan: Plan = { nodes: [...this.#nodes], links, topology };
    return new Graph(plan, warningsOf(plan));
  }

  #add(node: PlanNode): void {
    if (this.#numbers.has(node.name)) throw new GraphError(`"${node.name}" is defined twice`, [node.name]);
    this.#numbers.set(node.name, this.#nodes.length);
    this.#nodes.push(node);
  }

  #resolve(from: PortRef, to: PortRef): PlanLink {
    return {
      from: this.#find(from, "outputs"),
      fromPort: from.port,
      to: this.#find(to, "inputs"),
      toPort: to.port,
    };
  }

  #find(ref: PortRef, side: "inputs" | "outputs"): number {
    const number = this.#numbers.get(ref.node);
    const node = number === undefined ? undefined : this.#nodes[number];
    if (number === undefined || node === undefined) {
      throw new GraphError(`"${ref.node}" is not defined; there are: ${listed([...this.#numbers.keys()])}`, [
        ref.node,
      ]);
    }
    refusePort(node, ref.port, side);
    return number;
  }
}

function refusePort(node: PlanNode, port: string, side: "inputs" | "outputs"): void {
  const fault =
    node.kind === "operator"
      ? unknownPort(node.operator[side], port, side)
      : node.kind === (side === "inputs" ? "input" : "output") && `has no ${side}`;
  if (fault !== false) throw new GraphError(`"${node.name}" ${fault}`, [node.name]);
}

function unknownPort(ports: readonly string[], port: string, side: "inputs" | "outputs"): string | false {
  const kind = side === "inputs" ? "input" : "output";
  return !ports.includes(port) && `has no ${kind} port "${port}"; there are: ${listed(ports)}`;
}

/** The same link twice would deliver every event twice. */
function refuseTwins(links: readonly PlanLink[], nodes: readonly PlanNode[]): void {
  const seen = new Set<string>();
  for (const link of links) {
    const names = [nodes[link.from]?.name ?? "", nodes[link.to]?.name ?? ""];
    const key = JSON.stringify(link);
    if (seen.has(key)) {
      throw new GraphError(`"${names[0]}/${link.fromPort}" is linked twice to "${names[1]}"`, names);
    }
    seen.add(key);
  }
}

function refuseCycle(cycle: readonly number[], nodes: readonly PlanNode[]): void {
  if (cycle.length === 0) return;
  const names = cycle.map((number) => nodes[number]?.name ?? "");
  throw new GraphError(`events would run in a circle: ${[...names, names[0]].join(" → ")}`, names);
}

function listed(names: readonly string[]): string {
  return names.join(", ");
}
