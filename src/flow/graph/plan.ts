/** What a graph is made of, once the names are resolved. Nodes are numbered by their place in `nodes`. */
import type { Operator } from "../operator/operator.ts";
import type { Topology } from "./topology.ts";

/** A node by kind: where events enter, what they pass, where they leave. */
export type PlanNode =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "operator"; readonly name: string; readonly operator: Operator }
  | { readonly kind: "output"; readonly name: string; readonly port: string };

/** From an output port of one node to an input port of another. */
export interface PlanLink {
  readonly from: number;
  readonly fromPort: string;
  readonly to: number;
  readonly toPort: string;
}

/** A checked plan: every link has both ends, and `topology` has no cycle. */
export interface Plan {
  readonly nodes: readonly PlanNode[];
  /** In the order in which they were made: events are delivered in it. */
  readonly links: readonly PlanLink[];
  readonly topology: Topology;
}

/** The links that leave `node`, or one port of it. */
export function linksFrom(plan: Pick<Plan, "links">, node: number, port?: string): readonly PlanLink[] {
  return plan.links.filter((link) => link.from === node && (port === undefined || link.fromPort === port));
}
