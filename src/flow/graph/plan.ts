/** The nodes and links of a graph, once the names are resolved. Nodes are numbered by their place in `nodes`. */
import type { Operator } from "../protocol/operator.ts";
import type { Topology } from "./topology.ts";

/** The part of an operator that a plan is checked by; the operator itself is created later, once for each graph. */
export type OperatorPorts = Pick<Operator, "inputs" | "outputs" | "sharesOut">;

/** A node by kind: where events enter, operators that they pass, where they leave. */
export type PlanNode<Ports extends OperatorPorts = Operator> =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "operator"; readonly name: string; readonly operator: Ports }
  | { readonly kind: "output"; readonly name: string; readonly port: string };

/** From an output port of one node to an input port of another. */
export interface PlanLink {
  readonly from: number;
  readonly fromPort: string;
  readonly to: number;
  readonly toPort: string;
}

/** A checked plan: every link has both ends, and `topology` has no cycle. */
export interface Plan<Ports extends OperatorPorts = Operator> {
  readonly nodes: readonly PlanNode<Ports>[];
  /** In the order in which they were made: events are delivered in it. */
  readonly links: readonly PlanLink[];
  readonly topology: Topology;
}

/** A doubt about a plan that can be built all the same. */
export interface GraphWarning {
  readonly kind: "no_output" | "not_reached" | "port_not_read";
  /** One sentence. */
  readonly message: string;
  /** Name of the node. */
  readonly node: string;
  /** Of `port_not_read`: the output port. */
  readonly port?: string;
}

/** A plan without errors. */
export interface CheckedPlan<Ports extends OperatorPorts = Operator> extends Plan<Ports> {
  /** In the order of the nodes. */
  readonly warnings: readonly GraphWarning[];
}

/** The links that leave `node`, or one port of it. */
export function linksFrom(
  plan: Pick<Plan<OperatorPorts>, "links">,
  node: number,
  port?: string,
): readonly PlanLink[] {
  return plan.links.filter((link) => link.from === node && (port === undefined || link.fromPort === port));
}
