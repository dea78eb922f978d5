/** Warnings about a graph that can be built all the same. */

import { ERR, OVERFLOW } from "../protocol/port-name.ts";
import { type GraphWarning, linksFrom, type OperatorPorts, type Plan, type PlanNode } from "./plan.ts";

type PortsPlan = Plan<OperatorPorts>;
type Node = PlanNode<OperatorPorts>;

/** In the order of the nodes. */
export function warningsOf(plan: PortsPlan): readonly GraphWarning[] {
  const reached = plan.topology.downstreamOf(plan.nodes.findIndex((node) => node.kind === "input"));
  return plan.nodes.flatMap((node, number) => {
    if (node.kind === "input") return inputWarnings(plan, node, reached);
    if (node.kind === "output") return outputWarnings(node, reached.has(number));
    return operatorWarnings(plan, node, number, reached.has(number));
  });
}

function inputWarnings(plan: PortsPlan, { name: node }: Node, reached: ReadonlySet<number>): GraphWarning[] {
  const leaves = [...reached].some((number) => plan.nodes[number]?.kind === "output");
  const message = `what enters "${node}" reaches no output: every event ends inside the pipeline`;
  return leaves ? [] : [{ kind: "no_output", message, node }];
}

/** Nothing has to lead to `out/err`: malformed input goes there by itself. */
function outputWarnings({ name: node, port }: Node & { kind: "output" }, isReached: boolean): GraphWarning[] {
  if (isReached || port === ERR) return [];
  return [{ kind: "not_reached", message: `nothing leads to "${node}"`, node }];
}

function operatorWarnings(
  plan: PortsPlan,
  { name: node, operator }: Node & { kind: "operator" },
  number: number,
  isReached: boolean,
): GraphWarning[] {
  if (!isReached) {
    const message = `"${node}" gets no events: nothing leads to it from an input`;
    return [{ kind: "not_reached", message, node }];
  }
  return operator.outputs
    .filter(
      (port, index) =>
        (operator.sharesOut || mattersUnread(port, index)) && linksFrom(plan, number, port).length === 0,
    )
    .map((port) => {
      const message = `"${node}/${port}" leads nowhere: its events are ${dispositionWord(port)}`;
      return { kind: "port_not_read", message, node, port };
    });
}

/** An unread `err` is no news, the accounting counts it; other ports beside the first one are extras, such as `cb`. */
function mattersUnread(port: string, index: number): boolean {
  return port === OVERFLOW || (index === 0 && port !== ERR);
}

function dispositionWord(port: string): string {
  return port === OVERFLOW ? "counted as overflow and gone" : "dropped";
}
