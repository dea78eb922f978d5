/** Builds a graph from names and finds every fault in it, before any event moves. */

import { GraphError, type GraphFault, type GraphLink, type PortRef } from "../protocol/graph-error.ts";
import type { Operator } from "../protocol/operator.ts";
import { ERR } from "../protocol/port-name.ts";
import { Graph } from "./graph.ts";
import type { CheckedPlan, OperatorPorts, PlanLink, PlanNode } from "./plan.ts";
import { Topology } from "./topology.ts";
import { warningsOf } from "./warnings.ts";

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
    return new Graph(this.check());
  }

  /**
   * The plan of a graph.
   *
   * @throws GraphError with all `faults` at once: no input, unknown nodes and ports, links made twice, and a cycle of links that
   * have both ends
   * @internal
   */
  check(): CheckedPlan<Ports> {
    const faults: GraphFault[] = [];
    if (!this.#numbers.has("in")) faults.push(faultOf("the graph has no input"));
    if (!this.#numbers.has(`out/${ERR}`)) this.addOutput(ERR);
    const links = this.#resolveAll(faults);
    findTwins(this.#links, faults);
    const topology = new Topology(this.#nodes.length, links);
    this.#findCycle(topology.cycle, links, faults);
    const [first, ...further] = faults;
    if (first !== undefined) throw new GraphError(first.message, first.nodes, first.links, further);
    const plan = { nodes: [...this.#nodes], links, topology };
    return { ...plan, warnings: warningsOf(plan) };
  }

  #findCycle(cycle: readonly number[], links: readonly PlanLink[], faults: GraphFault[]): void {
    if (cycle.length === 0) return;
    const nameOf = (number: number | undefined): string => this.#nodes[number ?? -1]?.name ?? "";
    const names = cycle.map(nameOf);
    const next = new Map(cycle.map((number, index) => [number, cycle[(index + 1) % cycle.length]]));
    const ofCycle = links.filter(({ from, to }) => next.get(from) === to);
    const shown = ofCycle.map(({ from, fromPort, to, toPort }) => ({
      from: { node: nameOf(from), port: fromPort },
      to: { node: nameOf(to), port: toPort },
    }));
    faults.push(faultOf(`events would run in a circle: ${[...names, names[0]].join(" → ")}`, names, shown));
  }

  #add(node: PlanNode<Ports>): void {
    if (this.#numbers.has(node.name)) throw new GraphError(`"${node.name}" is defined twice`, [node.name]);
    this.#numbers.set(node.name, this.#nodes.length);
    this.#nodes.push(node);
  }

  /** The links that have both ends. */
  #resolveAll(faults: GraphFault[]): PlanLink[] {
    return this.#links.flatMap((link) => {
      const { from, to } = link;
      const ends = [this.#find(from, "outputs"), this.#find(to, "inputs")] as const;
      for (const end of ends) {
        if (typeof end !== "number") faults.push(faultOf(end.message, end.nodes, [link]));
      }
      const [source, target] = ends;
      if (typeof source !== "number" || typeof target !== "number") return [];
      return [{ from: source, fromPort: from.port, to: target, toPort: to.port }];
    });
  }

  /** The number of the node, or the fault of that end of a link. */
  #find({ node: name, port }: PortRef, side: "inputs" | "outputs"): number | GraphFault {
    const number = this.#numbers.get(name);
    const node = number === undefined ? undefined : this.#nodes[number];
    if (number === undefined || node === undefined) {
      return faultOf(`"${name}" is not defined; there are: ${listed([...this.#numbers.keys()])}`, [name]);
    }
    const fault = portFault(node, port, side);
    return fault === undefined ? number : faultOf(`"${name}" ${fault}`, [name]);
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
  return new Graph({ ...plan, nodes });
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

function faultOf(
  message: string,
  nodes: readonly string[] = [],
  links: readonly GraphLink[] = [],
): GraphFault {
  return { message, nodes, links };
}

function portFault(
  node: PlanNode<OperatorPorts>,
  port: string,
  side: "inputs" | "outputs",
): string | undefined {
  if (node.kind === "operator") return unknownPort(node.operator[side], port, side);
  return node.kind === (side === "inputs" ? "input" : "output") ? `has no ${side}` : undefined;
}

function unknownPort(ports: readonly string[], port: string, side: "inputs" | "outputs"): string | undefined {
  if (ports.includes(port)) return undefined;
  return `has no ${side === "inputs" ? "input" : "output"} port "${port}"; there are: ${listed(ports)}`;
}

/** The same link twice would deliver every event twice. */
function findTwins(links: readonly GraphLink[], faults: GraphFault[]): void {
  const seen = new Set<string>();
  for (const link of links) {
    const { from, to } = link;
    const key = JSON.stringify([from.node, from.port, to.node, to.port]);
    if (seen.has(key)) {
      const message = `"${from.node}/${from.port}" is linked twice to "${to.node}"`;
      faults.push(faultOf(message, [from.node, to.node], [link]));
    }
    seen.add(key);
  }
}

function listed(names: readonly string[]): string {
  return names.join(", ");
}
