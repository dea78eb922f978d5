/** Builds a graph from names; every fault in it is found here, before anything moves. */

import { GraphError, type GraphLink, type PortRef } from "../protocol/graph-error.ts";
import type { Operator } from "../protocol/operator.ts";
import { ERR } from "../protocol/port-name.ts";
import { Graph } from "./graph.ts";
import type { CheckedPlan, OperatorPorts, PlanLink, PlanNode } from "./plan.ts";
import { Topology } from "./topology.ts";
import { warningsOf } from "./warnings.ts";

export type { PortRef } from "../protocol/graph-error.ts";

/** Takes nodes and links by name, in any order; `check` and `build` check them all. */
export class GraphBuilder<Ports extends OperatorPorts = Operator> {
  readonly #nodes: PlanNode<Ports>[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #links: GraphLink[] = [];

  /** Throws a GraphError when the name is taken. An operator is in one graph only. */
  addOperator(name: string, operator: Ports): void {
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

  /** The graph. Throws as `check` does. */
  build(this: GraphBuilder<Operator>): Graph {
    const plan = this.check();
    return new Graph(
      plan,
      plan.warnings.map(({ message }) => message),
    );
  }

  /** The plan of a graph. Throws a GraphError with nodes and links: no input, an unknown node or port, a link made twice, a cycle. */
  check(): CheckedPlan<Ports> {
    if (!this.#numbers.has("in")) throw new GraphError("the graph has no input", []);
    if (!this.#numbers.has(`out/${ERR}`)) this.addOutput(ERR);
    const links = this.#links.map(({ from, to }) => this.#resolve(from, to));
    refuseTwins(this.#links);
    const topology = new Topology(this.#nodes.length, links);
    this.#refuseCycle(topology.cycle);
    const plan = { nodes: [...this.#nodes], links, topology };
    return { ...plan, warnings: warningsOf(plan) };
  }

  #refuseCycle(cycle: readonly number[]): void {
    if (cycle.length === 0) return;
    const names = cycle.map((number) => this.#nodes[number]?.name ?? "");
    const next = new Map(names.map((name, index) => [name, names[(index + 1) % names.length]]));
    const links = this.#links.filter(({ from, to }) => next.get(from.node) === to.node);
    throw new GraphError(`events would run in a circle: ${[...names, names[0]].join(" → ")}`, names, links);
  }

  #add(node: PlanNode<Ports>): void {
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

/**
 * A graph of a checked plan: nothing is checked again but the ports of the operators. Throws a GraphError where an operator
 * has other ports than the plan; what `create` and `connect` of an operator throw passes through.
 */
export function graphOfPlan<Ports extends OperatorPorts>(
  plan: CheckedPlan<Ports>,
  create: (ports: Ports) => Operator,
): Graph {
  const nodes = plan.nodes.map((node) => {
    if (node.kind !== "operator") return node;
    const operator = create(node.operator);
    refuseOtherPorts(node.name, operator, node.operator);
    return { ...node, operator };
  });
  return new Graph(
    { ...plan, nodes },
    plan.warnings.map(({ message }) => message),
  );
}

function refuseOtherPorts(name: string, operator: OperatorPorts, plan: OperatorPorts): void {
  for (const side of ["inputs", "outputs"] as const) {
    const missing = plan[side].find((port) => !operator[side].includes(port));
    if (missing === undefined) continue;
    throw new GraphError(
      `"${name}" ${unknownPort(operator[side], missing, side)}, though its definition says so`,
      [name],
    );
  }
}

function refusePort(node: PlanNode<OperatorPorts>, port: string, side: "inputs" | "outputs"): void {
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
function refuseTwins(links: readonly GraphLink[]): void {
  const seen = new Set<string>();
  for (const { from, to } of links) {
    const key = JSON.stringify([from.node, from.port, to.node, to.port]);
    if (seen.has(key)) {
      const message = `"${from.node}/${from.port}" is linked twice to "${to.node}"`;
      throw new GraphError(message, [from.node, to.node], [{ from, to }]);
    }
    seen.add(key);
  }
}

function listed(names: readonly string[]): string {
  return names.join(", ");
}
