/** Limits the number of events that can come of one: every `select` that reads a port gets a copy. */
import { linksFrom } from "../../flow/graph/plan.ts";
import { TrickleError } from "../syntax/diagnostic.ts";
import type { SourceText } from "../syntax/source-text.ts";
import type { Edge } from "./edges.ts";
import type { BlueprintPlan } from "./graph-validation.ts";

/**
 * Most events that may come of one, if every `where` lets it pass. A stream that two selects read and lead to the next
 * stream doubles its events: forty such streams keep a machine busy for days, with a single event.
 */
export const MAXIMUM_FAN_OUT = 1_000_000;

/** Throws a TrickleError where one event could become too many. */
export function limitFanOut(plan: BlueprintPlan, edges: readonly Edge[], source: SourceText): void {
  const fanOut = new Map<number, number>();
  for (const number of plan.topology.order.toReversed()) {
    const most = mostEvents(plan, number, fanOut);
    if (most > MAXIMUM_FAN_OUT) throw tooMany(plan.nodes[number]?.name ?? "", edges, source);
    fanOut.set(number, most);
  }
}

/** An event leaves a node by one of its ports, and goes along every link of this port. */
function mostEvents(plan: BlueprintPlan, node: number, fanOut: ReadonlyMap<number, number>): number {
  const sums = new Map<string, number>();
  for (const { fromPort, to } of linksFrom(plan, node)) {
    sums.set(fromPort, (sums.get(fromPort) ?? 0) + (fanOut.get(to) ?? 1));
  }
  return Math.max(1, ...sums.values());
}

/** At the last select that reads the node; the node of a select has one link, and so never exceeds the limit first. */
function tooMany(name: string, edges: readonly Edge[], source: SourceText): TrickleError {
  const at = edges.findLast(({ from }) => from.node === name)?.statement.at ?? { start: 0, end: 0 };
  const message = `one event in \`${name}\` could become more than ${MAXIMUM_FAN_OUT} events`;
  return new TrickleError(source, at, message, { hint: "let fewer selects read the same stream" });
}
