/** What looks wrong in a graph that can be built all the same. */
import { linksFrom, type Plan, type PlanNode } from "./plan.ts";
import { ERR, OVERFLOW } from "./portname.ts";

/** One sentence for each fault, with the names of the nodes; in the order of the nodes. */
export function warningsOf(plan: Plan): readonly string[] {
  const reached = plan.topology.downstreamOf(plan.nodes.findIndex((node) => node.kind === "input"));
  return plan.nodes.flatMap((node, number) => {
    if (node.kind === "input") return inputWarnings(plan, node, reached);
    if (node.kind === "output") return outputWarnings(node, reached.has(number));
    return operatorWarnings(plan, node, number, reached.has(number));
  });
}

function inputWarnings(plan: Plan, node: PlanNode, reached: ReadonlySet<number>): string[] {
  const leaves = [...reached].some((number) => plan.nodes[number]?.kind === "output");
  return leaves ? [] : [`what enters "${node.name}" reaches no output: every event ends inside the pipeline`];
}

/** Nothing has to lead to `out/err`: malformed input goes there by itself. */
function outputWarnings(node: PlanNode & { kind: "output" }, isReached: boolean): string[] {
  return isReached || node.port === ERR ? [] : [`nothing leads to "${node.name}"`];
}

function operatorWarnings(
  plan: Plan,
  node: PlanNode & { kind: "operator" },
  number: number,
  isReached: boolean,
): string[] {
  if (!isReached) return [`"${node.name}" gets no events: nothing leads to it from an input`];
  return node.operator.outputs
    .filter(
      (port, index) =>
        (node.operator.sharesOut || mattersUnread(port, index)) && linksFrom(plan, number, port).length === 0,
    )
    .map((port) => `"${node.name}/${port}" leads nowhere: its events are ${fateWord(port)}`);
}

/** An unread `err` is no news, the ledger counts it; other ports beside the first one are extras, such as `cb`. */
function mattersUnread(port: string, index: number): boolean {
  return port === OVERFLOW || (index === 0 && port !== ERR);
}

function fateWord(port: string): string {
  return port === OVERFLOW ? "counted as overflow and gone" : "dropped";
}
